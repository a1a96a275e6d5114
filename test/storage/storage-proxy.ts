import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Answer,
  type Fault,
  type ProxiedRequest,
  refusalAfter,
  refusalBefore,
  sendAnswer,
  sendHalf,
} from './storage-fault.ts';

export interface StorageProxy {
  readonly connectionString: string;
  /**
   * Every HTTP request since the last `reset`, as `METHOD /path`: what the storage account would bill. A receive that
   * brought no message ends in ` (empty)`.
   */
  readonly requests: readonly string[];
  reset(): void;
  /** The next requests meet these faults, one each. */
  fail(...faults: readonly Fault[]): void;
  /** Decides from now on; at first everything passes. */
  interfere(interference: Interference): void;
  /** Cuts every connection, whatever is under way on it. */
  resetConnections(): void;
  close(): Promise<void>;
}

/** Decides what becomes of each request that `fail` does not decide. */
export interface Interference {
  /** A fault, or what storage is to answer without having carried the request out. */
  readonly faultOf: (request: ProxiedRequest) => Fault | Answer;
  /** Awaited when storage has carried a request out, before its answer goes on. */
  readonly afterCommit?: (request: ProxiedRequest) => Promise<void>;
}

const delayMilliseconds = 300;

/** Stands between the SDKs and the emulator, where requests can be counted and answers lost. */
export const startStorageProxy = async (connectionString: string): Promise<StorageProxy> => {
  const requests: string[] = [];
  const faults: Fault[] = [];
  let interference: Interference = { faultOf: () => 'none' };
  const agent = new Agent({ keepAlive: true });
  const handle = async (incoming: IncomingMessage, response: ServerResponse, origin: Origin): Promise<void> => {
    const body = await readAll(incoming);
    const request = describeRequest(incoming, body, origin.service);
    const index = requests.push(`${request.method} ${request.path}`) - 1;
    const fault = faults.shift() ?? interference.faultOf(request);
    if (typeof fault === 'object') return sendAnswer(response, fault);
    if (fault === 'unanswered') return;
    if (fault === 'refused') return void response.socket?.resetAndDestroy();
    const refused = refusalBefore(fault, request);
    if (refused !== null) return sendAnswer(response, refused);
    if (fault === 'delayed') await pause(delayMilliseconds);
    const answer = await forward(incoming, body, origin);
    await interference.afterCommit?.(request);
    if (isEmptyReceive(requests[index], answer)) requests[index] += ' (empty)';
    if (fault === 'lost_answer') return void response.destroy();
    if (fault === 'cut_answer') return sendHalf(response, answer);
    sendAnswer(response, refusalAfter(fault, request) ?? answer);
  };
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  let proxied = connectionString;
  for (const [, service = '', endpoint = ''] of connectionString.matchAll(/(Table|Queue)Endpoint=(http:\/\/[^/]+)/g)) {
    const origin: Origin = { service: service === 'Table' ? 'table' : 'queue', url: new URL(endpoint), agent };
    const server = createServer((request, response) => {
      handle(request, response, origin).catch(() => response.destroy());
    });
    // A connection that is closed while a client takes it for its next request would be a fault that no test planned.
    server.keepAliveTimeout = 60_000;
    track(sockets, server);
    servers.push(server);
    proxied = proxied.replace(endpoint, `http://127.0.0.1:${await listen(server)}`);
  }
  return {
    connectionString: proxied,
    requests,
    reset: () => requests.splice(0),
    fail: (...next) => faults.push(...next),
    interfere: (next) => {
      interference = next;
    },
    resetConnections: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close: async () => {
      await Promise.all(servers.map(stop));
      agent.destroy();
    },
  };
};

interface Origin {
  readonly service: ProxiedRequest['service'];
  readonly url: URL;
  readonly agent: Agent;
}

const describeRequest = (
  { method = '', url = '/', headers }: IncomingMessage,
  body: Buffer,
  service: ProxiedRequest['service'],
): ProxiedRequest => {
  const path = new URL(url, 'http://storage').pathname;
  const isTransaction = path.endsWith('/$batch');
  const [, inPath = ''] = /^\/[^/]+\/([\w-]+)/.exec(path) ?? [];
  const [, inBody = ''] = isTransaction ? (/^[A-Z]+ https?:\/\/[^/]+\/[^/]+\/(\w+)/m.exec(body.toString()) ?? []) : [];
  const requestId = String(headers['x-ms-client-request-id'] ?? '');
  return { method, path, requestId, service, target: isTransaction ? inBody : inPath, isTransaction };
};

const track = (sockets: Set<Socket>, server: Server): void => {
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
};

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const readAll = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
};

const isEmptyReceive = (request: string | undefined, answer: Answer): boolean =>
  /^GET .+\/messages$/.test(request ?? '') && !answer.body.includes('<QueueMessage>');

const forward = ({ method, url, headers }: IncomingMessage, body: Buffer, origin: Origin): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = origin.url;
    const options = { method, path: url, headers, hostname, port, agent: origin.agent };
    const request = httpRequest(options, (answer) => {
      readAll(answer).then((text) => {
        const { 'transfer-encoding': _, ...rest } = answer.headers;
        resolve({ status: answer.statusCode ?? 0, headers: rest, body: text });
      }, reject);
    });
    request.on('error', reject);
    request.end(body);
  });
