import { describe, expect, it, vi } from 'vitest';
import { InvalidRequestError } from '../../shared/domain/errors.ts';
import type { Run, RunState } from '../../shared/domain/run.ts';
import { matchesRun, runFilterBounds } from '../../shared/domain/run-filter/run-filter.ts';
import { parseRunFilter } from '../../shared/domain/run-filter/run-filter-parser.ts';
import { anAction, aRun, at, triggerName } from '../builders.ts';

const endedAt = at('2026-06-02T07:00:42.500Z');
const states = {
  queued: { phase: 'queued' },
  dispatching: {
    phase: 'dispatching',
    claim: { owner: 'o', attempt: 1, startedAt: endedAt, leaseUntil: endedAt },
  },
  backingOff: { phase: 'backing_off', retryAt: endedAt },
  completed: {
    phase: 'completed',
    endedAt,
    answer: { responseId: 'resp_1', sessionId: 'sess-1', outputText: 'All 3 done' },
  },
  failed: { phase: 'failed', endedAt, error: { statusCode: 503, type: 'http_error', message: 'Agent is "busy"' } },
  killed: { phase: 'killed', endedAt, error: { type: 'missed', message: 'too late' }, skipReason: 'missed' },
} as const satisfies Record<string, RunState>;

const matches = (filter: string, over: Partial<Run> = {}): boolean => matchesRun(parseRunFilter(filter), aRun(over));
const statesMatching = (filter: string): string[] =>
  Object.entries(states).flatMap(([name, state]) => (matches(filter, { state }) ? [name] : []));

const errorOf = (filter: string): InvalidRequestError => {
  try {
    parseRunFilter(filter);
  } catch (error) {
    if (error instanceof InvalidRequestError) return error;
    throw error;
  }
  throw new Error(`${filter} was accepted`);
};

describe('a filter on status and phase', () => {
  it.each([
    ["status eq 'completed'", ['completed']],
    ["status = 'FINISHED'", ['completed']],
    ["attributes.status = 'Finished'", ['completed']],
    ["status = 'Failed'", ['failed']],
    ["status = 'Killed'", ['killed']],
    ["phase = 'failed'", ['failed', 'killed']],
    ["status = 'queued'", ['queued']],
    ["status = 'running'", ['dispatching', 'backingOff']],
    ["phase eq 'dispatching'", ['dispatching', 'backingOff']],
    ["status IN ('FINISHED', 'failed')", ['completed', 'failed']],
    ["status in('killed')", ['killed']],
    ["status ne 'completed' AND status != 'Scheduled'", ['dispatching', 'backingOff', 'failed', 'killed']],
    ["status LIKE 'fin%'", ['completed']],
    ['', ['queued', 'dispatching', 'backingOff', 'completed', 'failed', 'killed']],
    ['  ', ['queued', 'dispatching', 'backingOff', 'completed', 'failed', 'killed']],
  ])('%s lets through %j', (filter, expected) => {
    expect(statesMatching(filter)).toEqual(expected);
  });
});

