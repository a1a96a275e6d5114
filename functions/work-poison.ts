import { app, type InvocationContext } from '@azure/functions';
import { settlementOf } from '../shared/app/delivery/disposition.ts';
import { withLogSink } from '../shared/log.ts';
import { type Services, services } from '../shared/services.ts';
import { InvalidMessageError, parseWorkMessage, toMessageText } from '../shared/storage/queues/messages.ts';
import { parseReceipt } from '../shared/storage/queues/receipt.ts';
import { settle } from '../shared/storage/queues/settle.ts';

/** Takes what the platform gave up on: tries it once more, then keeps it for an operator. */
export const workPoisonWith =
  ({ service, putBack }: Pick<Services, 'service' | 'putBack'>) =>
  (received: unknown, context: InvocationContext): Promise<void> =>
    withLogSink(context, async () => {
      const body = toMessageText(received);
      try {
        const message = parseWorkMessage(received);
        const receipt = parseReceipt(context.triggerMetadata);
        const disposition = await service.doPoisonedWork({
          message,
          body,
          dequeueCount: receipt.dequeueCount,
        });
        await settle(putBack.workPoison, { ...receipt, body: message }, settlementOf(disposition));
      } catch (error) {
        if (!(error instanceof InvalidMessageError)) throw error;
        await service.keepPoisoned({ queue: 'work', body, reason: error.message });
      }
    });

app.storageQueue('work-poison', {
  queueName: services.queueNames.workPoison,
  connection: 'AzureWebJobsStorage',
  handler: workPoisonWith(services),
});
