import type { BusyWait, Run, RunError } from '../run.ts';
import { truncateErrorMessage } from './call-verdict.ts';
import type { ClaimedRun } from './run-progress.ts';

/** The agent takes one run at a time, and is at work for another one: no attempt was made. `error` says what is busy. */
export interface BusyOutcome {
  readonly kind: 'busy';
  readonly error: RunError;
  readonly retryAfterSeconds?: number;
  /** It is this attempt's own work that it is at: the agent says that it knows its id, and does not find it. */
  readonly isUnfound?: true;
}

/** How long a run stays away from an agent that is busy, and what the agent may ask for at most. */
export interface BusyTimes {
  readonly busyDelaySeconds: number;
  readonly maxBusyDelaySeconds: number;
}

/**
 * The run that comes back when the agent may be free, later each time; one that has waited for too long fails. What it
 * waited for stays on it, and what went before: a call that timed out may itself have left what its repeat met.
 */
export const recordBusy = (
  run: ClaimedRun,
  outcome: BusyOutcome,
  at: { readonly now: Date; readonly deadlineSeconds: number; readonly timings: BusyTimes },
): Run => {
  const { now, deadlineSeconds, timings } = at;
  const startedAt = run.startedAt ?? now;
  const times = (run.waited?.times ?? 0) + 1;
  const before = run.attempts.at(-1)?.error;
  const reason = before === undefined ? outcome.error.message : `${outcome.error.message} (${whatWentBefore(run)})`;
  const waited: BusyWait = {
    reason: truncateErrorMessage(reason),
    times,
    since: run.waited?.since ?? now,
    ...(outcome.isUnfound && { unfoundSince: unfoundSince(run) ?? now }),
  };
  if (now.getTime() - startedAt.getTime() >= deadlineSeconds * 1000) {
    const { statusCode } = outcome.error;
    const message = truncateErrorMessage(`The agent was busy until the deadline of ${deadlineSeconds} s: ${reason}`);
    const error: RunError = { type: 'timeout', message, ...(statusCode !== undefined && { statusCode }) };
    return { ...run, waited, state: { phase: 'failed', endedAt: now, error } };
  }
  const seconds = busyDelaySeconds(times, timings, outcome.retryAfterSeconds);
  return { ...run, waited, state: { phase: 'backing_off', retryAt: new Date(now.getTime() + seconds * 1000) } };
};

/** For how long the agent has not found the work whose id it says it knows. The attempts before had ids of their own. */
export const unfoundSeconds = (run: Run, now: Date): number =>
  (now.getTime() - (unfoundSince(run) ?? now).getTime()) / 1000;

const unfoundSince = ({ waited, attempts }: Run): Date | undefined => {
  const since = waited?.unfoundSince;
  const before = attempts.at(-1)?.endedAt;
  return since !== undefined && (before === undefined || since >= before) ? since : undefined;
};

const whatWentBefore = ({ attempts }: Run): string => {
  const last = attempts.at(-1);
  return `after attempt ${last?.number} met ${last?.error?.type}`;
};

/** Seconds until the agent is asked again that was busy that many times: doubling, the agent's wish counted, up to the cap. */
const busyDelaySeconds = (times: number, { busyDelaySeconds: first, maxBusyDelaySeconds }: BusyTimes, asked = 0) =>
  Math.min(maxBusyDelaySeconds, Math.max(first * 2 ** Math.min(times - 1, 10), asked));
