import type { ProjectName, RoutineName, RunId } from '../../domain/names.ts';
import type { QueueName } from './messages.ts';

/** A message that was given up, for an operator to look at and to replay. */
export interface PoisonedMessage {
  readonly queue: QueueName;
  /** As it stood on the queue. */
  readonly body: string;
  /** Why it was given up; truncated to 1,024 characters. */
  readonly reason: string;
  readonly poisonedAt: Date;
  /** Absent when the message does not say whose it is. */
  readonly of?: { readonly project: ProjectName; readonly routine: RoutineName; readonly runId?: RunId };
}

export interface KeptMessage extends PoisonedMessage {
  readonly id: string;
}

/** All methods throw StorageUnavailableError when storage does not answer. */
export interface PoisonedStore {
  /** A message that is kept again is kept once, with what was said of it last. */
  keep(message: PoisonedMessage): Promise<void>;
  /** Those without a project first, then by project and run. A row that cannot be read is left out and logged. */
  list(page: { readonly limit: number; readonly after?: string }): Promise<readonly KeptMessage[]>;
  /** Of the project, and without one. */
  count(project: ProjectName): Promise<{ readonly ofProject: number; readonly unattributed: number }>;
  countAll(): Promise<number>;
  /** It does not matter when it is gone already. */
  remove(id: string): Promise<void>;
  /** All messages of a run; there may be two of one run. */
  removeOfRun(project: ProjectName, runId: RunId): Promise<void>;
}
