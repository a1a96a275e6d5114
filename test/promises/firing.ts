import type { Routine, Tombstone } from '../../shared/domain/routine.ts';
import { nextFireAfter } from '../../shared/domain/time/next-fire.ts';
import { isTimed, type TimedTrigger } from '../../shared/domain/trigger.ts';

/** A trigger that fires. */
export interface Firing {
  readonly project: string;
  readonly routine: string;
  readonly triggerName: string;
  readonly trigger: TimedTrigger;
  readonly plan: number;
  readonly since: Date;
}

export const standing = (definitions: readonly (Routine | Tombstone)[]): readonly Routine[] =>
  definitions.filter((definition) => 'triggers' in definition);

/** Said anew, and not by the app's own `firingTriggers`, which is on trial here. */
export const firingOf = ({ project, name: routine, enabled, archivedAt, triggers }: Routine): readonly Firing[] =>
  !enabled || archivedAt !== undefined
    ? []
    : triggers.flatMap(({ name: triggerName, trigger, enabled: isOn, plan, since }) =>
        isOn && isTimed(trigger) ? [{ project, routine, triggerName, trigger, plan, since }] : [],
      );

export const firingNow = (definitions: readonly (Routine | Tombstone)[]): readonly Firing[] =>
  standing(definitions).flatMap(firingOf);

/** All fires after `after`, up to `until`. */
export const slotsBetween = (trigger: TimedTrigger, after: Date, until: Date): readonly Date[] => {
  const slots: Date[] = [];
  let slot = nextFireAfter(trigger, after);
  for (; slot !== null && slot <= until; slot = nextFireAfter(trigger, slot)) slots.push(slot);
  return slots;
};

export const later = (one: Date, other: Date): Date => (one > other ? one : other);

interface OfRoutine {
  readonly project: string;
  readonly routine: string;
}

export const routineOf = ({ project, routine }: OfRoutine): string => `${project}/${routine}`;

export const triggerOf = (of: OfRoutine & { readonly triggerName: string }): string =>
  `${routineOf(of)} ${of.triggerName}`;
