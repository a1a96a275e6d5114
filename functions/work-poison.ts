import { app, type InvocationContext } from '@azure/functions';
import { withLogSink } from '../shared/log.ts';
import { type Services, services } from '../shared/services.ts';
import { InvalidMessageError, parseWorkMessage, toMessageText } from '../shared/storage/queues/messages.ts';
import { parseReceipt } from '../shared/storage/queues/receipt.ts';
import { settle } from '../shared/storage/queues/settle.ts';

/** What the platform gave up on is tried once more, then kept for an operator. */
export const workPoisonWith =
  (services: Services) =>
  (received: unknown, context: InvocationContext): Promise<void> =>
    withLogSink(context, async () => {
      const body = toMessageText(received);
      try {
        const message = parseWorkMessage(received);
        const receipt = parseReceipt(context.triggerMetadata);
        const disposition = await services.doPoisonedWork({ message, body, dequeueCount: receipt.dequeueCount });
        await settle(services.putBack.workPoison, { ...receipt, body: message }, disposition);
      } catch (error) {
        if (!(error instanceof InvalidMessageError)) throw error;
        await services.keepPoisoned({ queue: 'work', body, reason: error.message });
      }
    });

app.storageQueue('work-poison', {
  queueName: services.queueNames.workPoison,
  connection: 'AzureWebJobsStorage',
  handler: workPoisonWith(services),
});
