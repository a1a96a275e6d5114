import type { Routine } from '../../shared/domain/routine.ts';
import { isFireOf } from '../../shared/domain/time/next-fire.ts';
import { isTimed, type TimedTrigger } from '../../shared/domain/trigger.ts';
import type { ScheduleState } from '../faults/storage-view.ts';
import type { Violations } from './violations.ts';
import type { World } from './world.ts';

// What must be so of storage by itself, whatever was asked for.

interface Firing {
  readonly trigger: TimedTrigger;
  readonly plan: number;
  readonly since: Date;
}

interface Named {
  readonly project: string;
  readonly routine: string;
  readonly triggerName: string;
}

const nameOf = ({ project, routine, triggerName }: Named): string => `${project}/${routine} ${triggerName}`;

/** The due index, the state rows and the definitions say the same. */
export const scheduleViolations = ({ definitions, due, states }: World): Violations => {
  const firing = new Map(definitions.flatMap((one) => ('triggers' in one ? firingOf(one) : [])));
  const stateOf = new Map(states.map((state) => [nameOf(state), state]));
  const dueOf = Map.groupBy(due, nameOf);
  const wrongRows = due.flatMap((row) => {
    const state = stateOf.get(nameOf(row));
    const isCurrent = state?.plan === row.plan && state.next?.getTime() === row.nominal.getTime();
    return isCurrent ? [] : [`${nameOf(row)}: due row ${row.nominal.toISOString()} of plan ${row.plan} is not current`];
  });
  const wrongStates = states.flatMap((state) => {
    const name = nameOf(state);
    const wrong = whatIsWrong(state, firing.get(name), dueOf.has(name));
    return wrong === null ? [] : [`${name}: ${wrong}`];
  });
  const unscheduled = [...firing.keys()].filter((name) => !stateOf.has(name));
  return [...wrongRows, ...wrongStates, ...unscheduled.map((name) => `${name}: is not scheduled`)];
};

/** Said anew, and not by the app's own code, which is on trial here. */
const firingOf = ({ project, name, enabled, archivedAt, triggers }: Routine): readonly (readonly [string, Firing])[] =>
  enabled && archivedAt === undefined
    ? triggers.flatMap(({ name: triggerName, enabled: isOn, trigger, plan, since }) =>
        isOn && isTimed(trigger)
          ? [[nameOf({ project, routine: name, triggerName }), { trigger, plan, since }] as const]
          : [],
      )
    : [];

const whatIsWrong = ({ plan, next }: ScheduleState, firing: Firing | undefined, hasDueRow: boolean): string | null => {
  if (next !== null && !hasDueRow) return `there is no due row for ${next.toISOString()}`;
  if (firing === undefined) return next === null ? null : `it waits for ${next.toISOString()} and fires nothing`;
  if (firing.plan !== plan) return `it has plan ${plan} in the schedule and ${firing.plan} in the routine`;
  if (next === null) return firing.trigger.type === 'timer' ? null : 'it waits for nothing';
  const isOwn = next > firing.since && isFireOf(firing.trigger, next);
  return isOwn ? null : `it waits for ${next.toISOString()}, which is none of its slots`;
};

/** What is kept twice is the same both times. */
export const copyViolations = ({ definitions, newestFirst, oldestFirst, runs, pointers }: World): Violations => {
  const standing = fingerprint(definitions.filter((one) => 'triggers' in one));
  const ofRuns = runs.map(({ project, routine, id }) => `${project}!${routine} ${id}`);
  return [
    ...(fingerprint(newestFirst) === standing ? [] : ['the newest-first list is not that of the routines']),
    ...(fingerprint(oldestFirst) === standing ? [] : ['the oldest-first list is not that of the routines']),
    ...(ofRuns.sort().join() === [...pointers].sort().join() ? [] : ['the ascending list is not that of the runs']),
  ];
};

const fingerprint = (routines: readonly Routine[]): string =>
  routines
    .map(({ project, name, generation }) => `${project}/${name} ${generation}`)
    .sort()
    .join();

/**
 * Nothing was given up, nobody is held back, and no change is still to be finished. A hold that a crash left ends by
 * itself.
 */
export const remainderViolations = ({ messages, poisonedMessages, holds, readAt }: World): Violations => [
  ...Object.entries(messages).flatMap(([queue, count]) => (count === 0 ? [] : [`${count} messages on queue ${queue}`])),
  ...(poisonedMessages === 0 ? [] : [`${poisonedMessages} poisoned bodies`]),
  ...holds.flatMap(({ partition, hold: { active, waiting } }) => [
    ...(active === undefined || active.until <= readAt ? [] : [`${partition} is held by ${active.runId}`]),
    ...(waiting === undefined ? [] : [`${partition} has ${waiting} waiting`]),
  ]),
];
