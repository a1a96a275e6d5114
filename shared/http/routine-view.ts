import { cappedPolicy } from '../domain/catch-up.ts';
import { actionToWire } from '../domain/kinds/action-kinds.ts';
import { triggerToWire } from '../domain/kinds/trigger-kinds.ts';
import { canFire, type Routine } from '../domain/routine.ts';
import { nextFireAfter } from '../domain/time/next-fire.ts';
import { isTimed, type RoutineTrigger, type TimedTrigger } from '../domain/trigger.ts';
import { type Dialect, instantView } from './dialect.ts';

/** A routine as it goes over the wire. Fields without a value are left out, never null. */
export const routineView = (routine: Routine, dialect: Dialect, now: Date): object => {
  const nextFire = nextFireOf(routine, now);
  return {
    name: routine.name,
    description: routine.description,
    enabled: routine.enabled,
    triggers: Object.fromEntries(routine.triggers.map((trigger) => [trigger.name, triggerView(trigger, dialect)])),
    action: actionToWire(routine.action),
    authorization: { identity: routine.authorization.identity },
    created_at: instantView(routine.createdAt, dialect.instants),
    updated_at: instantView(routine.updatedAt, dialect.instants),
    ...(nextFire !== null && { next_fire_at: instantView(nextFire, dialect.instants) }),
    concurrency_policy: routine.concurrencyPolicy,
    catch_up_policy: routine.catchUp.policy,
    ...(routine.catchUp.policy === cappedPolicy && { catch_up_cap: routine.catchUp.cap }),
    metadata: routine.metadata,
    archived_at: routine.archivedAt && instantView(routine.archivedAt, dialect.instants),
  };
};

const triggerView = ({ trigger, enabled }: RoutineTrigger, dialect: Dialect): object => ({
  ...triggerToWire(trigger, (at) => instantView(at, dialect.timerInstants)),
  ...(!enabled && { enabled }),
});

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

/** A zone that this Node's data has lost harms its own routine, never the list it stands in. */
const nextFireOrNone = (trigger: TimedTrigger, after: Date): Date | null => {
  try {
    return nextFireAfter(trigger, after);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
};
