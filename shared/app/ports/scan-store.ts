import type { ScanFindings } from './messages.ts';

/** A daily scan that has come to its end. */
export interface EndedScan extends ScanFindings {
  readonly startedAt: Date;
  readonly endedAt: Date;
}

/** Both throw StorageUnavailableError when storage does not answer. */
export interface ScanStore {
  write(scan: EndedScan): Promise<void>;
  /** The last one that was written. */
  read(): Promise<EndedScan | null>;
}
