import type { Clock } from '../clock.ts';
import { nextFireAfter } from '../domain/next-fire.ts';
import type { MissedSlots, Run } from '../domain/run.ts';
import { slotRunId } from '../domain/run-id.ts';
import { checkSlot } from '../domain/slot-check.ts';
import type { Log } from './ports/log.ts';
import type { RoutineStore } from './ports/routine-store.ts';
import type { RunStore } from './ports/run-store.ts';
import type { DueSlot } from './ports/schedule-store.ts';

export interface RecordMissedDeps {
  readonly routines: RoutineStore;
  readonly runs: RunStore;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Writes the one visible run that stands for all slots that were missed. Its id is that of the first of them, so a
 * repeated tick finds it and widens it, and a late message of that slot finds an ended run. A slot whose run exists
 * was not missed: its message was sent before the outage, and only the advance was lost.
 */
export const recordMissed = async (deps: RecordMissedDeps, slot: DueSlot, missed: MissedSlots): Promise<void> => {
  const { project, routine, triggerName } = slot;
  const stored = await deps.routines.get(project, routine);
  const current = stored?.kind === 'routine' ? stored.routine : null;
  let rest: MissedSlots | null = missed;
  while (rest !== null) {
    const check = checkSlot(current, triggerName, rest.firstAt);
    // Nobody is waiting for a slot that a change has taken away.
    if (current === null || check.kind === 'foreign') return;
    const run = missedRun(slot, rest, { action: current.action, now: deps.clock.now() });
    if ((await deps.runs.create(run)) !== null) break;
    const existing = await deps.runs.get(project, routine, run.id);
    if (existing?.run.missed !== undefined) {
      if (existing.run.missed.count < rest.count) await deps.runs.replace(run, existing.version);
      break;
    }
    rest = withoutFirst(slot, rest);
  }
  if (rest === null) return;
  deps.log.warn('Slots missed', {
    project,
    routine,
    trigger: triggerName,
    count: rest.count,
    firstAt: rest.firstAt.toISOString(),
    lastAt: rest.lastAt.toISOString(),
  });
};

const withoutFirst = (slot: DueSlot, missed: MissedSlots): MissedSlots | null => {
  const firstAt = nextFireAfter(slot.trigger, missed.firstAt);
  return missed.count <= 1 || firstAt === null ? null : { ...missed, count: missed.count - 1, firstAt };
};

const missedRun = (slot: DueSlot, missed: MissedSlots, by: { action: Run['action']; now: Date }): Run => {
  const { project, routine, triggerName, trigger } = slot;
  const range =
    missed.count === 1
      ? `The slot at ${missed.firstAt.toISOString()} was`
      : `${missed.count} slots from ${missed.firstAt.toISOString()} to ${missed.lastAt.toISOString()} were`;
  return {
    project,
    routine,
    id: slotRunId({ project, routine, trigger: triggerName, nominal: missed.firstAt }),
    triggerType: trigger.type,
    triggerName,
    attemptSource: trigger.type === 'timer' ? 'timer_delivery' : 'schedule_delivery',
    action: by.action,
    triggeredAt: missed.firstAt,
    scheduledFireAt: missed.firstAt,
    triggerTimeZone: trigger.timeZone,
    attempts: [],
    missed,
    state: {
      phase: 'killed',
      endedAt: by.now,
      error: { type: 'missed', message: `${range} too late to fire.` },
      skipReason: 'missed',
    },
  };
};
