import { UnusableTriggerError } from '../errors.ts';
import type { TriggerName } from '../names.ts';
import type { Routine } from '../routine.ts';
import { isFireOf } from '../time/next-fire.ts';
import { isTimed, type TimedRoutineTrigger } from '../trigger.ts';

export type SlotCheck =
  | { readonly kind: 'own'; readonly trigger: TimedRoutineTrigger }
  /** Its trigger cannot be computed any more; `reason` says why. */
  | { readonly kind: 'unusable'; readonly trigger: TimedRoutineTrigger; readonly reason: string }
  | { readonly kind: 'foreign'; readonly reason: SlotRefusal };

export type SlotRefusal =
  | 'routine_gone'
  | 'routine_disabled'
  | 'routine_archived'
  | 'trigger_gone'
  | 'trigger_disabled'
  | 'not_after_last_change'
  | 'not_a_fire_of_the_trigger';

/**
 * Whether a slot belongs to the routine as it stands now (promise 3). A message names a slot and may be old, repeated,
 * or of a definition that is gone; only this decides whether a run starts.
 */
export const checkSlot = (routine: Routine | null, name: TriggerName, nominal: Date): SlotCheck => {
  if (routine === null) return foreign('routine_gone');
  if (!routine.enabled) return foreign('routine_disabled');
  if (routine.archivedAt !== undefined) return foreign('routine_archived');
  const found = routine.triggers.find((trigger) => trigger.name === name);
  if (found === undefined || !isTimed(found.trigger)) return foreign('trigger_gone');
  if (!found.enabled) return foreign('trigger_disabled');
  if (nominal <= found.since) return foreign('not_after_last_change');
  return checkFire({ ...found, trigger: found.trigger }, nominal);
};

const checkFire = (trigger: TimedRoutineTrigger, nominal: Date): SlotCheck => {
  try {
    return isFireOf(trigger.trigger, nominal) ? { kind: 'own', trigger } : foreign('not_a_fire_of_the_trigger');
  } catch (error) {
    if (error instanceof UnusableTriggerError) return { kind: 'unusable', trigger, reason: error.message };
    throw error;
  }
};

const foreign = (reason: SlotRefusal): SlotCheck => ({ kind: 'foreign', reason });
