import {
  accepting,
  all,
  completed,
  ends,
  events,
  failed,
  failure,
  finished,
  invocations,
  json,
  type MatrixRow,
  responses,
  running,
  text,
  threads,
  waited,
} from './matrix-row.ts';

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

const output = [{ type: 'message', content: [{ type: 'output_text', text: 'done' }] }];

/** States, however they are spelled. */
const statusRows: readonly MatrixRow[] = [
  ...['Completed', 'succeeded', 'SUCCESS', 'done', 'response.completed'].map((status) => ({
    outcome: `answers 200, \`${status}\``,
    protocols: accepting,
    start: ends(status, { output }),
    ...finished,
  })),
  ...['Failed', 'errored', 'timed_out', 'TASK_STATE_FAILED', 'Cancelled'].map((status) => ({
    outcome: `answers 200, \`${status}\``,
    protocols: accepting,
    start: ends(status),
    ...failed('agent_error'),
  })),
  ...['InProgress', 'in-progress', 'Running', 'PENDING', 'NotStarted'].map((status) => ({
    outcome: `answers 200, \`${status}\`, then \`Succeeded\``,
    protocols: accepting,
    start: ends(status),
    polls: [ends(status), ends('Succeeded')],
    ...finished,
  })),
  {
    outcome: 'accepts, is `InProgress`, then `Completed`',
    protocols: all,
    polls: [ends('InProgress'), ends('Completed')],
    ...finished,
  },
  { outcome: 'accepts, is `succeeded`', protocols: all, polls: [ends('succeeded')], ...finished },
  {
    outcome: 'accepts, is `COMPLETED` as an object',
    protocols: accepting,
    polls: [json({ id: 'work', status: { state: 'COMPLETED' } })],
    ...finished,
  },
  {
    outcome: 'accepts, its `runtimeStatus` is `Completed`',
    protocols: invocations,
    polls: [json({ runtimeStatus: 'Running' }), json({ runtimeStatus: 'Completed', output: 'done' })],
    ...finished,
  },
  { outcome: 'accepts, is `Failed`', protocols: all, polls: [ends('Failed')], ...failed('agent_error') },
  { outcome: 'accepts, is `Timed_Out`', protocols: accepting, polls: [ends('Timed_Out')], ...failed('agent_error') },
  { outcome: 'accepts, is `Expired`', protocols: threads, polls: [ends('Expired')], ...failed('expired') },
  {
    outcome: 'accepts, is `Canceled`',
    protocols: ['Invocations', 'Threads'],
    polls: [ends('Canceled')],
    run: 'Killed',
    errorType: 'cancelled',
  },
  {
    outcome: 'accepts, is in a state that is not known, completes',
    protocols: all,
    polls: [ends('warming up'), completed],
    ...finished,
  },
  {
    outcome: 'accepts, is in a state that is not known for ever',
    protocols: all,
    polls: [ends('warming up')],
    ...failed('timeout'),
    isCancelled: true,
  },
  {
    outcome: 'answers 200 in a state that is not known, with an output',
    protocols: responses,
    start: ends('answered', { output }),
    ...finished,
  },
  {
    outcome: 'answers 200 in a state that is not known, completes',
    protocols: responses,
    start: ends('warming up'),
    polls: [completed],
    ...finished,
  },
  {
    outcome: 'answers 200, in progress without an id',
    protocols: invocations,
    start: json({ status: 'in_progress' }),
    ...failed('agent_error'),
  },
  {
    outcome: 'answers 200, `failed` among fields of its own',
    protocols: invocations,
    start: json({ status: 'failed', build: 42 }),
    ...finished,
  },
  {
    outcome: 'answers 200, `pending` among fields of its own',
    protocols: invocations,
    start: json({ status: 'pending', id: 'INC-1', assignee: 'Kim' }),
    ...finished,
  },
  ...[{}, { code: null, message: '' }, [], '', false, { code: 0, details: [] }].map((error) => ({
    outcome: `answers 200 with the error \`${JSON.stringify(error)}\``,
    protocols: accepting,
    start: ends('completed', { error, output }),
    ...finished,
  })),
  {
    outcome: 'accepts, completes with an empty error',
    protocols: all,
    polls: [running, ends('completed', { error: {}, last_error: { code: null }, output })],
    ...finished,
  },
  {
    outcome: 'answers 200, `error: true` with a message',
    protocols: invocations,
    start: json({ error: true, message: 'No such tool' }),
    ...failed('agent_error'),
  },
  {
    outcome: 'streams events, the last of them `Failed`',
    protocols: invocations,
    start: events({ text: 'a' }, { status: 'Failed' }),
    ...failed('agent_error'),
  },
  {
    outcome: 'streams events with an empty error',
    protocols: invocations,
    start: events({ text: 'a', error: {} }, { text: 'b', error: { code: null } }),
    ...finished,
  },
];

