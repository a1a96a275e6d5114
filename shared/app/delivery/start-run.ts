import type { RunId } from '../../domain/names.ts';
import { checkSlot, type SlotCheck } from '../../domain/planning/slot-check.ts';
import type { Routine } from '../../domain/routine.ts';
import type { Run } from '../../domain/run.ts';
import { slotRunId } from '../../domain/run-id.ts';
import type { TimedRoutineTrigger } from '../../domain/trigger.ts';
import type { DeliveryMessage, DispatchMessage, FireMessage } from '../ports/messages.ts';
import type { Uses } from '../uses.ts';
import { type Disposition, done, putBack } from './disposition.ts';

type StartSlotUses = Uses<'routines' | 'runs' | 'work' | 'clock' | 'log'>;
export type StartUses = StartSlotUses & Uses<'delayScale'>;

/** `new`: a run that may begin, not written yet. `exists`: it was written before. */
export type StartedRun =
  | { readonly kind: 'new'; readonly run: Run }
  | { readonly kind: 'exists' }
  | { readonly kind: 'at_rest'; readonly disposition: Disposition };

/** A dispatch whose row is not there by then was never answered: nobody was told that it exists (promise 8). */
const dispatchGraceSeconds = 60;

/** The run a message is about. The id of a slot's run is known before anything is written. */
export const runIdOf = (message: DeliveryMessage): RunId =>
  message.kind !== 'fire'
    ? message.runId
    : slotRunId({
        project: message.project,
        routine: message.routine,
        trigger: message.trigger,
        nominal: new Date(message.nominal),
      });

/** Meets a message that has no run yet: begins a slot of the routine, waits for a dispatch to be written. */
export const startRun = async (
  deps: StartUses,
  message: FireMessage | DispatchMessage,
  dequeueCount: number,
): Promise<StartedRun> =>
  message.kind === 'fire' ? startSlot(deps, message) : awaitDispatch(deps, message, dequeueCount);

const startSlot = async (deps: StartSlotUses, message: FireMessage): Promise<StartedRun> => {
  const { project, routine: name } = message;
  const stored = await deps.routines.get(project, name);
  const routine = stored?.kind === 'routine' ? stored.routine : null;
  const check = checkSlot(routine, message.trigger, new Date(message.nominal));
  if (routine === null || check.kind === 'foreign') return dropSlot(deps, message, check);
  if (check.kind === 'unusable') {
    const failed = unusableSlotRun(routine, message, { ...check, endedAt: deps.clock.now() });
    const isWritten = (await deps.runs.create(failed)) !== null;
    return isWritten ? { kind: 'at_rest', disposition: done('failed') } : { kind: 'exists' };
  }
  return { kind: 'new', run: slotRun(routine, check.trigger, message) };
};

/** A slot of another definition, unless its run began under that definition. The schedule that sent it may be wrong. */
const dropSlot = async (
  deps: Uses<'runs' | 'work' | 'log'>,
  message: FireMessage,
  check: SlotCheck,
): Promise<StartedRun> => {
  const { project, routine, trigger, nominal } = message;
  if ((await deps.runs.get(project, routine, runIdOf(message))) !== null) return { kind: 'exists' };
  deps.log.info("Slot dropped: it is not the routine's any more", {
    project,
    routine,
    trigger,
    slot: new Date(nominal).toISOString(),
    reason: check.kind === 'foreign' ? check.reason : undefined,
  });
  await deps.work.send({ kind: 'reconcile', project, routine, generation: 0 }, 0);
  return { kind: 'at_rest', disposition: done('slot_not_own') };
};

/** The run of a slot before its first claim. */
export const slotRun = (routine: Routine, named: TimedRoutineTrigger, message: FireMessage): Run => {
  const { name: triggerName, trigger } = named;
  const nominal = new Date(message.nominal);
  return {
    project: routine.project,
    routine: routine.name,
    id: runIdOf(message),
    triggerType: trigger.type,
    triggerName,
    attemptSource: trigger.type === 'timer' ? 'timer_delivery' : 'schedule_delivery',
    action: routine.action,
    triggeredAt: nominal,
    scheduledFireAt: nominal,
    triggerTimeZone: trigger.timeZone,
    ...runTraits(routine),
    attempts: [],
    state: { phase: 'queued' },
  };
};

interface UnusableSlot {
  readonly trigger: TimedRoutineTrigger;
  readonly reason: string;
  readonly endedAt: Date;
}

/** The visible run of a slot that was due while its trigger cannot be computed. */
export const unusableSlotRun = (
  routine: Routine,
  message: FireMessage,
  { trigger, reason, endedAt }: UnusableSlot,
): Run => ({
  ...slotRun(routine, trigger, message),
  state: {
    phase: 'failed',
    endedAt,
    error: { type: 'internal_error', message: `Trigger "${trigger.name}" can be computed no more: ${reason}` },
  },
});

/** What each new run takes over from its routine as it stands. */
export const runTraits = ({ concurrencyPolicy, metadata }: Routine): Pick<Run, 'exclusive' | 'metadata'> => ({
  ...(concurrencyPolicy !== 'always_enqueue' && { exclusive: concurrencyPolicy }),
  ...(metadata !== undefined && { metadata }),
});

/** The message of a dispatch is sent before its row is written; it looks again soon, then ever more rarely. */
const awaitDispatch = (
  deps: Uses<'clock' | 'log' | 'delayScale'>,
  message: DispatchMessage,
  dequeueCount: number,
): StartedRun => {
  const waitedSeconds = (deps.clock.now().getTime() - message.sentAt) / 1000;
  const remainingSeconds = dispatchGraceSeconds * deps.delayScale - waitedSeconds;
  if (remainingSeconds > 0) {
    const delay = Math.max(1, Math.min(remainingSeconds, 2 ** dequeueCount));
    return { kind: 'at_rest', disposition: putBack('dispatch_not_written', delay) };
  }
  const { project, routine, runId } = message;
  deps.log.warn('Dispatch dropped: its run was never written', { project, routine, run: runId });
  return { kind: 'at_rest', disposition: done('dispatch_never_written') };
};
