import { NotFoundError } from '../../domain/errors.ts';
import type { ProjectName, RoutineName, RunId } from '../../domain/names.ts';
import type { StoredRun } from '../ports/run-store.ts';
import type { Uses } from '../uses.ts';

export interface RunName {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly id: RunId;
}

/** Throws NotFoundError when the routine has no such run; that of a deleted routine is still there. */
export const findRun = async ({ runs }: Uses<'runs'>, { project, routine, id }: RunName): Promise<StoredRun> => {
  const stored = await runs.get(project, routine, id);
  if (stored !== null) return stored;
  throw new NotFoundError('run_not_found', `Routine "${routine}" in project "${project}" has no run "${id}".`);
};
