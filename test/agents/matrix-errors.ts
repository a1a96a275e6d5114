import { all, json, type MatrixRow, threads, waited } from './matrix-row.ts';

const locked = { error: { code: 'conversation_locked', message: 'Another process is operating on it' } };
const saying = (message: string) => ({ error: { message, type: 'invalid_request_error', code: null } });

/** An agent that is busy: not now, but later. */
const busyRows: readonly MatrixRow[] = [
  { outcome: 'answers 423', protocols: all, start: json({}, 423), ...waited },
  { outcome: 'answers 425', protocols: all, start: json({}, 425), ...waited },
  ...[400, 409, 424].map((status) => ({
    outcome: `answers ${status} with \`Retry-After\``,
    protocols: all,
    start: json({ error: { message: 'Not now' } }, status, { 'retry-after': '3' }),
    ...waited,
  })),
  {
    outcome: 'answers 409 with `retry-after-ms`',
    protocols: all,
    start: json({}, 409, { 'retry-after-ms': '1500' }),
    ...waited,
  },
  { outcome: 'answers 409, `conversation_locked`', protocols: all, start: json(locked, 409), ...waited },
  { outcome: 'answers 400, `conversation_locked`', protocols: all, start: json(locked.error, 400), ...waited },
  {
    outcome: 'answers 400 while an in-progress response exists',
    protocols: all,
    start: json(saying('Cannot create a new response while an in-progress response exsits for agent a'), 400),
    ...waited,
  },
  {
    outcome: 'answers 409, its thread runs a task',
    protocols: all,
    start: json({ detail: 'Thread is already running a task. Wait for it to finish' }, 409),
    ...waited,
  },
  {
    outcome: 'answers 409, its idempotency key is in use',
    protocols: all,
    start: json({ title: 'A request is outstanding for this Idempotency-Key' }, 409),
    ...waited,
  },
  {
    outcome: 'answers 400, a run is active on the thread',
    protocols: threads,
    start: json(saying("Can't add messages to thread_1 while a run run_1 is active."), 400),
    ...waited,
  },
  {
    outcome: 'answers 424, its session is not ready',
    protocols: all,
    start: json({ error: { code: 'session_not_ready', message: 'Session a did not become ready' } }, 424),
    ...waited,
  },
];

/** How agents refuse, are busy, and call their states. */
export const errorRows: readonly MatrixRow[] = [...busyRows];
