import type { ReturnToQueue } from '../../app/ports/messages.ts';
import type { QueueDeps } from './delivery-queue.ts';
import { encodeText } from './messages.ts';
import { sendEncoded } from './queue-sender.ts';

export const createReturnToQueue =
  ({ clients }: QueueDeps): ReturnToQueue =>
  async (queue, body) => {
    await sendEncoded({ queue: clients.queues[queue], clock: clients.clock }, encodeText(body), 0);
  };
