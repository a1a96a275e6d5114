import { expect, test } from 'vitest';
import type { Run } from '../../shared/domain/run.ts';
import { dispatchRunId, slotRunId } from '../../shared/domain/run-id.ts';
import { aRoutine, aRun, aSchedule, aTrigger, at, projectName, routineName, triggerName } from '../builders.ts';
import { findViolations } from '../promises/check-promises.ts';
import { type SoakWorld, toEvidence } from './evidence.ts';
import { openLedger, type RoutineLedger, type Start } from './ledger.ts';
import type { World } from './world.ts';

// A quiet soak in which every promise was kept: what its ledger, its storage and its agent say must be read as such.

const project = projectName('alpha');
const name = routineName('steady');
const trigger = aSchedule('* * * * *');
const main = triggerName('main');
const begin = at('2026-01-01T00:00:30Z');
const until = at('2026-01-01T00:02:30Z');
const slots = [at('2026-01-01T00:01:00Z'), at('2026-01-01T00:02:00Z')];
const next = at('2026-01-01T00:03:00Z');

const of = {
  project,
  routine: name,
  attempts: [{ number: 1, startedAt: begin, endedAt: until, statusCode: 200 }],
  state: { phase: 'completed', endedAt: until, answer: {} },
} as const;
const slotRuns: readonly Run[] = slots.map((nominal) =>
  aRun({
    ...of,
    id: slotRunId({ project, routine: name, trigger: main, nominal }),
    triggeredAt: nominal,
    scheduledFireAt: nominal,
  }),
);
const dispatched: Run = aRun({
  ...of,
  id: dispatchRunId(begin, '0123456789abcdef0123'),
  attemptSource: 'queued_dispatch',
  triggeredAt: begin,
  scheduledFireAt: undefined,
});

const interval = { from: begin.getTime() - 100, to: begin.getTime() + 100 };
const acknowledged = { ...interval, outcome: 'acknowledged', status: 200 } as const;
const refused = { ...interval, outcome: 'refused', status: 409 } as const;
const unanswered = { ...interval, outcome: 'unknown', status: 0 } as const;
const started: Start = { ...acknowledged, key: 'k', runId: dispatched.id };

const aLedger = (over: Partial<RoutineLedger> = {}): SoakWorld['ledger'] => {
  const routine: RoutineLedger = {
    ...{ project, name, contended: false, policy: 'always_enqueue' },
    changes: [{ ...acknowledged, kind: 'put', definition: { enabled: true, trigger } }],
    starts: [started],
    cancels: [],
    ...over,
  };
  return { ...openLedger([]), routines: [routine] };
};

const aWorld = (over: Partial<World> = {}): World => {
  const routine = aRoutine({ project, name, triggers: [aTrigger({ name: main, trigger, since: begin })] });
  const runs = over.runs ?? [...slotRuns, dispatched];
  return {
    readAt: until,
    definitions: [routine],
    newestFirst: [routine],
    oldestFirst: [routine],
    due: [{ project, routine: name, triggerName: main, trigger, plan: 1, nominal: next }],
    states: [{ project, routine: name, triggerName: main, plan: 1, next }],
    runs,
    pointers: runs.map(({ id }) => `${project}!${name} ${id}`),
    holds: [],
    keyedRuns: [],
    poisonedMessages: 0,
    messages: { work: 0, deliveryPoison: 0, workPoison: 0 },
    ...over,
  };
};

const callOf = ({ id }: Run) => ({ at: 0, key: id, requestId: id, bodyHash: 'h' });
const calls = [...slotRuns, dispatched].map(callOf);

const found = (over: Partial<SoakWorld>): readonly string[] => {
  const fixed = { until: until.getTime(), settleMs: 60_000, deliveries: [] };
  const violations = findViolations(toEvidence({ ledger: aLedger(), world: aWorld(), calls, ...fixed, ...over }));
  return [...new Set(violations.map(({ invariant }) => invariant))];
};

const lacking: Partial<SoakWorld> = {
  world: aWorld({ runs: [...slotRuns.slice(0, 1), dispatched] }),
  calls: [...slotRuns.slice(0, 1), dispatched].map(callOf),
};

test.each<readonly [string, Partial<SoakWorld>, readonly string[]]>([
  ['a world in which every promise was kept', {}, []],
  ['a slot without a run', lacking, ['everySlotHasOneRun', 'everyOwnedSlotHasARun']],
  ['a run of a slot that nobody asked for', { ledger: aLedger({ changes: [] }) }, ['everyRunIsOfASlot']],
  ['a routine that several clients change', { ledger: aLedger({ changes: [], contended: true }) }, []],
  ['a run that no start explains', { ledger: aLedger({ starts: [] }) }, ['noRunIsStartedUnasked']],
  [
    'a run that only a refused start explains',
    { ledger: aLedger({ starts: [{ ...refused, key: 'k' }] }) },
    ['noRunIsStartedUnasked'],
  ],
  ['a run that an unanswered start explains', { ledger: aLedger({ starts: [{ ...unanswered, key: 'k' }] }) }, []],
  [
    'a cancellation that was acknowledged',
    { ledger: aLedger({ cancels: [{ ...acknowledged, runId: dispatched.id }] }) },
    ['everyCancelledRunIsKilled'],
  ],
  ['a cancellation that was refused', { ledger: aLedger({ cancels: [{ ...refused, runId: dispatched.id }] }) }, []],
  [
    'a call under another key',
    { calls: calls.map((call) => ({ ...call, requestId: 'other' })) },
    ['everyCallIsOfARun'],
  ],
  [
    'calls of one run that differ',
    { calls: [...calls, { ...callOf(dispatched), bodyHash: 'x' }] },
    ['allCallsOfARunSayTheSame'],
  ],
  [
    'a message that stays on a queue',
    { world: aWorld({ messages: { work: 1, deliveryPoison: 0, workPoison: 0 } }) },
    ['nothingIsLeftOrGivenUp'],
  ],
  ['a poisoned body', { world: aWorld({ poisonedMessages: 1 }) }, ['nothingIsLeftOrGivenUp']],
  ['what a client complained of', { ledger: { ...aLedger(), complaints: ['too slow'] } }, ['nothingElseIsSaid']],
])('%s is read as what it is', (_, over, invariants) => {
  expect(found(over)).toEqual(invariants);
});
