import { app, type InvocationContext } from '@azure/functions';
import { withLogSink } from '../shared/log.ts';
import { InvalidMessageError, parseDeliveryMessage } from '../shared/queue/messages.ts';
import { parseReceipt } from '../shared/queue/receipt.ts';
import { settle } from '../shared/queue/settle.ts';
import { services } from '../shared/services.ts';

const queue = services.queueNames.deliveryPoison;

/** What the platform gave up on: a message of ours has one last life, anything else is kept for an operator. */
const deliverPoison = (received: unknown, context: InvocationContext): Promise<void> =>
  withLogSink(context, async () => {
    const receipt = parseReceipt(context.triggerMetadata);
    const body = typeof received === 'string' ? received : JSON.stringify(received);
    try {
      const message = parseDeliveryMessage(received);
      const { dequeueCount } = receipt;
      const delivery = { message, dequeueCount, owner: context.invocationId, queue, body };
      const disposition = await services.deliverPoisoned(delivery);
      await settle(services.putBack.deliveryPoison, { ...receipt, body: message }, disposition);
    } catch (error) {
      if (!(error instanceof InvalidMessageError)) throw error;
      await services.keepPoisoned({ queue, body, reason: error.message });
    }
  });

app.storageQueue('deliver-poison', { queueName: queue, connection: 'AzureWebJobsStorage', handler: deliverPoison });
