import type { Hold } from '../../domain/concurrency.ts';
import type { ProjectName, RoutineName, RunId } from '../../domain/names.ts';
import type { Run } from '../../domain/run.ts';
import type { Page, PageRequest } from './page.ts';

export interface StoredRun {
  readonly run: Run;
  readonly version: string;
}

/** What a dispatch with an idempotency key leaves behind, so that its repeat finds the first one. */
export interface IdempotencyRecord {
  /** `key:` or `request:` and the header's value; the store hashes it. Scoped by routine. */
  readonly key: string;
  readonly runId: RunId;
  readonly bodyHash: string;
  readonly expiresAt: Date;
}

export interface StoredIdempotencyRecord extends IdempotencyRecord {
  readonly version: string;
}

/** `position` of a run in its lists is its id. `since` and `until` (inclusive) bound `triggeredAt`. */
export interface RunPageRequest extends PageRequest {
  readonly since?: Date;
  readonly until?: Date;
}

/** A hold as it was read; `version` is null when there is no row of it yet. */
export interface StoredHold extends Hold {
  readonly version: string | null;
}

/** A hold that is written in the same transaction as a run. */
export interface HoldChange {
  readonly over: StoredHold;
  readonly to: Hold;
}

export interface WrittenRun {
  readonly version: string;
  /** As it stands now; only when it was written too. */
  readonly hold?: StoredHold;
}

/**
 * Runs outlive their routine. A write of one's own that succeeded behind a lost answer counts as success (promise 7).
 * All methods throw StorageUnavailableError when storage does not answer.
 */
export interface RunStore {
  get(project: ProjectName, routine: RoutineName, id: RunId): Promise<StoredRun | null>;
  /** Null when a run with this id is there already, or another writer has changed the hold. */
  create(run: Run, hold?: HoldChange): Promise<WrittenRun | null>;
  /** Run and idempotency record in one transaction; `over` is an outdated record of the same key that was read before. */
  createDispatched(
    run: Run,
    record: IdempotencyRecord,
    over: StoredIdempotencyRecord | null,
  ): Promise<'created' | 'key_taken'>;
  findIdempotencyRecord(
    project: ProjectName,
    routine: RoutineName,
    key: string,
  ): Promise<StoredIdempotencyRecord | null>;
  /** Null when another writer has changed the run since `version` was read, or the hold. */
  replace(run: Run, version: string, hold?: HoldChange): Promise<WrittenRun | null>;
  readHold(project: ProjectName, routine: RoutineName): Promise<StoredHold>;
  /** False when another writer has changed the hold. */
  writeHold(project: ProjectName, routine: RoutineName, change: HoldChange): Promise<boolean>;
  /** By id, which is by `triggeredAt`. A row that cannot be read is left out and logged. */
  list(project: ProjectName, routine: RoutineName, page: RunPageRequest): Promise<Page<Run>>;
  /** Runs that were triggered from `since` to `until`, inclusive, and have not ended. Unreadable rows are left out. */
  listUnended(
    project: ProjectName,
    routine: RoutineName,
    bounds: { readonly since: Date; readonly until: Date },
  ): Promise<readonly StoredRun[]>;
}
