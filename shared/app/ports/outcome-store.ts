import type { ProjectName } from '../../domain/names.ts';

/** Runs that have ended, by how. */
export interface OutcomeCounts {
  readonly completed: number;
  readonly failed: number;
  readonly killed: number;
}

/** What one instance has counted in one minute. */
export interface OutcomeRecord {
  readonly project: ProjectName;
  /** Its first instant. */
  readonly minute: Date;
  readonly instance: number;
  readonly counts: OutcomeCounts;
}

/** Instances are numbered from 0; two of one number overwrite each other's records. */
export const outcomeInstances = 32;

/** Both throw StorageUnavailableError when storage does not answer. */
export interface OutcomeStore {
  /** Over whatever this instance wrote for the minute, or for that minute of an earlier hour. */
  write(record: OutcomeRecord): Promise<void>;
  /** The sum of all instances since that minute; an hour back at most. */
  read(project: ProjectName, since: Date): Promise<OutcomeCounts>;
}
