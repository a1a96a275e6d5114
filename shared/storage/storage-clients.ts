import { TableClient, type TableServiceClientOptions } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import { QueueClient, type StoragePipelineOptions } from '@azure/storage-queue';
import { bounds, unscaledTimings } from '../app/timings.ts';
import type { Clock } from '../clock.ts';
import type { StorageConfig } from '../config.ts';
import { mapEntries, type QueueKey, storageNames, type TableKey } from './storage-names.ts';

export interface StorageClients {
  readonly tables: Readonly<Record<TableKey, TableClient>>;
  readonly queues: Readonly<Record<QueueKey, QueueClient>>;
  /** By which an operation on a queue is tried again. */
  readonly clock: Clock;
}

const { storage } = unscaledTimings;

/** Three retries within about two seconds, or when storage says; storageCall bounds the whole operation. */
const tableOptions: TableServiceClientOptions = {
  retryOptions: {
    maxRetries: bounds.storageTries - 1,
    retryDelayInMs: storage.firstRetryDelaySeconds * 1000,
    maxRetryDelayInMs: storage.maxRetryDelaySeconds * 1000,
  },
};
/** One try: queueCall repeats. */
const queueOptions = (): StoragePipelineOptions => ({
  retryOptions: { maxTries: 1, tryTimeoutInMs: storage.deadlineSeconds * 1000 },
});

/**
 * Clients for every table and queue. They send nothing until they are used, and share the SDK's keep-alive connections.
 * Plain http is for connection strings (the local emulator); a token never travels over it.
 */
export const createStorageClients = (config: StorageConfig, clock: Clock): StorageClients => {
  const { tables, queues } = storageNames(config.prefix);
  const { table, queue } = clientFactories(config);
  return { tables: mapEntries(tables, table), queues: mapEntries(queues, queue), clock };
};

interface ClientFactories {
  table(name: string): TableClient;
  queue(name: string): QueueClient;
}

const clientFactories = (config: StorageConfig): ClientFactories => {
  if (config.kind === 'connection_string') {
    const { connectionString } = config;
    const options = { ...tableOptions, allowInsecureConnection: true };
    return {
      table: (name) => TableClient.fromConnectionString(connectionString, name, options),
      queue: (name) => new QueueClient(connectionString, name, queueOptions()),
    };
  }
  const credential = lazyCredential(config.clientId);
  const endpoint = (service: string): string => `https://${config.accountName}.${service}.core.windows.net`;
  return {
    table: (name) => new TableClient(endpoint('table'), name, credential, tableOptions),
    queue: (name) => new QueueClient(`${endpoint('queue')}/${name}`, credential, queueOptions()),
  };
};

/** Loaded at the first token: the package is slow to load and of no use to a connection string. */
const lazyCredential = (clientId: string | undefined): TokenCredential => {
  let credential: Promise<TokenCredential> | undefined;
  return {
    getToken: async (scopes, options) => {
      credential ??= loadCredential(clientId);
      return (await credential).getToken(scopes, options);
    },
  };
};

const loadCredential = async (clientId: string | undefined): Promise<TokenCredential> => {
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity');
  return clientId === undefined ? new DefaultAzureCredential() : new ManagedIdentityCredential({ clientId });
};
