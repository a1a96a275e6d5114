import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CountedRequest {
  readonly service: string;
  /** `GET /routinesruns(…)`: method and what is addressed, without keys. */
  readonly operation: string;
  readonly status: number;
  /** A receive that brought no message: such polls depend on time, not on work. */
  readonly isEmptyPoll: boolean;
}

export interface CountingProxy {
  /** The given connection string with the proxy's addresses in place of the real ones. */
  readonly connectionString: string;
  /** Empties the list and answers with what was in it. */
  take(): readonly CountedRequest[];
  close(): Promise<void>;
}

/** Stands between the app and Azurite and notes every request. Signatures cover the path, not the host: they stay valid. */
export const startCountingProxy = async (connectionString: string): Promise<CountingProxy> => {
  let seen: CountedRequest[] = [];
  const servers: Server[] = [];
  let proxied = connectionString;
  for (const [whole, service, target] of connectionString.matchAll(/(Blob|Queue|Table)Endpoint=(http:[^;]+)/g)) {
    const to = new URL(target ?? '');
    const server = createServer((incoming, outgoing) => {
      const { method, url, headers } = incoming;
      const forward = request({ host: to.hostname, port: to.port, method, path: url, headers }, (answer) => {
        const operation = `${method} ${nameOf(url ?? '')}`;
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => {
          const isEmptyPoll = operation.endsWith('/messages') && method === 'GET' && !text.includes('<QueueMessage>');
          seen.push({ service: service ?? '', operation, status: answer.statusCode ?? 0, isEmptyPoll });
        });
        outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(outgoing);
      });
      forward.on('error', () => outgoing.destroy());
      incoming.pipe(forward);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    proxied = proxied.replace(whole, `${service}Endpoint=http://127.0.0.1:${port}${to.pathname}`);
  }
  return {
    connectionString: proxied,
    take: () => {
      const taken = seen;
      seen = [];
      return taken;
    },
    close: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
};

/** `/devstoreaccount1/routinesruns(PartitionKey=…)?…` becomes `routinesruns(…)`; message ids are left out too. */
const nameOf = (url: string): string =>
  (url.split('?')[0] ?? '')
    .replace(/^\/[^/]+\//, '')
    .replace(/\(.+\)/, '(…)')
    .replace(/messages\/.+/, 'messages/…');
