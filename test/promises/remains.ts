import type { Routine } from '../../shared/domain/routine.ts';
import { routineOf, standing } from './firing.ts';
import { type Finding, invariant } from './invariant.ts';

/** No change is still to be finished, and nothing was given up. */
export const nothingIsLeftOrGivenUp = invariant({ promise: 4, needs: ['remains'] }, ({ remains }) =>
  Object.entries(remains).flatMap(([where, count]) =>
    count === 0 ? [] : [{ what: `${count} are left`, ids: [where] }],
  ),
);

/**
 * A run that ends gives its routine free. One that was cancelled while its delivery was crashing holds it until its
 * lease ends, and no longer.
 */
export const noRoutineIsHeld = invariant({ promise: 6, needs: ['holds'] }, ({ holds, runs, now }) => {
  const phaseOf = new Map(runs.map(({ id, state }) => [id, state.phase]));
  return holds.flatMap(({ partition, hold: { active } }) => {
    const hasLapsed = active !== undefined && phaseOf.get(active.runId) === 'killed' && active.until <= now;
    return active === undefined || hasLapsed
      ? []
      : [{ what: `a routine is held until ${active.until.toISOString()}`, ids: [partition, active.runId] }];
  });
});

export const nobodyWaitsForARoutine = invariant({ promise: 6, needs: ['holds'] }, ({ holds }) =>
  holds.flatMap(({ partition, hold: { waiting } }) =>
    waiting === undefined ? [] : [{ what: 'a run waits for its routine', ids: [partition, waiting] }],
  ),
);

const fingerprint = (routines: readonly Routine[]): string =>
  routines
    .map((one) => `${routineOf({ ...one, routine: one.name })} ${one.generation} ${one.updatedAt.toISOString()}`)
    .sort()
    .join();

/** The lists are written with what they list. */
export const listsSayTheSame = invariant(
  { promise: 4, needs: ['definitions', 'lists'] },
  ({ definitions, lists: { newestFirst, oldestFirst, pointers }, runs }): readonly Finding[] => {
    const routines = fingerprint(standing(definitions));
    const ofRuns = runs.map(({ project, routine, id }) => `${project}!${routine} ${id}`).sort();
    const isSame = {
      'newest-first': fingerprint(newestFirst) === routines,
      'oldest-first': fingerprint(oldestFirst) === routines,
      ascending: ofRuns.join() === [...pointers].sort().join(),
    };
    return Object.entries(isSame).flatMap(([list, isRight]) =>
      isRight ? [] : [{ what: `the ${list} list is not that of what it lists`, ids: [] }],
    );
  },
);
