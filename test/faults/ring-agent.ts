import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';

export interface AgentCall {
  /** What the call said in Idempotency-Key: the id of its run. */
  readonly key: string;
  /** Absent: the caller left before all of it was read. */
  readonly body?: string;
}

/** The agent of one point: how it answers, and what it was asked. */
export interface PointAgent {
  readonly endpoint: string;
  readonly calls: readonly AgentCall[];
  /** Keys that were called for while a call for them was under way. */
  readonly overlaps: readonly string[];
}

export interface AgentMood {
  /** So many calls of each run are answered with 503 before one is answered well. */
  readonly failures?: number;
  readonly milliseconds?: number;
}

export interface RingAgent {
  forPoint(name: string, mood: AgentMood): PointAgent;
  close(): Promise<void>;
}

interface Point {
  readonly mood: AgentMood;
  readonly calls: AgentCall[];
  readonly overlaps: string[];
  readonly underWay: Map<string, ServerResponse>;
}

/** Turns of the event loop after which whoever had left before a call came is known to have left. */
const turnsToLeave = 10;

/** One server for all points; the first part of the path says whose call it is. */
export const startRingAgent = async (): Promise<RingAgent> => {
  const points = new Map<string, Point>();
  const server = createServer(async (incoming, outgoing) => {
    const [, name = ''] = (incoming.url ?? '').split('/');
    const key = String(incoming.headers['idempotency-key'] ?? '');
    const point = points.get(name);
    if (point === undefined) return void outgoing.writeHead(404).end();
    const { mood, calls, overlaps, underWay } = point;
    const other = underWay.get(key);
    underWay.set(key, outgoing);
    outgoing.once('close', () => underWay.get(key) === outgoing && underWay.delete(key));
    const body = text(incoming).catch(() => undefined);
    if (other !== undefined && (await isStillOpen(other))) overlaps.push(key);
    calls.push({ key, body: await body });
    await pause(mood.milliseconds ?? 0);
    answer(outgoing, calls.filter((call) => call.key === key).length > (mood.failures ?? 0));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    forPoint: (name, mood) => {
      const point: Point = { mood, calls: [], overlaps: [], underWay: new Map() };
      points.set(name, point);
      return { ...point, endpoint: `http://127.0.0.1:${port}/${name}` };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const isStillOpen = async (outgoing: ServerResponse): Promise<boolean> => {
  for (let turn = 0; turn < turnsToLeave && !outgoing.closed; turn += 1) await nextTurn();
  return !outgoing.closed;
};

const answer = (outgoing: ServerResponse, isWell: boolean): void => {
  const output = [{ type: 'message', content: [{ type: 'output_text', text: 'done' }] }];
  const body = isWell
    ? { id: 'resp_1', object: 'response', status: 'completed', output }
    : { error: { code: 'not_now', message: 'The agent is busy.' } };
  outgoing.writeHead(isWell ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
