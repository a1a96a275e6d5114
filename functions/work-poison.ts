import { app, type InvocationContext } from '@azure/functions';
import { withLogSink } from '../shared/log.ts';
import { parseWorkMessage } from '../shared/queue/messages.ts';
import { parseReceipt } from '../shared/queue/receipt.ts';
import { services } from '../shared/services.ts';

const queue = services.queueNames.workPoison;
/** Below this the work is tried again, at the platform's visibility timeout; then it is kept for an operator. */
const maxReceipts = 5;

const workPoison = (received: unknown, context: InvocationContext): Promise<void> =>
  withLogSink(context, async () => {
    const { dequeueCount } = parseReceipt(context.triggerMetadata);
    const body = typeof received === 'string' ? received : JSON.stringify(received);
    try {
      await services.reconcile(parseWorkMessage(received));
    } catch (error) {
      if (dequeueCount < maxReceipts) throw error;
      await services.keepPoisoned({ queue, body, reason: error instanceof Error ? error.message : String(error) });
    }
  });

app.storageQueue('work-poison', { queueName: queue, connection: 'AzureWebJobsStorage', handler: workPoison });