describe('a filter on a field', () => {
  it("finds the runs of a thread, by the thread's id or by that of their work", () => {
    const action = { type: 'invoke_agent_threads_api', agentId: 'asst_1' } as const;
    const ids = { threadId: 'thread_1', threadRunId: 'run_1', responseId: 'agent#thread_1#run_1' };
    const instant = at('2026-01-01T00:05:00Z');
    const onThread = { action, work: { ids, attempt: 1, startedAt: instant, deadline: instant } };
    expect(matches("thread_id = 'thread_1'", onThread)).toBe(true);
    expect(matches("response_id = 'agent#thread_1#run_1' AND agent_id = 'asst_1'", onThread)).toBe(true);
    expect(matches("thread_id = 'thread_2'", onThread)).toBe(false);
    expect(matches("thread_id = 'thread_1'", { action: { ...action, threadId: 'thread_1' } })).toBe(true);
    expect(matches("thread_id LIKE '%'")).toBe(false);
  });

  it('finds runs by the tokens that they took, and by why they have no output', () => {
    const endedAt = at('2026-01-01T00:05:05Z');
    const answer = { outputNote: 'Only thoughts', usage: { inputTokens: 12, totalTokens: 42 } };
    const run = { state: { phase: 'completed', endedAt, answer } } as const;
    expect(matches('usage.total_tokens > 40 AND attributes.usage.input_tokens <= 12', run)).toBe(true);
    expect(matches('usage.output_tokens >= 0', run)).toBe(false);
    expect(matches("output_note LIKE 'Only%'", run)).toBe(true);
    expect(matches('usage.total_tokens ge 43', run)).toBe(false);
  });

  it.each([
    ["trigger_name = 'MAIN'", true],
    ['trigger_name = "main"', true],
    ["tags.trigger_name = 'other'", false],
    ['trigger_name eq"main"', true],
    ["trigger_name like'm%'and phase='completed'", true],
    ["trigger_name LIKE 'm__n'", true],
    ["trigger_name ILIKE 'm_n'", false],
    ["trigger_name like '%'", true],
    ["trigger_name like 'main%%'", true],
    ["trigger_name like '%a%n'", true],
    ["response_id = 'resp_1'", true],
    ["output_text LIKE '%done%'", true],
    ["output_text = 'done'", false],
    ["agent_session_id = 'sess-1' and session_id = 'sess-1'", true],
    ["agent_id = 'echo-agent'", true],
    ["agent_endpoint_id = 'x'", false],
    ["agent_endpoint_id != 'x'", true],
    ['error_status_code >= 0', false],
    ['error_status_code != 500', true],
    ["error_type ne 'timeout'", true],
    ["id = '019b76a8-4be0", 'invalid'],
  ])('%s on a completed run: %s', (filter, expected) => {
    const result = (): boolean | string => {
      try {
        return matches(filter, { state: states.completed });
      } catch {
        return 'invalid';
      }
    };
    expect(result()).toBe(expected);
  });

  it.each([
    ['error_status_code = 503', true],
    ['error_status_code in (429, 503)', true],
    ['error_status_code < 500', false],
    ['error_message LIKE \'%"BUSY"\'', true],
    ["error_message like '%busy'", false],
  ])('%s on a failed run: %s', (filter, expected) => {
    expect(matches(filter, { state: states.failed })).toBe(expected);
  });

  it.each([
    ["conversation_id = 'it''s'", "it's"],
    ["conversation_id = 'it\\'s'", "it's"],
    ["conversation_id = 'back\\slash'", 'back\\slash'],
    ['conversation_id = "say ""hi"""', 'say "hi"'],
    ["conversation_id = 'and'", 'AND'],
  ])('%s finds the conversation %s', (filter, conversation) => {
    expect(matches(filter, { action: anAction({ conversation }) })).toBe(true);
    expect(matches(filter, { action: anAction({ conversation: `${conversation}!` }) })).toBe(false);
  });

  it('finds the run that blocked another, and the run that was repeated', () => {
    const { id } = aRun();
    const blocked = { ...states.killed, skipReason: 'overlap', blockedBy: id } as const;
    expect(matches(`blocked_by = '${id.toUpperCase()}' AND skip_reason = 'overlap'`, { state: blocked })).toBe(true);
    expect(matches("blocked_by LIKE '%'", { state: states.killed })).toBe(false);
    expect(matches(`attributes.retry_of = '${id}'`, { retryOf: id })).toBe(true);
    expect(matches(`retry_of != '${id}'`, { retryOf: id })).toBe(false);
  });

  it.each(['triggered_at', 'start_time', 'attributes.start_time', 'scheduled_fire_at'])(
    '%s compares as milliseconds and as ISO text',
    (field) => {
      const when = Date.parse('2026-01-01T00:05:00Z');
      expect(matches(`${field} >= ${when} AND ${field} <= ${when}`)).toBe(true);
      expect(matches(`${field} > ${when}`)).toBe(false);
      expect(matches(`${field} = '2026-01-01T00:05:00Z'`)).toBe(true);
      expect(matches(`${field} eq 2026-01-01T01:05:00+01:00`)).toBe(true);
      expect(matches(`${field} gt '2026-01-01' and ${field} lt '2026-01-01T00:05:01'`)).toBe(true);
    },
  );

  it('takes an instant without an offset as UTC, wherever the server is', () => {
    vi.stubEnv('TZ', 'America/New_York');
    expect(matches("start_time = '2026-01-01T00:05'")).toBe(true);
    expect(matches("start_time = '2025-12-31T19:05-05:00'")).toBe(true);
    vi.unstubAllEnvs();
  });

  it('sees no end of a run that goes on', () => {
    expect(matches('end_time > 0')).toBe(false);
    expect(matches('end_time > 0', { state: states.failed })).toBe(true);
    expect(matches(`ended_at = ${endedAt.getTime()}`, { state: states.killed })).toBe(true);
  });
});

