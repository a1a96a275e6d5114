import type { DeliveryQueue } from '../../app/ports/messages.ts';
import type { StorageClients } from '../storage-clients.ts';
import { withVersion } from './messages.ts';
import { sendToQueue } from './queue-sender.ts';

export interface QueueDeps {
  readonly clients: StorageClients;
}

export const createDeliveryQueue = ({ clients }: QueueDeps): DeliveryQueue => ({
  send: async (message, delaySeconds) => {
    await sendToQueue({ queue: clients.queues.delivery, clock: clients.clock }, withVersion(message), delaySeconds);
  },
});
