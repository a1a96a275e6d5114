import { describe, expect, test } from 'vitest';
import type { Run } from '../../shared/domain/run.ts';
import { slotRunId } from '../../shared/domain/run-id.ts';
import { aRoutine, aRun, aSchedule, aTrigger, at } from '../builders.ts';
import { type Observed, violationsOf } from './invariants.ts';

// A routine with two slots behind it, and what can go wrong with them: each must be seen.

const routine = aRoutine({
  triggers: [aTrigger({ trigger: aSchedule('0 * * * *'), since: at('2026-01-01T00:30:00Z') })],
});
const { project, name } = routine;
const [main = aTrigger()] = routine.triggers;
const { trigger } = main;
if (trigger.type !== 'schedule') throw new Error('expected a schedule');

const runAt = (slot: string, over: Partial<Run> = {}): Run => {
  const nominal = at(slot);
  const id = slotRunId({ project, routine: name, trigger: main.name, nominal });
  const attempt = { number: 1, startedAt: nominal, endedAt: nominal, statusCode: 200 };
  const state = { phase: 'completed', endedAt: nominal, answer: {} } as const;
  return aRun({ id, triggeredAt: nominal, scheduledFireAt: nominal, attempts: [attempt], state, ...over });
};

const [one, two] = [runAt('2026-01-01T01:00:00Z'), runAt('2026-01-01T02:00:00Z')];
const next = at('2026-01-01T03:00:00Z');
const slot = { project, routine: name, triggerName: main.name, trigger, plan: main.plan, nominal: next };
const pointers = [one, two].map(({ id }) => `${project}!${name} ${id}`);

const kept: Observed = {
  at: at('2026-01-01T02:30:00Z'),
  definitions: [routine],
  newestFirst: [routine],
  oldestFirst: [routine],
  due: [slot],
  states: [{ project, routine: name, triggerName: main.name, plan: main.plan, next }],
  runs: [one, two],
  pointers,
  holds: [],
  keyedRuns: [],
  poisonedMessages: 0,
  queues: { delivery: 0, work: 0, deliveryPoison: 0, workPoison: 0 },
  putBy: [],
  calls: [one, two].map(({ id }) => ({ key: id, body: '{}' })),
  overlaps: [],
  told: { dispatched: [], unanswered: 0, former: [], changed: [], cancelled: [] },
};

test('nothing is wrong when the promises are kept', () => {
  expect(violationsOf(kept)).toEqual([]);
});

const withRun = (run: Run): Partial<Observed> => ({ runs: [one, run] });
const stateWith = (over: object): Partial<Observed> => ({ states: kept.states.map((row) => ({ ...row, ...over })) });
const partition = `${project}!${name}`;

