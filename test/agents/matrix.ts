import { begunRows } from './matrix-begun.ts';
import { errorRows } from './matrix-errors.ts';
import {
  accepting,
  all,
  completed,
  ends,
  events,
  failed,
  failure,
  finished,
  half,
  huge,
  invocations,
  json,
  type MatrixRow,
  protocols,
  refusal,
  reset,
  responses,
  retried,
  running,
  silence,
  text,
  threads,
  trickle,
} from './matrix-row.ts';
import { saidRows } from './matrix-said.ts';

/** The rows of the table in docs/agents.md, in its order. */
export const matrix: readonly MatrixRow[] = [
  { outcome: 'answers 200, completed', protocols: responses, start: completed, ...finished },
  { outcome: 'answers 200, JSON', protocols: invocations, start: json({ output: 'done' }), ...finished },
  { outcome: 'answers 200, text', protocols: invocations, start: text('text/plain', 'done'), ...finished },
  { outcome: 'streams events to their end', protocols: invocations, start: events({ text: 'done' }), ...finished },
  { outcome: 'accepts, goes on, completes', protocols: all, polls: [running, running, completed], ...finished },
  {
    outcome: 'accepts, is not found at first, completes',
    protocols: all,
    polls: [json(refusal, 404), completed],
    ...finished,
  },
  {
    outcome: 'accepts, polls meet 500, 403 and a reset, completes',
    protocols: all,
    polls: [json(refusal, 500), json(refusal, 403), reset, completed],
    ...finished,
  },
  {
    outcome: 'accepts, a poll brings half an answer, completes',
    protocols: all,
    polls: [half, text('text/html', '<p>'), completed],
    ...finished,
  },

  {
    outcome: 'answers 200, failed',
    protocols: responses,
    start: ends('failed', { error: failure }),
    ...failed('tool_failed'),
  },
  { outcome: 'answers 200, incomplete', protocols: responses, start: ends('incomplete'), ...failed('agent_error') },
  { outcome: 'answers 200, cancelled', protocols: responses, start: ends('cancelled'), ...failed('agent_error') },
  {
    outcome: 'answers 200 with an error',
    protocols: accepting,
    start: json({ error: failure }),
    ...failed('tool_failed'),
  },
  {
    outcome: 'answers 200 with an error, named by the platform',
    protocols: invocations,
    start: json({ error: failure }, 200, { 'x-adc-response-details': 'SessionCrashed' }),
    ...failed('SessionCrashed'),
  },
  {
    outcome: 'streams events, the last of them failed',
    protocols: invocations,
    start: events({ text: 'a' }, { status: 'failed' }),
    ...failed('agent_error'),
  },
  {
    outcome: 'accepts, then fails',
    protocols: accepting,
    polls: [ends('failed', { error: failure })],
    ...failed('tool_failed'),
  },
  {
    outcome: 'accepts, then fails',
    protocols: threads,
    polls: [ends('failed', { last_error: failure })],
    ...failed('tool_failed'),
  },
  { outcome: 'accepts, then incomplete', protocols: responses, polls: [ends('incomplete')], ...failed('agent_error') },
  { outcome: 'accepts, then incomplete', protocols: threads, polls: [ends('incomplete')], ...failed('incomplete') },
  { outcome: 'accepts, then expired', protocols: threads, polls: [ends('expired')], ...failed('expired') },
  {
    outcome: 'accepts, then asks for the output of a tool',
    protocols: threads,
    polls: [ends('requires_action')],
    ...failed('requires_action'),
    isCancelled: true,
  },
  {
    outcome: 'accepts, is then cancelled there',
    protocols: responses,
    polls: [ends('cancelled')],
    ...failed('agent_error'),
  },
  {
    outcome: 'accepts, is then cancelled there',
    protocols: ['Invocations', 'Threads'],
    polls: [ends('cancelled')],
    run: 'Killed',
    errorType: 'cancelled',
  },
  { outcome: 'accepts and never ends', protocols: all, polls: [running], ...failed('timeout'), isCancelled: true },
  {
    outcome: 'accepts, every poll meets 503',
    protocols: all,
    polls: [json(refusal, 503)],
    ...failed('timeout'),
    isCancelled: true,
  },
  {
    outcome: 'accepts without an id',
    protocols: responses,
    start: json({ status: 'queued' }),
    ...failed('agent_error'),
  },
  { outcome: 'accepts without an id', protocols: invocations, start: json({}, 202), ...failed('agent_error') },
  {
    outcome: 'answers 200, no response object',
    protocols: responses,
    start: text('text/html', '<p>Sign in</p>'),
    ...failed('agent_error'),
  },
  { outcome: 'answers 200, more than 8 MiB', protocols: responses, start: huge, ...failed('agent_error') },
  { outcome: 'answers 200, more than 8 MiB', protocols: invocations, start: huge, ...finished },

  { outcome: 'answers 307', protocols: all, start: json({}, 307, { location: '/elsewhere' }), ...failed('http_error') },
  ...[400, 401, 403, 404, 409, 422].map((status) => ({
    outcome: `answers ${status}`,
    protocols: all,
    start: json(refusal, status),
    ...failed('http_error'),
  })),
  {
    outcome: 'answers 400 with a code',
    protocols: all,
    start: json({ error: failure }, 400),
    ...failed('tool_failed'),
  },

  ...[408, 429, 500, 502, 503].map((status) => ({
    outcome: `answers ${status}`,
    protocols: all,
    start: json(refusal, status),
    ...retried('http_error'),
  })),
  {
    outcome: 'answers 424, named by the platform',
    protocols: all,
    start: json(refusal, 424, { 'x-adc-response-details': 'ReadinessTimeout' }),
    ...failed('ReadinessTimeout'),
  },
  {
    outcome: 'answers 503, named by the platform',
    protocols: all,
    start: json(refusal, 503, { 'x-adc-response-details': 'ReadinessTimeout' }),
    ...retried('ReadinessTimeout'),
  },
  { outcome: 'breaks the connection', protocols: all, start: reset, ...retried('connection_error') },
  {
    outcome: 'breaks the connection in the middle of its answer',
    protocols: all,
    start: half,
    ...retried('connection_error'),
  },
  { outcome: 'does not answer in time', protocols: all, start: silence, hangs: 'asked', ...retried('timeout') },
  {
    outcome: 'does not end its answer in time',
    protocols: all,
    start: trickle,
    hangs: 'headers',
    ...retried('timeout'),
  },
  ...begunRows,
  ...saidRows,
  ...errorRows,
];

