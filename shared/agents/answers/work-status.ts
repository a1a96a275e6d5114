import { isJsonObject } from '../../domain/json.ts';
import { lettersOf } from '../../domain/letters.ts';
import { isWaitingStatus } from './item-kinds.ts';

/**
 * What a status means. `waiting`: for a person or a client. `none`: there is no status. `unknown`: it is in no list; it
 * is no end, so work is asked for on, and what it says is quoted where the run tells of it.
 */
export interface WorkStatus {
  readonly kind: 'running' | 'completed' | 'failed' | 'cancelled' | 'waiting' | 'unknown' | 'none';
  /** As it is spelled. */
  readonly says: string;
}

/** Compared by their letters alone: `InProgress`, `in-progress` and `IN_PROGRESS` are one. */
const spelled: Readonly<Record<'running' | 'completed' | 'failed' | 'cancelled', ReadonlySet<string>>> = {
  running: new Set(
    `queued, enqueued, in queue, pending, accepted, submitted, not started, started, starting, running, in progress,
    processing, working, executing, ongoing, under way, initializing, validating, preparing, retrying, resuming,
    cancelling, canceling, stopping, finalizing, continued as new`
      .split(',')
      .map(lettersOf),
  ),
  completed: new Set(
    `completed, complete, succeeded, success, successful, succeed, done, finished, ok, completed successfully,
    finished successfully`
      .split(',')
      .map(lettersOf),
  ),
  failed: new Set(
    `failed, failure, fail, error, errored, faulted, unsuccessful, incomplete, expired, timed out, timeout, aborted,
    rejected, denied, crashed, dead, terminated, killed, budget exceeded, completed with errors, finished with errors`
      .split(',')
      .map(lettersOf),
  ),
  cancelled: new Set('cancelled, canceled, cancelled by user, revoked, stopped'.split(',').map(lettersOf)),
};

/** `response.completed`, `TASK_STATE_COMPLETED`, `JobStatus.Failed`. */
const beforeName = /^.*[.:/]|^(?:task|job|run|operation|execution|workflow)?[_ -]?(?:state|status)[_ -]/i;

const maxLength = 64;

/** The meaning of a status, at the start of work and in a poll alike. One that is an object has it in `state`. */
export const readStatus = (value: unknown): WorkStatus => {
  const text = isJsonObject(value) ? (value.state ?? value.status ?? value.value) : value;
  const says = typeof text === 'string' ? text.trim() : '';
  if (says === '') return { kind: 'none', says };
  if (says.length > maxLength) return { kind: 'unknown', says: `${says.slice(0, maxLength).toWellFormed()}…` };
  const name = lettersOf(says.replace(beforeName, ''));
  for (const kind of ['running', 'completed', 'failed', 'cancelled'] as const) {
    if (spelled[kind].has(name)) return { kind, says };
  }
  return { kind: isWaitingStatus(says) ? 'waiting' : 'unknown', says };
};

/** No end was told, and no known state either. */
export const unknownStatus = (whose: string, { says }: WorkStatus): string =>
  `The status of ${whose}, "${says}", is not known`;
