import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * `lost_answer`: storage carries out the request, and its answer never arrives. `busy`: storage answers 503.
 * `unanswered`: the request goes nowhere and hangs. `none`: it passes.
 */
export type Fault = 'lost_answer' | 'busy' | 'unanswered' | 'none';

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
  close(): Promise<void>;
}

/** Stands between the SDKs and the emulator, where requests can be counted and answers lost. */
export const startStorageProxy = async (connectionString: string): Promise<StorageProxy> => {
  const requests: string[] = [];
  const faults: Fault[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse, target: URL): Promise<void> => {
    const index = requests.push(`${request.method} ${new URL(request.url ?? '/', target).pathname}`) - 1;
    const fault = faults.shift();
    if (fault === 'unanswered') return;
    const body = await readAll(request);
    if (fault === 'busy') return void response.writeHead(503).end();
    const answer = await forward(request, body, target);
    if (isEmptyReceive(requests[index], answer)) requests[index] += ' (empty)';
    if (fault === 'lost_answer') return void response.destroy();
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };
  const servers: Server[] = [];
  let proxied = connectionString;
  for (const [, endpoint = ''] of connectionString.matchAll(/(?:Table|Queue)Endpoint=(http:\/\/[^/]+)/g)) {
    const server = createServer((request, response) => {
      handle(request, response, new URL(endpoint)).catch(() => response.destroy());
    });
    servers.push(server);
    proxied = proxied.replace(endpoint, `http://127.0.0.1:${await listen(server)}`);
  }
  return {
    connectionString: proxied,
    requests,
    reset: () => requests.splice(0),
    fail: (...next) => faults.push(...next),
    close: async () => {
      await Promise.all(servers.map(stop));
    },
  };
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

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const isEmptyReceive = (request: string | undefined, answer: Answer): boolean =>
  /^GET .+\/messages$/.test(request ?? '') && !answer.body.includes('<QueueMessage>');

const forward = ({ method, url, headers }: IncomingMessage, body: Buffer, target: URL): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const options = { method, path: url, headers, hostname: target.hostname, port: target.port, agent: false };
    const request = httpRequest(options, (answer) => {
      readAll(answer).then((text) => {
        const { 'transfer-encoding': _, ...rest } = answer.headers;
        resolve({ status: answer.statusCode ?? 0, headers: rest, body: text });
      }, reject);
    });
    request.on('error', reject);
    request.end(body);
  });
