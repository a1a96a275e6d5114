import type { Clock } from '../clock.ts';
import type { StorageConfig } from '../config.ts';
import { queueCall } from './queue-call.ts';
import { storageCall } from './storage-call.ts';
import { createStorageClients } from './storage-clients.ts';

/** Creates the tables and queues that are missing. For `npm start` and the tests; a deployment creates them by `infra/`. */
export const ensureStorage = async (config: StorageConfig, clock: Clock): Promise<void> => {
  const { tables, queues } = createStorageClients(config, clock);
  const creations = [
    ...Object.values(tables).map((table) =>
      storageCall(`Create table ${table.tableName}`, (options) => table.createTable(options)),
    ),
    ...Object.values(queues).map((queue) =>
      queueCall(clock, `Create queue ${queue.name}`, (options) => queue.createIfNotExists(options)),
    ),
  ];
  await Promise.all(creations);
};
