import type { AcceptedWork } from '../run.ts';

/** What is waited before polls: before the first ones, before later ones, and of work that takes long. */
export interface PollTimes {
  readonly firstPollDelaysSeconds: readonly number[];
  readonly laterPollDelaySeconds: number;
  /** Work that has taken longer than this is asked for ever more rarely. */
  readonly longWorkSeconds: number;
  readonly longestPollDelaySeconds: number;
  /** What an agent may ask for at most. */
  readonly maxAskedPollDelaySeconds: number;
}

/** Of the time that long work has taken so far: the end is seen that much late at most. */
const longWorkShare = 0.05;

export interface ComingPoll {
  /** Counted from 1. */
  readonly poll: number;
  readonly now: Date;
  readonly work: Pick<AcceptedWork, 'startedAt' | 'deadline'>;
  readonly retryAfterSeconds?: number;
}

/**
 * Seconds before that poll. The agent's wish counts when it is longer than our own habit; no habit of ours goes past
 * the deadline, so that the last poll comes with it.
 */
export const pollDelaySeconds = (times: PollTimes, coming: ComingPoll): number => {
  const { poll, now, work, retryAfterSeconds = 0 } = coming;
  const elapsedSeconds = (now.getTime() - work.startedAt.getTime()) / 1000;
  const remainingSeconds = Math.max(1, Math.ceil((work.deadline.getTime() - now.getTime()) / 1000));
  const asked = Math.min(times.maxAskedPollDelaySeconds, retryAfterSeconds);
  return Math.min(remainingSeconds, Math.max(ownDelaySeconds(times, poll, elapsedSeconds), asked));
};

const ownDelaySeconds = (times: PollTimes, poll: number, elapsedSeconds: number): number => {
  const early = times.firstPollDelaysSeconds[poll - 1];
  if (early !== undefined) return early;
  if (elapsedSeconds < times.longWorkSeconds) return times.laterPollDelaySeconds;
  const share = elapsedSeconds * longWorkShare;
  return Math.max(times.laterPollDelaySeconds, Math.min(times.longestPollDelaySeconds, Math.floor(share)));
};
