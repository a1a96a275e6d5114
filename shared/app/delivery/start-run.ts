import type { RunId } from '../../domain/names.ts';
import { checkSlot, type SlotCheck } from '../../domain/planning/slot-check.ts';
import { slotRun, unusableSlotRun } from '../../domain/progress/slot-run.ts';
import type { Run } from '../../domain/run.ts';
import { slotRunId } from '../../domain/run-id.ts';
import type { DeliveryMessage, DispatchMessage, FireMessage } from '../ports/messages.ts';
import type { Uses } from '../uses.ts';
import { type Disposition, done, putBack } from './disposition.ts';

type StartSlotUses = Uses<'routines' | 'runs' | 'work' | 'clock' | 'log'>;
export type StartUses = StartSlotUses & Uses<'timings'>;

/** `new`: a run that may begin, not written yet. `exists`: it was written before. */
export type StartedRun =
  | { readonly kind: 'new'; readonly run: Run }
  | { readonly kind: 'exists' }
  | { readonly kind: 'at_rest'; readonly disposition: Disposition };

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
export const startRun = async (deps: StartUses, message: FireMessage | DispatchMessage): Promise<StartedRun> =>
  message.kind === 'fire' ? startSlot(deps, message) : awaitDispatch(deps, message);

const startSlot = async (deps: StartSlotUses, message: FireMessage): Promise<StartedRun> => {
  const { project, routine: name } = message;
  const stored = await deps.routines.get(project, name);
  const routine = stored?.kind === 'routine' ? stored.routine : null;
  const nominal = new Date(message.nominal);
  const check = checkSlot(routine, message.trigger, nominal);
  if (routine === null || check.kind === 'foreign') return dropSlot(deps, message, check);
  if (check.kind === 'unusable') {
    const failed = unusableSlotRun(routine, { ...check, nominal, endedAt: deps.clock.now() });
    const isWritten = (await deps.runs.create(failed)) !== null;
    return isWritten ? { kind: 'at_rest', disposition: done('failed') } : { kind: 'exists' };
  }
  return { kind: 'new', run: slotRun(routine, check.trigger, nominal) };
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

/** The message of a dispatch is sent before its row is written; it looks again soon, then ever more rarely. */
const awaitDispatch = (deps: Uses<'clock' | 'log' | 'timings'>, message: DispatchMessage): StartedRun => {
  const waitedSeconds = (deps.clock.now().getTime() - message.sentAt) / 1000;
  const remainingSeconds = deps.timings.dispatchGraceSeconds - waitedSeconds;
  if (remainingSeconds > 0) {
    // Each look doubles the time that the message has waited.
    const delay = Math.max(1, Math.min(remainingSeconds, waitedSeconds));
    return { kind: 'at_rest', disposition: putBack('dispatch_not_written', delay) };
  }
  const { project, routine, runId } = message;
  deps.log.warn('Dispatch dropped: its run was never written', { project, routine, run: runId });
  return { kind: 'at_rest', disposition: done('dispatch_never_written') };
};
