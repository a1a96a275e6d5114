import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { ObservedCall } from '../promises/evidence.ts';

type Call = { -readonly [Part in keyof ObservedCall]: ObservedCall[Part] };

/** The agent of one point: how it answers, and what it was asked. */
export interface PointAgent {
  readonly endpoint: string;
  readonly calls: readonly ObservedCall[];
  /** Once, when its work is done and before it says so. */
  beforeNextAnswer(act: () => Promise<void>): void;
}

export interface AgentMood {
  /** So many calls of each run are answered with 503 before one is answered well. */
  readonly failures?: number;
  readonly milliseconds?: number;
  /** It works in the background, for so long, under the id that it is given, and knows the work by it. */
  readonly worksMilliseconds?: number;
}

export interface RingAgent {
  forPoint(name: string, mood: AgentMood): PointAgent;
  close(): Promise<void>;
}

interface Point {
  readonly mood: AgentMood;
  readonly calls: Call[];
  /** At most one. */
  readonly beforeAnswer: (() => Promise<void>)[];
  readonly underWay: Map<Call, ServerResponse>;
  /** When the work of each id ends. */
  readonly works: Map<string, number>;
}

/** Turns of the event loop after which a caller that had left before another call came is known to have left. */
const turnsToLeave = 10;

/** One server for all points; the first part of the path says whose call it is. */
export const startRingAgent = async (): Promise<RingAgent> => {
  const points = new Map<string, Point>();
  const server = createServer(async (incoming, outgoing) => {
    const [, name = ''] = (incoming.url ?? '').split('/');
    const key = String(incoming.headers['idempotency-key'] ?? '');
    const point = points.get(name);
    if (point === undefined) return void outgoing.writeHead(404).end();
    const { mood, calls, beforeAnswer, underWay, works } = point;
    if (incoming.method === 'GET') return sendWork(outgoing, works, lastSegment(incoming.url));
    // A request to stop: it has ended its work by then, or does so soon.
    if (incoming.url?.includes('/cancel')) return sendJson(outgoing, 400, { error: { code: 'not_cancellable' } });
    const id = String(incoming.headers['x-agent-response-id'] ?? 'resp_1');
    const call: Call = { key };
    const others = [...underWay.values()];
    calls.push(call);
    underWay.set(call, outgoing);
    outgoing.once('close', () => {
      call.endedAt = Date.now();
      underWay.delete(call);
    });
    const body = text(incoming).catch(() => undefined);
    await Promise.all(others.map(haveTimeToLeave));
    call.startedAt = Date.now();
    call.body = await body;
    await pause(mood.milliseconds ?? 0);
    await beforeAnswer.pop()?.();
    const isWell = calls.filter((call) => call.key === key).length > (mood.failures ?? 0);
    if (mood.worksMilliseconds === undefined || !isWell) return answer(outgoing, isWell);
    // As the server library does: what has ended is begun again.
    if ((works.get(id) ?? 0) > Date.now()) return sendJson(outgoing, 409, { error: { code: 'response_id_conflict' } });
    call.begunAs = id;
    works.set(id, Date.now() + mood.worksMilliseconds);
    sendWork(outgoing, works, id);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    forPoint: (name, mood) => {
      const point: Point = { mood, calls: [], beforeAnswer: [], underWay: new Map(), works: new Map() };
      points.set(name, point);
      const { calls, beforeAnswer } = point;
      const beforeNextAnswer = (act: () => Promise<void>): void => void beforeAnswer.push(act);
      return { calls, beforeNextAnswer, endpoint: `http://127.0.0.1:${port}/${name}` };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const haveTimeToLeave = async (outgoing: ServerResponse): Promise<void> => {
  for (let turn = 0; turn < turnsToLeave && !outgoing.closed; turn += 1) await nextTurn();
};

const answer = (outgoing: ServerResponse, isWell: boolean): void => {
  const output = [{ type: 'message', content: [{ type: 'output_text', text: 'done' }] }];
  const body = isWell
    ? { id: 'resp_1', object: 'response', status: 'completed', output }
    : { error: { code: 'not_now', message: 'The agent is busy.' } };
  sendJson(outgoing, isWell ? 200 : 503, body);
};

const sendWork = (outgoing: ServerResponse, works: Point['works'], id: string): void => {
  const endsAt = works.get(id);
  if (endsAt === undefined) {
    sendJson(outgoing, 404, { error: { code: 'not_found', message: 'No such work' } });
  } else {
    const status = Date.now() < endsAt ? 'in_progress' : 'completed';
    sendJson(outgoing, 200, { id, object: 'response', status, output: [] });
  }
};

const sendJson = (outgoing: ServerResponse, status: number, body: object): void => {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const lastSegment = (url = ''): string => url.split('?')[0]?.split('/').at(-1) ?? '';
