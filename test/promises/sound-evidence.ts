import type { Run } from '../../shared/domain/run.ts';
import { dispatchRunId, slotRunId } from '../../shared/domain/run-id.ts';
import { aRoutine, aRun, aSchedule, aTrigger, at } from '../builders.ts';
import type { Evidence } from './evidence.ts';
import type { Knowing } from './invariant.ts';

// A routine with two slots behind it and one run by hand, in a world that knows everything and kept every promise.

export const routine = aRoutine({
  triggers: [aTrigger({ trigger: aSchedule('0 * * * *'), since: at('2026-01-01T00:30:00Z') })],
});
export const { project, name } = routine;
export const [main = aTrigger()] = routine.triggers;
const { trigger, since } = main;
if (trigger.type !== 'schedule') throw new Error('expected a schedule');
export const now = at('2026-01-01T02:30:00Z');
export const next = at('2026-01-01T03:00:00Z');

export const runAt = (slot: string, over: Partial<Run> = {}): Run => {
  const nominal = at(slot);
  const startedAt = new Date(nominal.getTime() + 1000);
  const endedAt = new Date(nominal.getTime() + 5000);
  return aRun({
    id: slotRunId({ project, routine: name, trigger: main.name, nominal }),
    triggeredAt: nominal,
    scheduledFireAt: nominal,
    startedAt,
    attempts: [{ number: 1, startedAt, endedAt, statusCode: 200 }],
    state: { phase: 'completed', endedAt, answer: {} },
    ...over,
  });
};

export const one = runAt('2026-01-01T01:00:00Z');
export const two = runAt('2026-01-01T02:00:00Z');
const handAt = '2026-01-01T02:10:00Z';
export const byHand = runAt(handAt, {
  id: dispatchRunId(at(handAt), '0123456789abcdef0123'),
  attemptSource: 'queued_dispatch',
  scheduledFireAt: undefined,
});
export const runs = [one, two, byHand];

/** Of that run, while it was at work. */
export const callOf = ({ id, startedAt, triggeredAt }: Run) => ({
  key: id,
  requestId: id,
  body: '{}',
  startedAt: (startedAt ?? triggeredAt).getTime(),
  endedAt: (startedAt ?? triggeredAt).getTime() + 2000,
});

export const dueRow = { project, routine: name, triggerName: main.name, trigger, plan: main.plan, nominal: next };
export const state = { project, routine: name, triggerName: main.name, plan: main.plan, next };
export const partition = `${project}!${name}`;
export const pointersOf = (all: readonly Run[]) => all.map(({ id }) => `${partition} ${id}`);

export const stretch = {
  project,
  routine: name,
  from: since.getTime(),
  to: Number.POSITIVE_INFINITY,
  possible: [[{ name: main.name, trigger, since: { from: since.getTime(), to: since.getTime() } }]],
};

export const sound: Knowing<keyof Evidence> = {
  now,
  slots: { after: new Date(0), until: now },
  definitions: [routine],
  history: [stretch],
  contended: [],
  settleMs: 60_000,
  lists: { newestFirst: [routine], oldestFirst: [routine], pointers: pointersOf(runs) },
  schedule: { due: [dueRow], states: [state] },
  plannedUntil: at('2026-01-01T02:35:00Z'),
  deliveries: [],
  putBy: [],
  remains: { work: 0, deliveryPoison: 0, workPoison: 0, poisonedBodies: 0 },
  holds: [],
  runs,
  mayEnd: ['completed', 'killed'],
  stoodStill: false,
  isDisturbed: false,
  mayRepeatCalls: false,
  calls: runs.map(callOf),
  works: [],
  starts: [{ project, routine: name, key: 'k', runId: byHand.id }],
  keyedRuns: [byHand.id],
  changes: [{ routine: name, generation: 1 }],
  cancelled: [],
  complaints: [],
};
