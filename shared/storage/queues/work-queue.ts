import type { WorkQueue } from '../../app/ports/messages.ts';
import { queueCall } from '../queue-call.ts';
import type { QueueDeps } from './delivery-queue.ts';
import { isMessageGone } from './message-gone.ts';
import { withVersion } from './messages.ts';
import { sendToQueue } from './queue-sender.ts';

export const createWorkQueue = ({ clients }: QueueDeps): WorkQueue => {
  const { clock } = clients;
  const queue = clients.queues.work;
  return {
    send: (message, delaySeconds) => sendToQueue({ queue, clock }, withVersion(message), delaySeconds),
    remove: async ({ messageId, popReceipt }) => {
      try {
        await queueCall(clock, `Delete from ${queue.name}`, (options) =>
          queue.deleteMessage(messageId, popReceipt, options),
        );
      } catch (error) {
        if (!isMessageGone(error)) throw error;
      }
    },
  };
};
