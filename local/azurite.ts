import { mkdir } from 'node:fs/promises';
import type { IncomingMessage, Server } from 'node:http';
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { join } from 'node:path';

/** Where the storage emulator listens and what it keeps. A port of 0, the default, is a free port. */
export interface AzuriteOptions {
  /** Directory for everything that was stored; it is made when it is missing. */
  readonly location?: string;
  /** Keeps nothing after `close()`; `location` is then not needed. */
  readonly inMemory?: boolean;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly ports?: { readonly blob: number; readonly queue: number; readonly table: number };
}

export interface Azurite {
  readonly connectionString: string;
  /** Answers the requests under way, writes everything to `location` and stops listening. Repeated calls share one stop. */
  close(): Promise<void>;
}

/** The emulator's one account and its published key: no secret. */
const account = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Longer than the SDK keeps an idle connection, so that it never sends on one that was just closed. */
const keepAliveSeconds = 60;
const drainMilliseconds = 5_000;

/**
 * Starts the storage emulator in this process. It makes no call to the outside: telemetry is the command line's
 * doing, and is switched off here all the same. Throws when neither `location` nor `inMemory` is given, or when a port
 * is taken.
 */
export const startAzurite = async (options: AzuriteOptions): Promise<Azurite> => {
  const { host = '127.0.0.1', ports = { blob: 0, queue: 0, table: 0 } } = options;
  if (options.location === undefined && options.inMemory !== true) {
    throw new Error('startAzurite: neither location nor inMemory is given; expected one of them');
  }
  const location = options.location ?? '';
  if (options.inMemory !== true) await mkdir(location, { recursive: true });
  const services = loadServices();
  services.telemetry.init(location, false);
  const where = { host, location, inMemory: options.inMemory === true };
  const servers: EmulatorServer[] = [];
  const listen = async (service: Service): Promise<string> => {
    const server = new services[service].Server(configure(services, service, where, ports[service]));
    if (service === 'table') server.httpServer.prependListener('request', keepCharactersWhole);
    await server.start();
    servers.push(server);
    return `${endpointOf(host, server)}/${account}`;
  };
  try {
    const blob = await listen('blob');
    const queue = await listen('queue');
    const table = await listen('table');
    let closing: Promise<void> | undefined;
    return {
      connectionString: connectionStringOf({ blob, queue, table }),
      close: () => {
        closing ??= closeAll(servers);
        return closing;
      },
    };
  } catch (error) {
    await closeAll(servers);
    throw error;
  }
};

/** Azurite reads a body in pieces and makes a text of each: a character cut in two was lost. A batch it reads well. */
const keepCharactersWhole = (request: IncomingMessage): void => {
  if (!request.url?.includes('$batch')) request.setEncoding('utf8');
};

const connectionStringOf = (endpoints: { blob: string; queue: string; table: string }): string =>
  [
    'DefaultEndpointsProtocol=http',
    `AccountName=${account}`,
    `AccountKey=${accountKey}`,
    `BlobEndpoint=${endpoints.blob}`,
    `QueueEndpoint=${endpoints.queue}`,
    `TableEndpoint=${endpoints.table};`,
  ].join(';');

const endpointOf = (host: string, server: EmulatorServer): string => {
  const address = server.httpServer.address();
  if (address === null || typeof address === 'string') throw new Error(`Azurite: no port, address is ${address}`);
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${address.port}`;
};

const closeAll = async (servers: readonly EmulatorServer[]): Promise<void> => {
  // Drained first: the server's own close() does not wait for requests and would write its files before they end.
  await Promise.all(servers.map(drain));
  await Promise.all(servers.map((server) => server.close()));
};

const drain = (server: EmulatorServer): Promise<void> =>
  new Promise((resolve) => {
    const impatient = setTimeout(() => server.httpServer.closeAllConnections(), drainMilliseconds);
    server.httpServer.stop(() => {
      clearTimeout(impatient);
      resolve();
    });
  });

interface Place {
  readonly host: string;
  readonly location: string;
  readonly inMemory: boolean;
}

type Service = 'blob' | 'queue' | 'table';

/** The service's default settings, all that matters here replaced. Each service reads those it knows. */
const configure = (services: Services, service: Service, { host, location, inMemory }: Place, port: number): unknown =>
  Object.assign(new services[service].Configuration(), {
    host,
    port,
    keepAliveTimeout: keepAliveSeconds,
    metadataDBPath: join(location, `__azurite_db_${service}__.json`),
    extentDBPath: join(location, `__azurite_db_${service}_extent__.json`),
    persistencePathArray: [
      { locationId: 'Default', locationPath: join(location, `__${service}storage__`), maxConcurrency: 10 },
    ],
    isMemoryPersistence: inMemory,
    // The default one is shared by the whole process.
    memoryStore: new services.ChunkStore(),
    enableAccessLog: false,
    enableDebugLog: false,
    skipApiVersionCheck: true,
    // Addresses hold the account as a path, whatever the host is called.
    disableProductStyleUrl: true,
  });

interface EmulatorServer {
  readonly httpServer: Server & { stop(done: () => void): void };
  start(): Promise<void>;
  close(): Promise<void>;
}

type Constructor<Made> = new (...settings: unknown[]) => Made;

interface EmulatorService {
  readonly Server: Constructor<EmulatorServer>;
  readonly Configuration: Constructor<object>;
}

interface Services extends Readonly<Record<Service, EmulatorService>> {
  /** Holds message bodies in memory. */
  readonly ChunkStore: Constructor<object>;
  readonly telemetry: { init(location: string, enabled: boolean): void };
}

interface BatchReader {
  deserializeBatchRequest(text: string): unknown;
}

/**
 * Azurite looks for the JSON of a batch with a pattern whose dot ends at U+2028 and U+2029, and answers 500. Inside of
 * JSON text they mean the same when they are escaped.
 */
const escapeLineEnds = (reader: BatchReader): void => {
  const read = reader.deserializeBatchRequest;
  reader.deserializeBatchRequest = function (text) {
    const escaped = text.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
    return read.call(this, escaped);
  };
};

let loaded: Services | undefined;

/** Azurite ships no types and no entry point of its own for embedding. Loading it takes a second or two, once. */
const loadServices = (): Services => {
  if (loaded !== undefined) return loaded;
  const load = createRequire(import.meta.url);
  escapeLineEnds(load('azurite/dist/src/table/batch/TableBatchSerialization.js').TableBatchSerialization.prototype);
  const loadService = (folder: Service, name: string): EmulatorService => ({
    Server: load(`azurite/dist/src/${folder}/${name}Server.js`).default,
    Configuration: load(`azurite/dist/src/${folder}/${name}Configuration.js`).default,
  });
  loaded = {
    blob: loadService('blob', 'Blob'),
    queue: loadService('queue', 'Queue'),
    table: loadService('table', 'Table'),
    ChunkStore: load('azurite/dist/src/common/persistence/MemoryExtentStore.js').MemoryExtentChunkStore,
    telemetry: load('azurite/dist/src/common/Telemetry.js').AzuriteTelemetryClient,
  };
  return loaded;
};