const signIn = '<!DOCTYPE html><html><head><title>Sign in to your account</title></head><body></body></html>';
const form =
  '<html><body><h2>Welcome</h2><form action="/session" method="post"><input name="user"></form></body></html>';
const report = '<!doctype html><html><head><title>Weekly report</title></head><body><p>All is well</p></body></html>';

/** Errors, and pages in place of answers. */
const refusalRows: readonly MatrixRow[] = [
  ...[
    { what: 'a sign-in page', page: signIn },
    { what: 'a page with a form', page: form },
    { what: 'a page that sends elsewhere', page: '<html><meta http-equiv="refresh" content="0; url=/login"></html>' },
  ].map(({ what, page }) => ({
    outcome: `answers 200, ${what}`,
    protocols: all,
    start: text('text/html; charset=utf-8', page),
    ...failed('agent_error'),
  })),
  {
    outcome: 'answers 200, a sign-in page called text',
    protocols: all,
    start: text('text/plain', signIn),
    ...failed('agent_error'),
  },
  { outcome: 'answers 200, a report as a page', protocols: invocations, start: text('text/html', report), ...finished },
  { outcome: 'answers 200, text called a page', protocols: invocations, start: text('text/html', 'done'), ...finished },
  {
    outcome: 'answers 200, JSON whose output is a page',
    protocols: invocations,
    start: json({ output: signIn }),
    ...finished,
  },
  {
    outcome: 'accepts, polls meet a sign-in page, completes',
    protocols: all,
    polls: [text('text/html', signIn), text('text/html', signIn), completed],
    ...finished,
  },
  {
    outcome: 'accepts, every poll meets a sign-in page',
    protocols: all,
    polls: [text('text/html', signIn)],
    ...failed('timeout'),
    isCancelled: true,
  },
  {
    outcome: 'answers 400 with the type of an error',
    protocols: all,
    start: json({ error: { type: 'invalid_request_error', code: null, message: 'No' } }, 400),
    ...failed('invalid_request_error'),
  },
  {
    outcome: 'answers 400 with a deeper code',
    protocols: all,
    start: json({ error: { code: 'BadRequest', message: 'No', details: [failure] } }, 400),
    ...failed('tool_failed'),
  },
  {
    outcome: 'answers 401 as OAuth does',
    protocols: all,
    start: json({ error: 'invalid_token', error_description: 'It has expired' }, 401),
    ...failed('invalid_token'),
  },
  {
    outcome: 'answers 422 with a list of details',
    protocols: all,
    start: json({ detail: [{ loc: ['body', 'input'], msg: 'Field required', type: 'missing' }] }, 422),
    ...failed('http_error'),
  },
  {
    outcome: 'answers 409, the id is known',
    protocols: threads,
    start: json({ error: { code: 'response_id_conflict', message: 'It exists' } }, 409),
    ...failed('response_id_conflict'),
  },
];

/** How agents refuse, are busy, and call their states. */
export const errorRows: readonly MatrixRow[] = [...busyRows, ...statusRows, ...refusalRows];
