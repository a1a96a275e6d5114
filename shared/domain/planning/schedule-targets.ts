import type { TriggerName } from '../names.ts';
import { canFire, type Routine, type Tombstone } from '../routine.ts';
import { isTimed, type TimedRoutineTrigger } from '../trigger.ts';

/** What the schedule should say of one trigger: wait for its slots, or wait for nothing as of `plan`. */
export type ScheduleTarget =
  | { readonly kind: 'fires'; readonly trigger: TimedRoutineTrigger }
  | { readonly kind: 'nothing'; readonly plan: number };

/** The triggers of a routine that the tick has to fire. */
export const firingTriggers = (routine: Routine): readonly TimedRoutineTrigger[] =>
  canFire(routine)
    ? routine.triggers.flatMap((named) =>
        named.enabled && isTimed(named.trigger) ? [{ ...named, trigger: named.trigger }] : [],
      )
    : [];

/**
 * What the schedule should say of every trigger that is in the routine now or in `known` (names the schedule or an
 * earlier definition has). A trigger that fires nothing gets the generation as its plan: plans only ever grow, so a
 * slow writer of an older definition finds the newer one and stops.
 */
export const scheduleTargets = (
  definition: Routine | Tombstone,
  known: Iterable<TriggerName>,
): ReadonlyMap<TriggerName, ScheduleTarget> => {
  const targets = new Map<TriggerName, ScheduleTarget>();
  for (const name of known) targets.set(name, { kind: 'nothing', plan: definition.generation });
  const firing = 'triggers' in definition ? firingTriggers(definition) : [];
  for (const trigger of firing) targets.set(trigger.name, { kind: 'fires', trigger });
  return targets;
};

/** Whether a write from `before` to `after` changes what the tick has to fire. */
export const changesSchedule = (before: Routine | null, after: Routine | Tombstone): boolean => {
  const old = new Map((before === null ? [] : firingTriggers(before)).map((trigger) => [trigger.name, trigger.plan]));
  const now = 'triggers' in after ? firingTriggers(after) : [];
  return old.size !== now.length || now.some((trigger) => old.get(trigger.name) !== trigger.plan);
};
