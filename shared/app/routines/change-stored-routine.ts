import { archiveRoutine as archived, switchRoutine, tombstoneOf } from '../../domain/planning/write-routine.ts';
import type { Routine } from '../../domain/routine.ts';
import type { RoutineKey } from '../ports/routine-store.ts';
import { type ChangeUses, changeRoutine } from '../schedule/change-routine.ts';
import { findRoutine, refuseArchived } from './find-routine.ts';
import { retryLostWrites } from './retry-lost-writes.ts';

/** It does not matter when it is gone already. */
export const deleteRoutine = async (deps: ChangeUses, { project, name }: RoutineKey): Promise<void> => {
  await retryLostWrites(name, async () => {
    const over = await deps.routines.get(project, name);
    if (over?.kind !== 'routine') return true;
    const tombstone = tombstoneOf(over.routine, deps.clock.now());
    return (await changeRoutine(deps, { over, to: tombstone })) ? true : null;
  });
};

/** Throws NotFoundError without such a routine, ConflictError for an archived one. */
export const setRoutineEnabled = (
  deps: ChangeUses,
  { project, name }: RoutineKey,
  enabled: boolean,
): Promise<Routine> =>
  retryLostWrites(name, async () => {
    const over = await findRoutine(deps, project, name);
    refuseArchived(over.routine);
    const routine = switchRoutine(over.routine, enabled, deps.clock.now());
    return (await changeRoutine(deps, { over, to: routine })) ? routine : null;
  });

/** For ever: what is left to do with the routine is to read and to delete it. Throws NotFoundError without such one. */
export const archiveRoutine = (deps: ChangeUses, { project, name }: RoutineKey): Promise<Routine> =>
  retryLostWrites(name, async () => {
    const over = await findRoutine(deps, project, name);
    const routine = archived(over.routine, deps.clock.now());
    if (routine === over.routine) return routine;
    return (await changeRoutine(deps, { over, to: routine })) ? routine : null;
  });
