import { planCatchUp } from '../../domain/planning/plan-catch-up.ts';
import { checkSlot } from '../../domain/planning/slot-check.ts';
import { missedRun } from '../../domain/progress/slot-run.ts';
import type { Routine } from '../../domain/routine.ts';
import type { MissedSlots } from '../../domain/run.ts';
import { nextFireAfter } from '../../domain/time/next-fire.ts';
import type { Log } from '../ports/log.ts';
import type { DueSlot } from '../ports/schedule-store.ts';
import type { Uses } from '../uses.ts';

type RecordUses = Uses<'runs' | 'clock' | 'log'>;
export type JudgeUses = RecordUses & Uses<'routines' | 'schedule'>;

/**
 * `dropped`: none of them fires; the plan goes on after them. `resumed`: the latest of them fire, from this slot on.
 * `lost`: another tick, or a change, has advanced the trigger.
 */
export type MissedJudgement =
  | { readonly kind: 'dropped' }
  | { readonly kind: 'resumed'; readonly slot: DueSlot; readonly dropped: number }
  | { readonly kind: 'lost' };

export interface MissedDueSlots {
  readonly slot: DueSlot;
  readonly missed: MissedSlots;
}

/**
 * Decides what becomes of slots that are too late, by the routine's catch-up policy. The decision is written before it
 * is acted on (promise 10):
 * 1. the visible run that stands for what is dropped. A crash here repeats the judgement and finds that run.
 * 2. the schedule at the first slot that fires all the same, with how far those reach. A crash here loses nothing:
 *    the next tick fires them, however late, and judges nothing twice.
 */
export const judgeMissed = async (deps: JudgeUses, due: MissedDueSlots): Promise<MissedJudgement> => {
  const { slot, missed } = due;
  const stored = await deps.routines.get(slot.project, slot.routine);
  const current = stored?.kind === 'routine' ? stored.routine : null;
  // A change has taken these slots away: they are not missed.
  if (current === null || checkSlot(current, slot.triggerName, missed.firstAt).kind === 'foreign')
    return { kind: 'dropped' };
  const { dropped, fires } = planCatchUp(slot.trigger, missed, current.catchUp);
  if (dropped !== null) await recordMissed(deps, { slot, dropped, routine: current });
  if (fires === null) return { kind: 'dropped' };
  const resumed = { ...slot, nominal: fires.firstAt, catchUpUntil: fires.lastAt };
  if (dropped === null) return { kind: 'resumed', slot: resumed, dropped: 0 };
  const { advanced } = await deps.schedule.advance([{ slot, next: fires.firstAt, catchUpUntil: fires.lastAt }]);
  return advanced === 1 ? { kind: 'resumed', slot: resumed, dropped: dropped.count } : { kind: 'lost' };
};

interface DroppedSlots {
  readonly slot: DueSlot;
  readonly dropped: MissedSlots;
  readonly routine: Routine;
}

/**
 * Writes the one visible run that stands for all dropped slots. Its id is that of the first of them, so a repeated
 * tick finds it and widens it, and a late message of that slot finds an ended run. A slot whose run exists was not
 * missed: its message was sent before the outage, and only the advance was lost.
 */
const recordMissed = async (deps: RecordUses, { slot, dropped, routine: definition }: DroppedSlots): Promise<void> => {
  const { project, routine } = slot;
  const trigger = { name: slot.triggerName, trigger: slot.trigger };
  for (let rest: MissedSlots | null = dropped; rest !== null; rest = withoutFirst(slot, rest)) {
    const run = missedRun(definition, { trigger, missed: rest, endedAt: deps.clock.now() });
    if ((await deps.runs.create(run)) !== null) return logMissed(deps.log, slot, rest);
    const existing = await deps.runs.get(project, routine, run.id);
    if (existing !== null && existing.run.missed === undefined) continue;
    const isRecorded = existing?.run.missed !== undefined && existing.run.missed.count >= rest.count;
    const isWritten = isRecorded || (existing !== null && (await deps.runs.replace(run, existing.version)) !== null);
    // The slot stays due, and the next tick judges it again.
    if (!isWritten) throw new Error(`Run "${run.id}" of missed slots was refused, and nothing there says so.`);
    return logMissed(deps.log, slot, rest);
  }
};

const logMissed = (log: Log, { project, routine, triggerName }: DueSlot, { count, firstAt, lastAt }: MissedSlots) =>
  log.warn('Slots missed', {
    project,
    routine,
    trigger: triggerName,
    count,
    firstAt: firstAt.toISOString(),
    lastAt: lastAt.toISOString(),
  });

const withoutFirst = (slot: DueSlot, missed: MissedSlots): MissedSlots | null => {
  const firstAt = nextFireAfter(slot.trigger, missed.firstAt);
  return missed.count <= 1 || firstAt === null ? null : { ...missed, count: missed.count - 1, firstAt };
};