const cases: readonly (readonly [string, Partial<Observed>, RegExp])[] = [
  [
    'a slot without a run',
    { runs: [one], pointers: pointers.slice(0, 1), calls: kept.calls.slice(0, 1) },
    /02:00.*has 0 runs/,
  ],
  ['two runs of a slot', { runs: [one, two, two] }, /02:00.*has 2 runs/],
  ['a run at no slot', withRun(runAt('2026-01-01T02:10:00Z')), /is of no slot/],
  ['a run from before the plan', { runs: [runAt('2026-01-01T00:00:00Z'), one, two] }, /is of no slot/],
  ['a queued run', withRun({ ...two, attempts: [], state: { phase: 'queued' } }), /is queued for ever/],
  ['a completed run without a call', { calls: kept.calls.slice(0, 1) }, /its agent was never called/],
  [
    'fewer calls than attempts',
    withRun({ ...two, attempts: [...two.attempts, ...two.attempts] }),
    /2 answered attempts and 1 calls/,
  ],
  [
    'calls of one run that differ',
    { calls: [...kept.calls, { key: two.id, body: '{"other":1}' }] },
    /calls of run .* differ/,
  ],
  ['two calls of one run at once', { overlaps: [one.id] }, /while a call for it was under way/],
  ['a call for no run', { calls: [...kept.calls, { key: 'nobody', body: '{}' }] }, /nobody, which is no run/],
  ['a due row without a state', { states: [] }, /has 0 states|has no state/],
  ['a state without a due row', { due: [] }, /has 0 due rows/],
  ['a second due row', { due: [slot, { ...slot, nominal: at('2026-01-01T04:00:00Z') }] }, /has 2 due rows/],
  ['a slot that was passed over', stateWith({ next: at('2026-01-01T04:00:00Z') }), /03:00.*was passed over/],
  ['an overdue slot', stateWith({ next: at('2026-01-01T02:00:00Z') }), /is overdue/],
  ['a due time that is no slot', stateWith({ next: at('2026-01-01T03:10:00Z') }), /is no slot of it/],
  ['a schedule that waits for nothing', { ...stateWith({ next: null }), due: [] }, /is not spent/],
  ['a state of another plan', stateWith({ plan: 7 }), /waits for plan 7 of nobody/],
  ['a message that is left', { queues: { ...kept.queues, delivery: 1 } }, /1 messages are left on the delivery queue/],
  ['a reconcile that is left', { queues: { ...kept.queues, work: 1 } }, /left on the work queue/],
  ['a message on a poison queue', { queues: { ...kept.queues, deliveryPoison: 1 } }, /left on a poison queue/],
  ['a message that was given up', { poisonedMessages: 1 }, /were given up/],
  ['a list without the routine', { newestFirst: [] }, /newest-first list/],
  ['a list with an older copy', { oldestFirst: [{ ...routine, generation: 0 }] }, /oldest-first list/],
  ['a run that is not in its list', { pointers: pointers.slice(1) }, /ascending list/],
  [
    'a hold of a run that has ended',
    { holds: [{ partition, hold: { active: { runId: one.id, until: kept.at } } }] },
    /is held by/,
  ],
  ['a place that is waited in', { holds: [{ partition, hold: { waiting: one.id } }] }, /waiting/],
  ['a run that a caller was told of', { told: { ...kept.told, dispatched: [one.id] } }, /was told of, is not there/],
  ['a run by hand that nobody asked for', withRun({ ...two, scheduledFireAt: undefined }), /asked for by nobody/],
  [
    'a change that was answered',
    { told: { ...kept.told, changed: [{ routine: name, generation: 2 }] } },
    /never stood/,
  ],
  ['a cancellation that was answered', { told: { ...kept.told, cancelled: [one.id] } }, /answered as cancelled/],
];

describe('what is seen', () => {
  test.for(cases)('%s', ([, change, expected]) => {
    expect(violationsOf({ ...kept, ...change }).join('\n')).toMatch(expected);
  });
});

describe('what is no violation', () => {
  test('a call that was broken off before all of it was read', () => {
    expect(violationsOf({ ...kept, calls: [...kept.calls, { key: one.id }] })).toEqual([]);
  });

  test('a coming slot that is a message already', () => {
    const fourth = at('2026-01-01T04:00:00Z');
    const sent = { due: [{ ...slot, nominal: fourth }], ...stateWith({ next: fourth }) };
    expect(violationsOf({ ...kept, ...sent, queues: { ...kept.queues, delivery: 1 } })).toEqual([]);
  });

  test('slots that one killed run stands for', () => {
    const missed = { count: 2, firstAt: one.triggeredAt, lastAt: two.triggeredAt };
    const error = { type: 'missed', message: 'too late' };
    const killed: Run = { ...one, attempts: [], missed, state: { phase: 'killed', endedAt: kept.at, error } };
    expect(violationsOf({ ...kept, runs: [killed], pointers: pointers.slice(0, 1), calls: [] })).toEqual([]);
  });

  test('a run of a definition that stood before', () => {
    const changed = { ...routine, triggers: [{ ...main, since: at('2026-01-01T02:10:00Z'), plan: 2 }], generation: 2 };
    const definitions = { definitions: [changed], newestFirst: [changed], oldestFirst: [changed] };
    const schedule = { due: [{ ...slot, plan: 2 }], ...stateWith({ plan: 2 }) };
    const told = { ...kept.told, former: [routine] };
    expect(violationsOf({ ...kept, ...definitions, ...schedule, told })).toEqual([]);
    expect(violationsOf({ ...kept, ...definitions, ...schedule })).toHaveLength(2);
  });
});