describe('a filter on metadata', () => {
  const metadata = {
    team: 'Blue',
    'cost-center': '4711',
    'a.b:c+d': 'x',
    'cost center': 'spaced',
    'say "hi"': 'quoted',
    'tick`s': 'ticked',
    status: 'mine',
    and: 'keyword',
  };

  it.each([
    ["metadata.team = 'blue'", true],
    ["metadata.team eq 'Blue'", true],
    ["attributes.metadata.team ILIKE 'bl%'", true],
    ["metadata.Team = 'Blue'", false],
    ["metadata.team IN ('red', 'blue')", true],
    ["metadata.team != 'red'", true],
    ["metadata.cost-center = '4711'", true],
    ["metadata.a.b:c+d = 'x'", true],
    ["metadata.`cost center` = 'spaced'", true],
    ['metadata."cost center" = "spaced"', true],
    ["metadata.`team`='blue'", true],
    ['metadata.`say "hi"` = \'quoted\'', true],
    ['metadata."say ""hi""" = \'quoted\'', true],
    ["metadata.`tick``s` = 'ticked' and metadata.\"tick`s\" = 'ticked'", true],
    ["metadata.status = 'mine' AND status = 'queued'", true],
    ["metadata.status = 'completed'", false],
    ["metadata.and = 'keyword' and metadata.team = 'blue'", true],
    ["attributes.`status` = 'scheduled'", true],
    ["metadata.none = ''", false],
    ["metadata.none != 'x'", true],
    ["metadata.constructor LIKE '%'", false],
    ["metadata.__proto__ != 'x'", true],
  ])('%s: %s', (filter, expected) => {
    expect(matches(filter, { metadata })).toBe(expected);
  });

  it('finds nothing in a run without metadata', () => {
    expect(matches("metadata.team LIKE '%'")).toBe(false);
    expect(matches("metadata.team != 'x'")).toBe(true);
  });
});

