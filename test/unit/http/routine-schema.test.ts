import { describe, expect, it } from 'vitest';
import type { CatchUp } from '../../../shared/domain/catch-up.ts';
import { InvalidRequestError, type Problem } from '../../../shared/domain/errors.ts';
import type { JsonObject, JsonValue } from '../../../shared/domain/json.ts';
import { dialectOf } from '../../../shared/http/dialect.ts';
import { parseRoutineDraft } from '../../../shared/http/routine-schema.ts';
import { routineView } from '../../../shared/http/routine-view.ts';
import { aRoutine, aTimer, aTrigger, at, triggerName } from '../../builders.ts';

const action: JsonObject = { type: 'invoke_agent_responses_api', agent_name: 'echo-agent' };
const schedule: JsonObject = { type: 'schedule', cron_expression: '0 7 * * *' };
const body = (over: JsonObject = {}): JsonObject => ({ triggers: { daily: schedule }, action, ...over });
const withTrigger = (trigger: JsonValue): JsonObject => body({ triggers: { daily: trigger } });
const withAction = (over: JsonObject): JsonObject => body({ action: { ...action, ...over } });

const problemsOf = (value: JsonValue | undefined, maxTriggers = 1): readonly Problem[] => {
  try {
    parseRoutineDraft(value, maxTriggers);
  } catch (error) {
    if (error instanceof InvalidRequestError) return error.problems;
    throw error;
  }
  return [];
};
const only = (value: JsonValue | undefined): Problem => {
  const [problem, ...more] = problemsOf(value);
  if (problem === undefined || more.length > 0) throw new Error(`${more.length + (problem ? 1 : 0)} problems`);
  return problem;
};

const pairs = (count: number, value = 'x'): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, value]));
const capped = (cap: number) => body({ catch_up_policy: 'enqueue_missed_with_cap', catch_up_cap: cap });

