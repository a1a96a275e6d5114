import type { ProjectName, RoutineName } from '../../domain/names.ts';
import type { Routine, Tombstone } from '../../domain/routine.ts';
import type { Page, PageRequest } from './page.ts';

/** A row as it was read. `version` makes a later write fail if another writer came in between. */
export type StoredRoutine =
  | { readonly kind: 'routine'; readonly routine: Routine; readonly version: string }
  | { readonly kind: 'tombstone'; readonly tombstone: Tombstone; readonly version: string };

/** Names a routine, or the tombstone of one. */
export interface RoutineKey {
  readonly project: ProjectName;
  readonly name: RoutineName;
}

/**
 * Every write says over what it writes (`null`: there was nothing) and answers false when something else stands there
 * now. A write of one's own that succeeded behind a lost answer counts as success (promise 7).
 * All methods throw StorageUnavailableError when storage does not answer.
 */
export interface RoutineStore {
  get(project: ProjectName, name: RoutineName): Promise<StoredRoutine | null>;
  put(routine: Routine, over: StoredRoutine | null): Promise<boolean>;
  remove(tombstone: Tombstone, over: StoredRoutine & { readonly kind: 'routine' }): Promise<boolean>;
  /** By creation time. A row that cannot be read is left out and logged. */
  list(project: ProjectName, page: PageRequest): Promise<Page<Routine>>;
  /** Of all projects, by project and name, deleted ones too; those that follow `after`. Fewer than `limit`: the end. */
  names(after: RoutineKey | null, limit: number): Promise<readonly RoutineKey[]>;
}
