import type { CatchUp } from '../domain/catch-up.ts';
import type { AnyOf, NothingLeft } from '../domain/every-field.ts';
import { actionToWire } from '../domain/kinds/action-kinds.ts';
import { triggerToWire } from '../domain/kinds/trigger-kinds.ts';
import { canFire, type Routine } from '../domain/routine.ts';
import { nextFireAfter } from '../domain/time/next-fire.ts';
import { isTimed, type RoutineTrigger, type TimedTrigger } from '../domain/trigger.ts';
import { type Dialect, instantView } from './dialect.ts';

/** A routine as it goes over the wire. Fields without a value are left out, never null. */
export const routineView = (routine: Routine, dialect: Dialect, now: Date): object => {
  const { name, description, enabled, triggers, action, authorization, createdAt, updatedAt, ...more } = routine;
  const { concurrencyPolicy, catchUp, deadlineSeconds, metadata, archivedAt, ...notShown } = more;
  // Callers know the project from the path; generation and position in the lists are internal.
  const { project: _project, generation: _generation, createdKey: _createdKey, ...rest } = notShown;
  rest satisfies NothingLeft;
  const nextFire = nextFireOf(routine, now);
  return {
    name,
    description,
    enabled,
    triggers: Object.fromEntries(triggers.map((trigger) => [trigger.name, triggerView(trigger, dialect)])),
    action: actionToWire(action),
    authorization: authorizationView(authorization),
    created_at: instantView(createdAt, dialect.instants),
    updated_at: instantView(updatedAt, dialect.instants),
    ...(nextFire !== null && { next_fire_at: instantView(nextFire, dialect.instants) }),
    concurrency_policy: concurrencyPolicy,
    ...catchUpView(catchUp),
    deadline_seconds: deadlineSeconds,
    metadata,
    archived_at: archivedAt && instantView(archivedAt, dialect.instants),
  };
};

const authorizationView = ({ identity, ...rest }: Routine['authorization']): object => {
  rest satisfies NothingLeft;
  return { identity };
};

const catchUpView = ({ policy, cap, ...rest }: AnyOf<CatchUp>): object => {
  rest satisfies NothingLeft;
  return { catch_up_policy: policy, catch_up_cap: cap };
};

const triggerView = (named: RoutineTrigger, dialect: Dialect): object => {
  // The name is the key that the trigger stands under; `plan` and `since` are internal.
  const { trigger, enabled, name: _name, plan: _plan, since: _since, ...rest } = named;
  rest satisfies NothingLeft;
  return {
    ...triggerToWire(trigger, (at) => instantView(at, dialect.timerInstants)),
    ...(!enabled && { enabled }),
  };
};

/** The earliest fire still to come; null for a routine that nothing will fire. */
const nextFireOf = (routine: Routine, now: Date): Date | null => {
  if (!canFire(routine)) return null;
  const fires = routine.triggers.flatMap(({ trigger, enabled, since }) => {
    if (!enabled || !isTimed(trigger)) return [];
    const fire = nextFireOrNone(trigger, since > now ? since : now);
    return fire === null ? [] : [fire];
  });
  return fires.reduce<Date | null>((first, fire) => (first === null || fire < first ? fire : first), null);
};

/** A zone that this Node's data has lost leaves one routine without its next fire; the list is still answered. */
const nextFireOrNone = (trigger: TimedTrigger, after: Date): Date | null => {
  try {
    return nextFireAfter(trigger, after);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
};