describe('the body of a PUT', () => {
  it('is a draft with its defaults filled in', () => {
    expect(parseRoutineDraft(body(), 1)).toEqual({
      enabled: true,
      triggers: [{ name: 'daily', enabled: true, trigger: { type: 'schedule', cronExpression: '0 7 * * *' } }],
      action: { type: 'invoke_agent_responses_api', agentName: 'echo-agent' },
      catchUp: { policy: 'skip_missed' },
      concurrencyPolicy: 'always_enqueue',
    });
  });

  it.each<[string, JsonObject, object]>([
    ['timer', { type: 'timer', at: 1780383605 }, { type: 'timer', at: 1780383605 }],
    ['timer', { type: 'timer', at: '30m', time_zone: 'UTC' }, { type: 'timer', at: '30m', timeZone: 'UTC' }],
    [
      'github_issue',
      { type: 'github_issue', connection_id: 'c', owner: 'o', repository: 'r', issue_event: 'opened' },
      { type: 'github_issue', connectionId: 'c', owner: 'o', repository: 'r', issueEvent: 'opened' },
    ],
    [
      'custom',
      { type: 'custom', provider: 'p', event_name: 'e', parameters: { a: [1, null] } },
      { type: 'custom', provider: 'p', eventName: 'e', parameters: { a: [1, null] } },
    ],
  ])('may hold a %s trigger', (_, wire, expected) => {
    expect(parseRoutineDraft(withTrigger(wire), 1).triggers[0]?.trigger).toEqual(expected);
  });

  it.each<[string, JsonObject]>([
    ['cron', { type: 'schedule', cron: '0 7 * * *', time_zone: 'UTC' }],
    ['camelCase', { type: 'schedule', cronExpression: '0 7 * * *', timeZone: 'UTC' }],
    ['null and a camelCase alias', { type: 'schedule', cron_expression: null, cron: '0 7 * * *', timeZone: 'UTC' }],
    ['the canonical name and an alias', { ...schedule, cron: '1 1 * * *', time_zone: 'UTC' }],
  ])('may spell a schedule with %s', (_, wire) => {
    expect(parseRoutineDraft(withTrigger(wire), 1).triggers[0]?.trigger).toEqual({
      type: 'schedule',
      cronExpression: '0 7 * * *',
      timeZone: 'UTC',
    });
  });

  it.each<[JsonObject, CatchUp]>([
    [{}, { policy: 'skip_missed' }],
    [{ catch_up_policy: 'enqueue_latest' }, { policy: 'enqueue_latest' }],
    [{ catchUpPolicy: 'enqueue_missed_with_cap' }, { policy: 'enqueue_missed_with_cap', cap: 10 }],
    [
      { catch_up_policy: 'enqueue_missed_with_cap', catch_up_cap: 100 },
      { policy: 'enqueue_missed_with_cap', cap: 100 },
    ],
  ])('may say what happens to missed slots: %j', (wire, catchUp) => {
    expect(parseRoutineDraft(body(wire), 1).catchUp).toEqual(catchUp);
  });

  it.each<[JsonObject, number | undefined]>([
    [{}, undefined],
    [{ deadline_seconds: null }, undefined],
    [{ deadline_seconds: 30 }, 30],
    [{ deadlineSeconds: 86_400 }, 86_400],
  ])('may say how long its work has: %j', (wire, deadlineSeconds) => {
    expect(parseRoutineDraft(body(wire), 1).deadlineSeconds).toBe(deadlineSeconds);
  });

  it.each(['concurrency_policy', 'concurrencyPolicy'])('may spell the concurrency policy as %s', (field) => {
    const draft = parseRoutineDraft(body({ [field]: 'coalesce_if_active' }), 1);
    expect(draft.concurrencyPolicy).toBe('coalesce_if_active');
  });

  it('may hold metadata, whose keys and values are taken as they are written', () => {
    const metadata = { costCenter: '4711', cost_center: '', catchUpPolicy: 'mine', 'a b.c': 'é', constructor: 'x' };
    expect(parseRoutineDraft(body({ metadata }), 1).metadata).toEqual(metadata);
    expect(parseRoutineDraft(body({ metadata: pairs(16, 'x'.repeat(512)) }), 1).metadata).toEqual(
      pairs(16, 'x'.repeat(512)),
    );
  });

  it('has no metadata when there are no pairs in it', () => {
    expect(parseRoutineDraft(body({ metadata: {} }), 1)).toEqual(parseRoutineDraft(body(), 1));
  });

  it.each(['agent_name', 'agentName', 'agent_id', 'agentId'])('may name the agent with %s', (field) => {
    const draft = parseRoutineDraft(body({ action: { type: 'invoke_agent_invocations_api', [field]: 'a' } }), 1);
    expect(draft.action).toMatchObject({ agentName: 'a' });
  });

  it.each(['conversation', 'conversation_id', 'conversationId'])('may name the conversation with %s', (field) => {
    expect(parseRoutineDraft(withAction({ [field]: 'c' }), 1).action).toMatchObject({ conversation: 'c' });
  });

  it.each([
    ['agent_id', 'thread_id'],
    ['agentId', 'threadId'],
  ])('may name a classic agent with %s and its thread with %s', (agent, thread) => {
    const action = { type: 'invoke_agent_threads_api', [agent]: 'asst_1', [thread]: 'thread_1', input: { a: 1 } };
    expect(parseRoutineDraft(body({ action }), 1).action).toEqual({
      type: 'invoke_agent_threads_api',
      agentId: 'asst_1',
      threadId: 'thread_1',
      input: { a: 1 },
    });
  });

  it('may be what GET answers of a classic agent', () => {
    const action = { type: 'invoke_agent_threads_api', agentId: 'asst_1', threadId: 'thread_1', input: 'hi' } as const;
    const view = routineView(aRoutine({ action }), dialectOf('v1', null), at('2026-01-01T00:00:00Z'));
    expect(parseRoutineDraft(JSON.parse(JSON.stringify(view)), 1).action).toEqual(action);
    expect(view).toMatchObject({ action: { agent_id: 'asst_1', thread_id: 'thread_1' } });
  });

  it('may hold null for what is optional, and what nobody knows', () => {
    const draft = parseRoutineDraft(
      body({ description: null, enabled: null, authorization: null, metadata: null, created_at: 1, colour: 'red' }),
      1,
    );
    expect(draft).toEqual(parseRoutineDraft(body(), 1));
  });

  it('may be what GET answers, in every dialect', () => {
    const routine = aRoutine({
      description: 'd',
      concurrencyPolicy: 'skip_if_active',
      metadata: { costCenter: '4711' },
      triggers: [
        aTrigger({ enabled: false }),
        aTrigger({ name: triggerName('once'), trigger: aTimer('2026-09-01T09:00:00Z') }),
      ],
    });
    for (const dialect of [dialectOf('v1', null), dialectOf('v1', 'azsdk-js'), dialectOf(null, null)]) {
      const answered = JSON.parse(JSON.stringify(routineView(routine, dialect, at('2026-01-01T00:00:00Z'))));
      expect(parseRoutineDraft(answered, 2)).toMatchObject({
        description: 'd',
        enabled: true,
        triggers: [
          { name: 'main', enabled: false, trigger: { cronExpression: '*/5 * * * *' } },
          { name: 'once', enabled: true, trigger: { type: 'timer' } },
        ],
        action: routine.action,
        authorization: 'agent',
        concurrencyPolicy: 'skip_if_active',
        metadata: { costCenter: '4711' },
      });
    }
  });

  it.each<[string, JsonValue]>([
    ['a text of 32,768 characters', 'é'.repeat(32_768)],
    ['32,768 characters of JSON', ['x'.repeat(32_764)]],
    ['false', false],
    ['0', 0],
    ['an empty text', ''],
  ])('may hold as input %s', (_, input) => {
    expect(parseRoutineDraft(withAction({ input }), 1).action.input).toEqual(input);
  });
});

