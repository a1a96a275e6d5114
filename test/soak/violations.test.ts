import { expect, test } from 'vitest';
import type { Run, RunState } from '../../shared/domain/run.ts';
import { dispatchRunId, slotRunId } from '../../shared/domain/run-id.ts';
import { aRoutine, aRun, aSchedule, aTrigger, at, projectName, routineName, triggerName } from '../builders.ts';
import { openLedger, type RoutineLedger } from './ledger.ts';
import type { AgentCall } from './moody-agent.ts';
import { type Evidence, findViolations } from './violations.ts';
import type { World } from './world.ts';

// A quiet world in which every promise was kept; each case breaks one thing in it.

const project = projectName('alpha');
const name = routineName('steady');
const trigger = aSchedule('* * * * *');
const main = triggerName('main');
const begin = at('2026-01-01T00:00:30Z');
const until = at('2026-01-01T00:02:30Z');
const slots = [at('2026-01-01T00:01:00Z'), at('2026-01-01T00:02:00Z')];
const next = at('2026-01-01T00:03:00Z');

const completed: RunState = { phase: 'completed', endedAt: until, answer: {} };
const attempts = [{ number: 1, startedAt: begin, endedAt: until, statusCode: 200 }];
const of = { project, routine: name, attempts, state: completed };
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

const aLedger = (over: Partial<RoutineLedger> = {}): Evidence['ledger'] => {
  const routine: RoutineLedger = {
    ...{ project, name, contended: false, policy: 'always_enqueue' },
    changes: [{ ...acknowledged, kind: 'put', definition: { enabled: true, trigger } }],
    starts: [{ ...acknowledged, key: 'k', runId: dispatched.id }],
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

const callOf = ({ id }: Run): AgentCall => ({ at: 0, key: id, requestId: id, bodyHash: 'h' });
const calls = [...slotRuns, dispatched].map(callOf);

const found = (over: Partial<Pick<Evidence, 'ledger' | 'world' | 'calls'>>) =>
  findViolations({ ledger: aLedger(), world: aWorld(), calls, until: until.getTime(), settleMs: 60_000, ...over });

test('a world in which every promise was kept has none', () => {
  expect(found({})).toEqual([]);
});

const without = (run: Run | undefined) => [...slotRuns, dispatched].filter((one) => one !== run);
const instead = (over: Partial<Run>) => ({ world: aWorld({ runs: [...slotRuns, { ...dispatched, ...over }] }) });

test.each([
  [
    'a slot without a run',
    { world: aWorld({ runs: without(slotRuns[1]) }), calls: without(slotRuns[1]).map(callOf) },
    'slot 2026-01-01T00:02:00.000Z has no run',
  ],
  ['a run of a slot that nobody owned', { ledger: aLedger({ changes: [] }) }, "which was never the routine's"],
  [
    'a promised run that does not exist',
    { world: aWorld({ runs: slotRuns }), calls: slotRuns.map(callOf) },
    'was promised and does not exist',
  ],
  [
    'a run by hand that nobody asked for',
    { ledger: aLedger({ starts: [] }) },
    'there are 1 runs that nobody was told of',
  ],
  [
    'a key with two runs',
    {
      ledger: aLedger({
        starts: [dispatched, slotRuns[0]].map((run) => ({ ...acknowledged, key: 'k', runId: run?.id })),
      }),
    },
    'key k started 2 runs',
  ],
  [
    'a cancelled run that went on',
    { ledger: aLedger({ cancels: [{ ...acknowledged, runId: dispatched.id }] }) },
    'is completed',
  ],
  ['a run that never ended', instead({ state: { phase: 'queued' } }), 'is still queued'],
  ['a completed run without a call', { calls: slotRuns.map(callOf) }, 'no agent was called'],
  ['a call under another key', { calls: calls.map((call) => ({ ...call, requestId: 'other' })) }, 'under key'],
  [
    'calls of one run that differ',
    { calls: [...calls, { ...callOf(dispatched), bodyHash: 'x' }] },
    '2 different bodies',
  ],
  ['a call for no run', { calls: [...calls, { ...callOf(dispatched), key: 'no', requestId: 'no' }] }, 'does not exist'],
  ['a trigger without its due row', { world: aWorld({ due: [] }) }, 'there is no due row'],
  ['a routine that is not scheduled', { world: aWorld({ due: [], states: [] }) }, 'is not scheduled'],
  ['a schedule of an older plan', { world: aWorld({ definitions: [] }) }, 'fires nothing'],
  ['a list that lacks a run', { world: aWorld({ pointers: [] }) }, 'the ascending list'],
  ['a list that lacks a routine', { world: aWorld({ newestFirst: [] }) }, 'the newest-first list'],
  ['a poisoned body', { world: aWorld({ poisonedMessages: 1 }) }, '1 poisoned bodies'],
  [
    'a message of a change that is not finished',
    { world: aWorld({ messages: { work: 1, deliveryPoison: 0, workPoison: 0 } }) },
    '1 messages on queue work',
  ],
  [
    'a hold of a run that has ended',
    { world: aWorld({ holds: [{ partition: 'p', hold: { active: { runId: dispatched.id, until: next } } }] }) },
    'p is held by',
  ],
] as const)('%s is found', (_, over, violation) => {
  expect(found(over).join('\n')).toContain(violation);
});