/** At which attempt an agent does it. Before `last` it answers 503 twice; after `first` it completes. */
export const patterns = ['first', 'last', 'every'] as const;
export type Pattern = (typeof patterns)[number];

export interface Expectation {
  readonly run: MatrixRow['run'];
  readonly errorType?: string;
  /** Absent where it waits for its deadline: how often it asked until then is no promise. */
  readonly calls?: number;
  /** Where they are fewer than the calls. */
  readonly attempts?: number;
}

export const maxAttempts = 3;

export const expectationOf = (row: MatrixRow, pattern: Pattern): Expectation => {
  if (row.isWaited) return expectationOfWaiting(pattern);
  if (row.isFound && pattern !== 'last') return { run: 'Finished', calls: 1, attempts: 2 };
  const { calls = 0, ...plain } = expectationOfCalls(row, pattern);
  return row.refusesBackground ? { ...plain, calls: calls + 1, attempts: calls } : { ...plain, calls };
};

const expectationOfCalls = (row: MatrixRow, pattern: Pattern): Expectation => {
  const { run, errorType, isRetried } = row;
  const end = { run, ...(errorType !== undefined && { errorType }) };
  switch (pattern) {
    case 'first':
      return isRetried ? { run: 'Finished', calls: 2 } : { ...end, calls: 1 };
    case 'last':
      return { ...end, calls: maxAttempts };
    case 'every':
      return { ...end, calls: isRetried ? maxAttempts : 1 };
    default:
      return pattern satisfies never;
  }
};

/** Busy for ever, but at the first attempt only once. */
const expectationOfWaiting = (pattern: Pattern): Expectation => {
  if (pattern === 'first') return { run: 'Finished', calls: 2, attempts: 1 };
  return { run: 'Failed', errorType: 'timeout', attempts: pattern === 'last' ? maxAttempts - 1 : 0 };
};

const cell = ({ run, errorType, calls }: Expectation): string =>
  `${run}${errorType === undefined ? '' : ` \`${errorType}\``}, ${calls ?? 'many'}`;

/** The table as docs/agents.md shows it. */
export const toMarkdown = (): string =>
  [
    '| an agent that … | protocols | retried | told to stop | at the first attempt | at the third | at every one |',
    '|---|---|---|---|---|---|---|',
    ...matrix.map((row) => {
      const who = row.protocols.length === protocols.length ? 'all' : row.protocols.join(', ');
      const yes = (is: true | undefined) => (is ? 'yes' : 'no');
      const ends = patterns.map((pattern) => cell(expectationOf(row, pattern)));
      const repeated = row.isWaited ? 'waited for' : row.isFound ? 'looked for' : yes(row.isRetried);
      return `| ${[row.outcome, who, repeated, yes(row.isCancelled), ...ends].join(' | ')} |`;
    }),
  ].join('\n');
