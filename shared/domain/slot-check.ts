import type { TriggerName } from './names.ts';
import { isFireOf } from './next-fire.ts';
import type { Routine } from './routine.ts';
import { isTimed, type RoutineTrigger, type TimedTrigger } from './trigger.ts';

/** A trigger of the routine that has slots. */
export type OwnTrigger = RoutineTrigger & { readonly trigger: TimedTrigger };

export type SlotCheck =
  | { readonly kind: 'own'; readonly trigger: OwnTrigger }
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
  if (!isFireOf(found.trigger, nominal)) return foreign('not_a_fire_of_the_trigger');
  return { kind: 'own', trigger: { ...found, trigger: found.trigger } };
};

const foreign = (reason: SlotRefusal): SlotCheck => ({ kind: 'foreign', reason });
