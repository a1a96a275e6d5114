import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that came through. */
export interface PassedRequest {
  readonly method: string;
  /** At the agent's server: `/responses/…`, `/invocations/…`. */
  readonly path: string;
  readonly runId: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** What the server answered; undefined while it has not, or was not there. */
  status?: number;
}

/** What the platform is to hosted agents: the address of a project, behind which each agent has a server. */
export interface Gateway {
  /** What AGENT_PROJECT_ENDPOINT takes. */
  readonly endpoint: string;
  readonly requests: readonly PassedRequest[];
  /**
   * Holds the next answer to a call whose body holds the text back. Resolves when the server has given it, with what
   * loses it.
   */
  holdAnswerTo(text: string): Promise<() => void>;
  close(): Promise<void>;
}

const ofAgent = /^\/api\/projects\/[^/]+\/agents\/(?<agent>[^/]+)\/endpoint\/protocols(?:\/openai)?(?<rest>\/.+)$/;

/** `servers`: the address of each agent's server, by the agent's name. A server that is down breaks the connection. */
export const startGateway = async (servers: ReadonlyMap<string, string>): Promise<Gateway> => {
  const requests: PassedRequest[] = [];
  const holds = new Map<string, (lose: () => void) => void>();

  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { agent = '', rest = '' } = ofAgent.exec(incoming.url ?? '')?.groups ?? {};
    const server = servers.get(agent);
    const body = await textOf(incoming);
    if (server === undefined) return void outgoing.writeHead(404).end();
    const { method = '', headers } = incoming;
    const passed: PassedRequest = {
      method,
      path: rest,
      runId: String(headers['x-ms-client-request-id'] ?? ''),
      headers,
      body,
    };
    requests.push(passed);
    const held = method === 'POST' ? [...holds].find(([text]) => body.includes(text)) : undefined;
    if (held !== undefined) holds.delete(held[0]);
    const upstream = request(`${server}${rest}`, { method, headers: { ...headers, host: new URL(server).host } });
    upstream.on('error', () => outgoing.destroy());
    // A caller who goes away is seen by the server, as it would be without anything between them.
    outgoing.once('close', () => upstream.destroy());
    upstream.once('response', (answer) => {
      passed.status = answer.statusCode;
      if (held !== undefined) return held[1](() => outgoing.destroy());
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.once('error', () => outgoing.destroy()).pipe(outgoing);
    });
    upstream.end(body);
  };

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${portOf(server.address())}/api/projects/{project}`,
    requests,
    holdAnswerTo: (text) => new Promise((resolve) => holds.set(text, resolve)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const textOf = async (incoming: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0;
