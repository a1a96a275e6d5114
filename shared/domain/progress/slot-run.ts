import { attemptSourceOf } from '../kinds/trigger-kinds.ts';
import type { Routine } from '../routine.ts';
import type { MissedSlots, Run } from '../run.ts';
import { slotRunId } from '../run-id.ts';
import type { TimedRoutineTrigger } from '../trigger.ts';
import { type NewRun, newRun } from './new-run.ts';

/** A trigger and its name in the routine. */
type NamedTrigger = Pick<TimedRoutineTrigger, 'name' | 'trigger'>;

/** The run of a slot before its first claim. */
export const slotRun = (
  routine: Routine,
  { name, trigger }: NamedTrigger,
  nominal: Date,
  over: Pick<NewRun, 'state' | 'missed'> = {},
): Run =>
  newRun(routine, {
    id: slotRunId({ project: routine.project, routine: routine.name, trigger: name, nominal }),
    triggerType: trigger.type,
    triggerName: name,
    attemptSource: attemptSourceOf(trigger),
    triggeredAt: nominal,
    scheduledFireAt: nominal,
    triggerTimeZone: trigger.timeZone,
    ...over,
  });

interface UnusableSlot {
  readonly trigger: NamedTrigger;
  readonly nominal: Date;
  readonly reason: string;
  readonly endedAt: Date;
}

/** The visible run of a slot that was due while its trigger cannot be computed. */
export const unusableSlotRun = (routine: Routine, { trigger, nominal, reason, endedAt }: UnusableSlot): Run => {
  const message = `Trigger "${trigger.name}" can be computed no more: ${reason}`;
  const state = { phase: 'failed', endedAt, error: { type: 'internal_error', message } } as const;
  return slotRun(routine, trigger, nominal, { state });
};

interface DroppedSlots {
  readonly trigger: NamedTrigger;
  readonly missed: MissedSlots;
  readonly endedAt: Date;
}

/** The visible run that stands for slots that do not fire any more, under the id of the first of them. */
export const missedRun = (routine: Routine, { trigger, missed, endedAt }: DroppedSlots): Run => {
  const { count, firstAt, lastAt } = missed;
  const range =
    count === 1
      ? `The slot at ${firstAt.toISOString()} was`
      : `${count} slots from ${firstAt.toISOString()} to ${lastAt.toISOString()} were`;
  const error = { type: 'missed', message: `${range} too late to fire.` };
  const state = { phase: 'killed', endedAt, error, skipReason: 'missed' } as const;
  return slotRun(routine, trigger, firstAt, { state, missed });
};
