import type { ProjectName, RoutineName, RunId } from '../../domain/names.ts';

/** The run that a thread of the agent service was given to last. */
export interface ThreadHolder {
  readonly routine: RoutineName;
  readonly runId: RunId;
}

/** As it was read; `version` is null when no run ever had the thread. */
export interface StoredThread {
  readonly holder?: ThreadHolder;
  readonly version: string | null;
}

/** Both throw StorageUnavailableError when storage does not answer. */
export interface ThreadStore {
  read(project: ProjectName, threadId: string): Promise<StoredThread>;
  /** False when another writer has changed it since. */
  give(
    project: ProjectName,
    threadId: string,
    to: { readonly holder: ThreadHolder; readonly over: StoredThread },
  ): Promise<boolean>;
}
