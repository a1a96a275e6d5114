import type { QueueDepths } from '../../app/ports/messages.ts';
import { queueCall } from '../queue-call.ts';
import type { QueueDeps } from './delivery-queue.ts';
import type { TimedQueue } from './queue-sender.ts';

/** Throws StorageUnavailableError. */
export const readQueueDepths = async ({ clients }: QueueDeps): Promise<QueueDepths> => {
  const { queues, clock } = clients;
  const [delivery, deliveryPoison, work, workPoison] = await Promise.all([
    depthOf({ queue: queues.delivery, clock }),
    depthOf({ queue: queues.deliveryPoison, clock }),
    depthOf({ queue: queues.work, clock }),
    depthOf({ queue: queues.workPoison, clock }),
  ]);
  return { delivery, deliveryPoison, work, workPoison };
};

const depthOf = async ({ queue, clock }: TimedQueue): Promise<number> => {
  const properties = await queueCall(clock, `Look at ${queue.name}`, (options) => queue.getProperties(options));
  return properties.approximateMessagesCount ?? 0;
};