describe('a PUT is refused', () => {
  it.each<[string, JsonValue | undefined, string | undefined, string]>([
    ['without a body', undefined, undefined, 'body: missing; expected a JSON object'],
    ['for a list', [], undefined, 'body: found []; expected a JSON object'],
    ['without triggers', { action }, 'triggers', 'missing; expected an object with exactly one trigger by name'],
    ['for no trigger', body({ triggers: {} }), 'triggers', 'found 0; expected exactly one trigger'],
    ['for two triggers', body({ triggers: { a: schedule, b: schedule } }), 'triggers', 'found 2; expected exactly one'],
    ['for triggers in a list', body({ triggers: [schedule] }), 'triggers', 'expected an object with exactly one'],
    [
      'for a bad trigger name',
      body({ triggers: { 'a b': schedule } }),
      'triggers.a b',
      'found "a b"; expected a trigger name',
    ],
    ['for a null trigger', withTrigger(null), 'triggers.daily', 'found null; expected an object whose type is'],
    [
      'for an unknown trigger',
      withTrigger({ type: 'tide' }),
      'triggers.daily.type',
      'found "tide"; expected "schedule" or',
    ],
    ['without a type', withTrigger({ at: '30m' }), 'triggers.daily.type', 'missing; expected "schedule" or'],
    ['without cron', withTrigger({ type: 'schedule' }), 'triggers.daily.cron_expression', 'missing; expected a text'],
    [
      'for a flag',
      withTrigger({ ...schedule, enabled: 'no' }),
      'triggers.daily.enabled',
      'found "no"; expected true or',
    ],
    ['without at', withTrigger({ type: 'timer' }), 'triggers.daily.at', 'missing; expected an instant'],
    ['for an at', withTrigger({ type: 'timer', at: true }), 'triggers.daily.at', 'found true; expected an instant'],
    [
      'for an event',
      withTrigger({ type: 'github_issue', connection_id: 'c', owner: 'o', repository: 'r', issue_event: 'edited' }),
      'triggers.daily.issue_event',
      'found "edited"; expected "opened" or "closed"',
    ],
    [
      'without parameters',
      withTrigger({ type: 'custom', provider: 'p' }),
      'triggers.daily.parameters',
      'missing; expected an object',
    ],
    [
      'for a webhook',
      withTrigger({ type: 'custom', provider: 'webhook', parameters: {} }),
      'triggers.daily.provider',
      'webhooks are not available yet',
    ],
    [
      'for triggers that fill a row',
      withTrigger({ type: 'custom', provider: 'p', parameters: { a: 'x'.repeat(30_000) } }),
      'triggers',
      'characters of JSON; expected at most 30000',
    ],
    ['without an action', { triggers: { daily: schedule } }, 'action', 'missing; expected an object whose type is'],
    [
      'for an unknown action',
      withAction({ type: 'invoke_agent_telepathy_api' }),
      'action.type',
      'found "invoke_agent_telepathy_api"; expected "invoke_agent_responses_api" or',
    ],
    [
      'without an agent',
      withAction({ agent_name: null }),
      'action',
      'found neither; expected exactly one of agent_name',
    ],
    ['for two agents', withAction({ agent_endpoint_id: 'e' }), 'action', 'found both; expected exactly one of'],
    [
      'for an empty agent',
      withAction({ agent_name: '' }),
      'action.agent_name',
      'found 0 characters; expected a text of',
    ],
    ['for a long name', withAction({ agent_name: 'x'.repeat(257) }), 'action.agent_name', 'found 257 characters'],
    [
      'for half a character',
      withAction({ agent_name: '\ud800' }),
      'action.agent_name',
      'expected a name of whole characters other than',
    ],
    [
      'for a classic agent that is only named',
      body({ action: { type: 'invoke_agent_threads_api', agent_name: 'a' } }),
      'action.agent_id',
      'missing; expected a text of 1 to 256 characters',
    ],
    [
      'for a thread that no URL can name',
      body({ action: { type: 'invoke_agent_threads_api', agent_id: 'a', thread_id: '..' } }),
      'action.thread_id',
      'expected a name of whole characters other than',
    ],
    ['for a long input', withAction({ input: 'x'.repeat(32_769) }), 'action.input', 'found 32769 characters'],
    ['for a large input', withAction({ input: ['x'.repeat(32_765)] }), 'action.input', 'found 32769 characters'],
    ['for a template', withAction({ input_template: true }), 'action.input_template', 'all that is available yet'],
    ['for a description', body({ description: 'x'.repeat(1025) }), 'description', 'found 1025 characters; expected a'],
    ['for an identity', body({ authorization: { identity: 'me' } }), 'authorization.identity', '"agent" or "creator"'],
    [
      'for a concurrency policy',
      body({ concurrencyPolicy: 'queue' }),
      'concurrency_policy',
      'found "queue"; expected "always_enqueue" or "skip_if_active" or "coalesce_if_active"',
    ],
    ['for a policy', body({ catchUpPolicy: 'all' }), 'catch_up_policy', 'found "all"; expected "skip_missed" or'],
    ['for a cap of none', capped(0), 'catch_up_cap', 'found 0; expected a whole number from 1 to 100'],
    ['for a cap too high', capped(101), 'catch_up_cap', 'found 101; expected a whole number from 1 to 100'],
    ['for half a cap', capped(1.5), 'catch_up_cap', 'found 1.5; expected a whole number from 1 to 100'],
    ...[29, 86_401, 60.5, '60'].map((seconds): [string, JsonObject, string, string] => [
      `for a deadline of ${JSON.stringify(seconds)}`,
      body({ deadline_seconds: seconds }),
      'deadline_seconds',
      `found ${JSON.stringify(seconds)}; expected a whole number of seconds from 30 to 86400`,
    ]),
    [
      'for a cap without its policy',
      body({ catch_up_cap: 5 }),
      'catch_up_cap',
      'found 5 with catch_up_policy "skip_missed"',
    ],
    ['for metadata in a list', body({ metadata: ['a'] }), 'metadata', 'found ["a"]; expected an object whose values'],
    ['for 17 pairs', body({ metadata: pairs(17) }), 'metadata', 'found 17 pairs; expected at most 16'],
    ['for a number in metadata', body({ metadata: { n: 5 } }), 'metadata.n', 'found 5; expected a text'],
    ['for null in metadata', body({ metadata: { n: null } }), 'metadata.n', 'found null; expected a text'],
    [
      'for a long value in metadata',
      body({ metadata: { long: 'x'.repeat(513) } }),
      'metadata.long',
      'found 513 characters; expected at most 512',
    ],
    [
      'for a long key in metadata',
      body({ metadata: { ['k'.repeat(65)]: 5 } }),
      'metadata',
      `found a key of 65 characters, "${'k'.repeat(64)}"; expected 1 to 64 characters`,
    ],
    ['for an empty key in metadata', body({ metadata: { '': 'x' } }), 'metadata', 'found a key of 0 characters, ""'],
    [
      'for a key that no object keeps',
      body({ metadata: JSON.parse('{"__proto__":"x"}') }),
      'metadata',
      'found the key "__proto__"',
    ],
    [
      'for metadata that fills a row',
      body({ metadata: pairs(16, '\u0001'.repeat(512)) }),
      'metadata',
      'characters as JSON text; expected at most 30000',
    ],
  ])('%s', (_, value, param, message) => {
    const problem = only(value);
    expect(problem).toMatchObject({ code: 'invalid_request' });
    expect(problem.param).toBe(param);
    expect(problem.message).toContain(message);
    expect(problem.message.startsWith(`${param ?? 'body'}: `)).toBe(true);
  });

  it('with every problem at once', () => {
    const wrong = {
      description: 5,
      triggers: { a: { type: 'schedule' }, b: { type: 'timer', at: {} } },
      action: { type: 'invoke_agent_responses_api', input: 'x'.repeat(40_000) },
    };
    expect(problemsOf(wrong).map((problem) => problem.param)).toEqual([
      'description',
      'triggers.a.cron_expression',
      'triggers.b.at',
      'triggers',
      'action.input',
      'action',
    ]);
  });

  it('with the first hundred of very many problems', () => {
    const triggers = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`t${n}`, 0]));
    expect(problemsOf(body({ triggers }))).toHaveLength(100);
  });

  it('for more triggers than MAX_TRIGGERS allows, and not below', () => {
    const triggers = { a: schedule, b: schedule, c: schedule };
    expect(problemsOf(body({ triggers }), 3)).toEqual([]);
    expect(problemsOf(body({ triggers }), 2)).toMatchObject([
      { param: 'triggers', message: 'triggers: found 3; expected 1 to 2 triggers' },
    ]);
  });
});