describe('a filter that cannot be read', () => {
  it.each([
    ["status = 'FINISHED' OR status = 'FAILED'", 21, 'expected AND'],
    ["colour = 'red'", 1, '"colour" is no field of a run; expected one of id, status'],
    ["metrics.status = 'x'", 1, 'is no field'],
    ["status => 'x'", 9, 'a text in quotes'],
    ["status > 'x'", 8, 'expected =, !=, LIKE, ILIKE or IN'],
    ['status = FINISHED', 10, 'a text in quotes'],
    ["status = 'FINISHED", 10, 'no closing'],
    ["status = 'a\\'", 10, 'no closing'],
    ["status 'x'", 8, 'expected ='],
    ['status', 7, 'the filter ends here'],
    ["status = 'x' AND", 17, 'the filter ends here'],
    ["status IN 'x'", 11, '('],
    ["status IN ('x' 'y')", 16, ', or )'],
    ['status IN ()', 12, 'a text in quotes'],
    ["start_time like '2026%'", 12, 'expected =, !=, >'],
    ["start_time > 'yesterday'", 14, 'ISO 8601'],
    ["start_time > '2026-02-20T99:00:00Z'", 14, 'ISO 8601'],
    ['start_time > 2026-02-30', 14, 'ISO 8601'],
    ["start_time > '2026-13-01T00:00:00Z'", 14, 'ISO 8601'],
    ["error_status_code = '503'", 21, 'expected a number'],
    ["(status = 'x')", 1, 'the name of a run field'],
    ["status = 'x' ; drop", 14, '";" has no meaning here'],
    ["__proto__ = 'x'", 1, 'is no field'],
    ["metadata = 'x'", 1, '"metadata" is no field of a run; expected one of'],
    ["metadata. = 'x'", 1, 'usage.total_tokens, metadata.<key>'],
    ["metadata.`` = 'x'", 1, 'is no field'],
    ["metadata.`team = 'x'", 10, 'the text that begins here has no closing `'],
    ["metadata.'team' = 'x'", 1, '"metadata." is no field'],
    ["metadata .team = 'x'", 1, '"metadata" is no field'],
    ["metadata.`a``b` c = 'x'", 17, 'expected =, !=, LIKE'],
    ['status = `x`', 10, '"`" has no meaning here'],
    ["metadata.n > '5'", 12, 'after the text field metadata.n'],
  ])('%s is refused at position %i', (filter, position, message) => {
    const { code, problems } = errorOf(filter);
    expect(code).toBe('invalid_filter');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ param: 'filter' });
    expect(problems[0].message).toContain(`position ${position}: `);
    expect(problems[0].message).toContain(message);
  });

  it('is one of more than 2048 characters', () => {
    expect(errorOf(`status = '${'x'.repeat(2048)}'`).message).toContain('2059 characters; expected at most 2048');
  });

  it('takes no more than a moment however it is made', () => {
    const state = { ...states.failed, error: { type: 'x', message: 'a'.repeat(1024) } };
    const filter = `error_message LIKE '${'a%'.repeat(1000)}b'`;
    const started = performance.now();
    expect(matches(filter, { state })).toBe(false);
    expect(errorOf(`status = '${"\\'".repeat(1000)}`).code).toBe('invalid_filter');
    // To try every way to read the pattern would take for ever.
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe('the bounds of a filter', () => {
  const boundsOf = (filter: string) => {
    const { since, until } = runFilterBounds(parseRunFilter(filter));
    return [since?.getTime(), until?.getTime()];
  };
  it.each([
    ['', [undefined, undefined]],
    ['start_time > 1700000001000', [1700000001000, undefined]],
    ['attributes.start_time >= 1700000001000 AND triggered_at < 1700000003000.5', [1700000001000, 1700000003001]],
    [
      'start_time >= 1700000001000 AND start_time >= 1700000002000 AND start_time <= 1700000005000 AND start_time < 1700000004000',
      [1700000002000, 1700000004000],
    ],
    ['start_time > 1700000001000.5', [1700000001000, undefined]],
    ['start_time = 1700000001500', [1700000001500, 1700000001500]],
    ['start_time in (1700000001500, 1700000001200, 1700000001700)', [1700000001200, 1700000001700]],
    ['start_time >= 1700000000 AND start_time <= 1700000001.5', [1_700_000_000_000, 1_700_000_001_500]],
    ['start_time != 1500', [undefined, undefined]],
    ['end_time > 1000 AND scheduled_fire_at < 2', [undefined, undefined]],
    ['start_time > -5 AND start_time < 99999999999999999999', [0, 2 ** 48 - 1]],
    ["start_time >= '1970-01-01T00:00:02Z' and trigger_name = 'x'", [2000, undefined]],
  ])('of %s are %j', (filter, expected) => {
    expect(boundsOf(filter)).toEqual(expected);
  });

  it('never shut out a run that matches', () => {
    const triggeredAt = at('2026-06-02T07:00:00.123Z');
    const filter = parseRunFilter(`start_time > ${triggeredAt.getTime() - 0.5} AND trigger_name = 'x'`);
    expect(matchesRun(filter, aRun({ triggeredAt, triggerName: triggerName('x') }))).toBe(true);
    expect(runFilterBounds(filter).since?.getTime()).toBeLessThanOrEqual(triggeredAt.getTime());
  });
});
