import {
  type Answer,
  accepting,
  completed,
  failed,
  finished,
  half,
  invocations,
  json,
  type MatrixRow,
  reset,
  responses,
  silence,
} from './matrix-row.ts';

/** How the work stands that is asked for by the id that the call gave it. */
const known =
  (status: string, fields: object = {}): Answer =>
  (outgoing, request) => {
    const id = /\/(?:responses|invocations)\/([^/?]+)/.exec(request.url)?.[1];
    json({ id, status, ...fields })(outgoing, request);
  };
const error = { code: 'tool_failed', message: 'No such tool' };

/** Refuses what is sent to the background. */
const refuses =
  (body: object, status: number): Answer =>
  (outgoing, request) =>
    (request.body.includes('"background":true') ? json(body, status) : completed)(outgoing, request);
const refusal = { protocols: responses, refusesBackground: true } as const;

const conflict = (code: string, param?: string) => json({ error: { type: 'conflict', code, param } }, 409);
const lost = (errorType: string) => ({ run: 'Failed', errorType, isFound: true }) as const;

/** How agents take background work, and what a repeat of a call meets. */
export const begunRows: readonly MatrixRow[] = [
  {
    outcome: 'refuses background work by its `param`, completes',
    ...refusal,
    start: refuses({ error: { param: 'background' } }, 400),
    ...finished,
  },
  {
    outcome: 'refuses background work by FastAPI, completes',
    ...refusal,
    start: refuses({ detail: [{ loc: ['body', 'background'], msg: 'No', type: 'extra_forbidden' }] }, 422),
    ...finished,
  },
  {
    outcome: 'refuses `store` by problem+json, completes',
    ...refusal,
    start: refuses({ title: 'Invalid', errors: { '$.store': ['No'] } }, 400),
    ...finished,
  },
  {
    outcome: 'refuses background work by a code, completes',
    ...refusal,
    start: refuses({ error: { code: 'background_not_supported' } }, 400),
    ...finished,
  },
  {
    outcome: 'answers 400, its message repeats the input',
    protocols: responses,
    start: json({ error: { message: 'Bad input: {"param": "background"}', param: 'input' } }, 400),
    ...failed('http_error'),
  },
  {
    outcome: 'answers 409, knows the id, has completed',
    protocols: responses,
    start: conflict('response_id_conflict', 'response_id'),
    known: known('completed', { output: [] }),
    ...finished,
  },
  {
    outcome: 'answers 409, knows the id, has completed',
    protocols: invocations,
    start: conflict('invocation_id_conflict'),
    known: known('completed'),
    ...finished,
  },
  {
    outcome: 'answers 409, knows the id, has failed',
    protocols: accepting,
    start: conflict('already_exists', 'response_id'),
    known: known('failed', { error }),
    ...failed('tool_failed'),
  },
  {
    outcome: 'loses the connection, has completed the work under its id',
    protocols: accepting,
    start: reset,
    known: known('completed', { output: [] }),
    ...lost('connection_error'),
  },
  {
    outcome: 'breaks off its answer, has completed the work under its id',
    protocols: accepting,
    start: half,
    known: known('completed', { output: [] }),
    ...lost('connection_error'),
  },
  {
    outcome: 'does not answer, has completed the work under its id',
    protocols: accepting,
    start: silence,
    hangs: 'asked',
    known: known('completed', { output: [] }),
    ...lost('timeout'),
  },
  {
    outcome: 'loses the connection, was cancelled by that in the foreground',
    protocols: responses,
    start: reset,
    known: known('cancelled'),
    run: 'Failed',
    errorType: 'connection_error',
    isRetried: true,
  },
  {
    outcome: 'loses the connection, answers for other work',
    protocols: accepting,
    start: reset,
    known: completed,
    run: 'Failed',
    errorType: 'connection_error',
    isRetried: true,
  },
];
