import type { StorageClients } from '../../shared/storage/storage-clients.ts';
import { type StorageView, viewStorage } from '../promises/storage-view.ts';

/** All that storage holds, read behind the app's back. Messages are counted with the invisible ones. */
export interface World extends StorageView {
  readonly readAt: Date;
  readonly messages: Readonly<Record<'work' | 'deliveryPoison' | 'workPoison', number>>;
}

export const readWorld = async (clients: StorageClients): Promise<World> => {
  const { work, deliveryPoison, workPoison } = clients.queues;
  return {
    readAt: new Date(),
    ...(await viewStorage(clients)),
    messages: {
      work: await countMessages(work),
      deliveryPoison: await countMessages(deliveryPoison),
      workPoison: await countMessages(workPoison),
    },
  };
};

type Queue = StorageClients['queues']['work'];

const countMessages = async (queue: Queue): Promise<number> =>
  (await queue.getProperties()).approximateMessagesCount ?? 0;
