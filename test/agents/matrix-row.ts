import type { ServerResponse } from 'node:http';
import type { RunStatus } from '../../shared/domain/run.ts';
import { type SeenRequest, sendJson } from './http-agent.ts';

export const protocols = ['Responses', 'Invocations', 'Threads'] as const;
export type Protocol = (typeof protocols)[number];

export type Answer = (outgoing: ServerResponse, request: SeenRequest) => void;

/** What an agent does, and what becomes of the run. */
export interface MatrixRow {
  readonly outcome: string;
  readonly protocols: readonly Protocol[];
  /** The answer to a call; the protocol's own "accepted" when it is not given. */
  readonly start?: Answer;
  /** The answers to polls, the last one for ever. */
  readonly polls?: readonly Answer[];
  /** The answer to a repeat that asks for the work by the id that the call gave it; 404 when it is not given. */
  readonly known?: Answer;
  /** The answer is lost, and the next attempt finds the work by its id: the call is not made again. */
  readonly isFound?: true;
  /** It refuses background work: the same attempt calls again. */
  readonly refusesBackground?: true;
  /** Threads: what the run has said; nothing when it is not given. */
  readonly messages?: Answer;
  /** What the record keeps of it: the text, or the note that says why there is none. */
  readonly output?: string;
  /** The answer would never come, or never end: how far the call is when its time is over. */
  readonly hangs?: 'asked' | 'headers';
  readonly run: Extract<RunStatus, 'Finished' | 'Failed' | 'Killed'>;
  readonly errorType?: string;
  readonly isRetried?: true;
  /** The run waits, with no attempt spent, until the agent does something else or its deadline comes. */
  readonly isWaited?: true;
  /** The agent is asked to stop. */
  readonly isCancelled?: true;
}

export const all = protocols;
export const responses = ['Responses'] as const;
export const invocations = ['Invocations'] as const;
export const threads = ['Threads'] as const;
export const accepting = ['Responses', 'Invocations'] as const;

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (outgoing) =>
    sendJson(outgoing, body, { status, headers });
export const text =
  (contentType: string, body: string): Answer =>
  (outgoing) => {
    outgoing.writeHead(200, { 'content-type': contentType }).end(body);
  };
export const reset: Answer = (outgoing) => {
  outgoing.destroy();
};
export const half: Answer = (outgoing) => {
  outgoing.writeHead(200, { 'content-length': '100' }).write('{"status":', () => outgoing.destroy());
};
export const silence: Answer = () => {};
export const trickle: Answer = (outgoing) => {
  const timer = setInterval(() => outgoing.write(' '), 50);
  outgoing.writeHead(200).once('close', () => clearInterval(timer));
};
export const huge: Answer = (outgoing) => {
  outgoing.writeHead(200).end(`{"status":"completed","padding":"${'x'.repeat(9 * 1024 * 1024)}"}`);
};
export const events = (...said: object[]): Answer =>
  text('text/event-stream', said.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));

export const refusal = { error: { message: 'No' } };
/** Events in their own words: strings as they are. */
export const stream = (...said: readonly (object | string)[]): Answer =>
  text(
    'text/event-stream',
    said.map((event) => (typeof event === 'string' ? event : `data: ${JSON.stringify(event)}\n\n`)).join(''),
  );

export const running = json({ id: 'work', status: 'in_progress' });
export const completed = json({ id: 'work', status: 'completed', output: [] });
export const failure = { code: 'tool_failed', message: 'No such tool' };
export const ends = (status: string, fields: object = {}): Answer => json({ id: 'work', status, ...fields });

export const finished = { run: 'Finished' } as const;
export const failed = (errorType: string) => ({ run: 'Failed', errorType }) as const;
export const retried = (errorType: string) => ({ run: 'Failed', errorType, isRetried: true }) as const;
export const waited = { ...finished, isWaited: true } as const;
