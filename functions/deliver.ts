import { app, type InvocationContext } from '@azure/functions';
import { settlementOf } from '../shared/app/delivery/disposition.ts';
import { withLogSink } from '../shared/log.ts';
import { type Services, services } from '../shared/services.ts';
import { parseDeliveryMessage } from '../shared/storage/queues/messages.ts';
import { parseReceipt } from '../shared/storage/queues/receipt.ts';
import { settle } from '../shared/storage/queues/settle.ts';

/** A body that is no delivery message fails at every receipt, until the platform moves it to the poison queue. */
export const deliverWith =
  ({ service, putBack }: Pick<Services, 'service' | 'putBack'>) =>
  (body: unknown, context: InvocationContext): Promise<void> =>
    withLogSink(context, async () => {
      const receipt = parseReceipt(context.triggerMetadata);
      const message = parseDeliveryMessage(body);
      const delivery = { message, dequeueCount: receipt.dequeueCount, owner: context.invocationId };
      await settle(putBack.delivery, { ...receipt, body: message }, settlementOf(await service.deliver(delivery)));
    });

app.storageQueue('deliver', {
  queueName: services.queueNames.delivery,
  connection: 'AzureWebJobsStorage',
  handler: deliverWith(services),
});
