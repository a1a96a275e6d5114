import { withFields } from '../every-field.ts';
import type { Routine } from '../routine.ts';
import type { Run } from '../run.ts';

/** What a new run does not take over from its routine. */
export interface NewRun
  extends Pick<
    Run,
    | 'id'
    | 'triggerType'
    | 'triggerName'
    | 'attemptSource'
    | 'triggeredAt'
    | 'scheduledFireAt'
    | 'triggerTimeZone'
    | 'missed'
    | 'retryOf'
  > {
  /** In place of the routine's: with the input of a dispatch, or of the run that this one repeats. */
  readonly action?: Run['action'];
  /** `queued` unless it has ended already. */
  readonly state?: Run['state'];
}

/** Every run is made here, and takes over from its routine, as it stands, what a run has of it. */
export const newRun = (routine: Routine, run: NewRun): Run =>
  withFields<Run>({
    project: routine.project,
    routine: routine.name,
    id: run.id,
    triggerType: run.triggerType,
    triggerName: run.triggerName,
    attemptSource: run.attemptSource,
    action: run.action ?? routine.action,
    triggeredAt: run.triggeredAt,
    scheduledFireAt: run.scheduledFireAt,
    triggerTimeZone: run.triggerTimeZone,
    startedAt: undefined,
    attempts: [],
    work: undefined,
    lives: undefined,
    waited: undefined,
    deadlineSeconds: routine.deadlineSeconds,
    missed: run.missed,
    exclusive: routine.concurrencyPolicy === 'always_enqueue' ? undefined : routine.concurrencyPolicy,
    retryOf: run.retryOf,
    metadata: routine.metadata,
    state: run.state ?? { phase: 'queued' },
  });
