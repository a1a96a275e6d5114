import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../simulation/random.ts';
import { pickByShare } from './pick-by-share.ts';

export interface AgentCall {
  readonly at: number;
  readonly key: string;
  /** The service sends the run's id twice; here it tells which run a call with a wrong key was for. */
  readonly requestId: string;
  readonly bodyHash: string;
}

export interface MoodyAgent {
  /** What AGENT_PROJECT_ENDPOINT takes. */
  readonly url: string;
  readonly calls: readonly AgentCall[];
  close(): Promise<void>;
}

type Mood = 'well' | 'slow' | 'too_slow' | 'unavailable' | 'busy' | 'reset' | 'refusing';

/** Of a hundred calls; the rest go well. */
const moods: readonly (readonly [Mood, number])[] = [
  ['slow', 4],
  ['too_slow', 1],
  ['unavailable', 5],
  ['busy', 2],
  ['reset', 3],
  ['refusing', 1],
];

/** Longer than the attempt timeout of a soak. */
const tooSlowMs = 5_000;

/** An agent service that records every call and is not always well. Its moods follow from the seed. */
export const startMoodyAgent = async (random: Random): Promise<MoodyAgent> => {
  const calls: AgentCall[] = [];
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const at = Date.now();
    const body = await text(incoming);
    const { 'idempotency-key': key, 'x-ms-client-request-id': requestId } = incoming.headers;
    const bodyHash = createHash('sha256').update(body).digest('hex').slice(0, 16);
    calls.push({ at, key: String(key), requestId: String(requestId), bodyHash });
    await answerIn(pickByShare(random, { items: moods, of: 100, otherwise: 'well' }), incoming, outgoing);
  };
  const server = createServer((incoming, outgoing) => {
    // It knows no work by its id, as agents that are not hosted do: a question after it is no call.
    if (!isCall(incoming)) return sendError(outgoing, 404, {});
    // The caller was killed meanwhile.
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/projects/{project}`,
    calls,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
};

const isCall = ({ method, url = '' }: IncomingMessage): boolean => method === 'POST' && !url.includes('/cancel');

const answerIn = async (mood: Mood, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
  switch (mood) {
    case 'reset':
      return void incoming.socket.resetAndDestroy();
    case 'unavailable':
      return sendError(outgoing, 503, {});
    case 'busy':
      return sendError(outgoing, 429, { 'retry-after': '1' });
    case 'refusing':
      return sendError(outgoing, 400, {});
    case 'slow':
    case 'too_slow':
      await pause(mood === 'slow' ? 700 : tooSlowMs);
      return sendResponse(outgoing);
    case 'well':
      return sendResponse(outgoing);
    default:
      return mood satisfies never;
  }
};

const sendError = (outgoing: ServerResponse, status: number, headers: Record<string, string>): void => {
  const error = { code: 'not_well', message: 'The agent is not well.' };
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ error }));
};

const sendResponse = (outgoing: ServerResponse): void => {
  const output = [{ type: 'message', content: [{ type: 'output_text', text: 'done' }] }];
  const body = { id: 'resp_1', object: 'response', status: 'completed', output };
  outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
