import { ConflictError, NotFoundError } from '../../domain/errors.ts';
import type { ProjectName, RoutineName } from '../../domain/names.ts';
import type { Routine } from '../../domain/routine.ts';
import type { StoredRoutine } from '../ports/routine-store.ts';
import type { Uses } from '../uses.ts';

/** Throws NotFoundError when there is no such routine (any more). */
export const findRoutine = async (
  { routines }: Uses<'routines'>,
  project: ProjectName,
  name: RoutineName,
): Promise<StoredRoutine & { readonly kind: 'routine' }> => {
  const stored = await routines.get(project, name);
  if (stored?.kind === 'routine') return stored;
  throw routineNotFound(project, name);
};

export const routineNotFound = (project: ProjectName, name: RoutineName): NotFoundError =>
  new NotFoundError('routine_not_found', `There is no routine "${name}" in project "${project}".`);

/** Throws ConflictError for a routine that takes no change any more. */
export const refuseArchived = ({ name, archivedAt }: Routine): void => {
  if (archivedAt === undefined) return;
  throw new ConflictError(
    `Routine "${name}" was archived at ${archivedAt.toISOString()}; it can be read and deleted, nothing else.`,
  );
};
