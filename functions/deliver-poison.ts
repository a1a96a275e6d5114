import { app, type InvocationContext } from '@azure/functions';
import { settlementOf } from '../shared/app/delivery/disposition.ts';
import { withLogSink } from '../shared/log.ts';
import { type Services, services } from '../shared/services.ts';
import { InvalidMessageError, parseDeliveryMessage, toMessageText } from '../shared/storage/queues/messages.ts';
import { parseReceipt } from '../shared/storage/queues/receipt.ts';
import { settle } from '../shared/storage/queues/settle.ts';

/** Takes what the platform gave up on. A delivery message is tried once more; any other body is kept for an operator. */
export const deliverPoisonWith =
  ({ service, putBack }: Pick<Services, 'service' | 'putBack'>) =>
  (received: unknown, context: InvocationContext): Promise<void> =>
    withLogSink(context, async () => {
      const body = toMessageText(received);
      try {
        const message = parseDeliveryMessage(received);
        const receipt = parseReceipt(context.triggerMetadata);
        const delivery = { message, dequeueCount: receipt.dequeueCount, owner: context.invocationId, body };
        const disposition = await service.deliverPoisoned(delivery);
        await settle(putBack.deliveryPoison, { ...receipt, body: message }, settlementOf(disposition));
      } catch (error) {
        if (!(error instanceof InvalidMessageError)) throw error;
        await service.keepPoisoned({ queue: 'delivery', body, reason: error.message });
      }
    });

app.storageQueue('deliver-poison', {
  queueName: services.queueNames.deliveryPoison,
  connection: 'AzureWebJobsStorage',
  handler: deliverPoisonWith(services),
});
