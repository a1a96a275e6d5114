import { StorageUnavailableError } from '../../domain/errors.ts';
import { checkSlot } from '../../domain/planning/slot-check.ts';
import { unusableSlotRun } from '../../domain/progress/slot-run.ts';
import { slotRunId } from '../../domain/run-id.ts';
import type { DueSlot } from '../ports/schedule-store.ts';
import type { Uses } from '../uses.ts';

/**
 * Tells the owner of a trigger that cannot be computed any more: by a failed run of the slot that is due. What follows
 * that slot is unknown, so it stays due, and the trigger goes on when its zone is known again.
 */
export const failUnusableSlot = async (
  deps: Uses<'routines' | 'runs' | 'clock' | 'log'>,
  slot: DueSlot,
): Promise<void> => {
  const { project, routine: name, triggerName: trigger, nominal } = slot;
  const now = deps.clock.now();
  if (nominal > now) return;
  try {
    if ((await deps.runs.get(project, name, slotRunId({ project, routine: name, trigger, nominal }))) !== null) return;
    const stored = await deps.routines.get(project, name);
    const routine = stored?.kind === 'routine' ? stored.routine : null;
    const check = checkSlot(routine, trigger, nominal);
    if (routine === null || check.kind !== 'unusable') return;
    await deps.runs.create(unusableSlotRun(routine, { ...check, nominal, endedAt: now }));
  } catch (error) {
    // The next tick meets the slot again.
    const isOutage = error instanceof StorageUnavailableError;
    const facts = { project, routine: name, trigger, slot: nominal.toISOString() };
    deps.log[isOutage ? 'warn' : 'error']('Failed run not written', { ...facts, cause: String(error) });
  }
};
