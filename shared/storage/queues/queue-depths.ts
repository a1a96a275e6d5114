import type { QueueClient } from '@azure/storage-queue';
import type { QueueDepths } from '../../app/ports/messages.ts';
import { queueCall } from '../queue-call.ts';
import type { QueueDeps } from './delivery-queue.ts';

/** Throws StorageUnavailableError. */
export const readQueueDepths = async ({ clients }: QueueDeps): Promise<QueueDepths> => {
  const { queues } = clients;
  const [delivery, deliveryPoison, work, workPoison] = await Promise.all([
    depthOf(queues.delivery),
    depthOf(queues.deliveryPoison),
    depthOf(queues.work),
    depthOf(queues.workPoison),
  ]);
  return { delivery, deliveryPoison, work, workPoison };
};

const depthOf = async (queue: QueueClient): Promise<number> => {
  const properties = await queueCall(`Look at ${queue.name}`, (options) => queue.getProperties(options));
  return properties.approximateMessagesCount ?? 0;
};
