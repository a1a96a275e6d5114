import type { AcceptedWork, AgentAnswer, Attempt, Claim, Run, RunError, WorkIds } from '../run.ts';

/** How an attempt ended, as the agent adapters report it. The status code of a failure is its error's. */
export type AttemptOutcome =
  | { readonly kind: 'completed'; readonly answer: AgentAnswer; readonly statusCode?: number }
  | { readonly kind: 'retryable'; readonly error: RunError; readonly retryAfterSeconds?: number }
  | { readonly kind: 'terminal'; readonly error: RunError; readonly answer?: AgentAnswer };

/** The agent goes on by itself: its end is to be asked for, from that many seconds on. */
export interface AcceptedOutcome {
  readonly kind: 'accepted';
  readonly ids: WorkIds;
  readonly statusCode?: number;
  readonly retryAfterSeconds?: number;
}

/** What an agent says of the work that it has accepted. `cancelled`: it was ended on the agent's side. */
export type WorkOutcome =
  | { readonly kind: 'running'; readonly retryAfterSeconds?: number }
  | { readonly kind: 'unknown'; readonly error: RunError; readonly retryAfterSeconds?: number }
  | { readonly kind: 'completed'; readonly answer: AgentAnswer; readonly statusCode?: number }
  | { readonly kind: 'terminal'; readonly error: RunError; readonly answer?: AgentAnswer }
  | { readonly kind: 'cancelled'; readonly error: RunError };

export type EndedWork = Exclude<WorkOutcome, { readonly kind: 'running' | 'unknown' }>;

export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly backoffInitialSeconds: number;
  readonly backoffMaxSeconds: number;
}

/** What a delivery that has met this run may do now. */
export type ClaimDecision =
  | { readonly kind: 'claim' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'polling' }
  | { readonly kind: 'wait'; readonly until: Date; readonly reason: 'leased' | 'backing_off' };

/** A lease that has ended keeps no delivery out: its owner crashed, and the run may be claimed again. */
export const decideClaim = (run: Run, owner: string, now: Date): ClaimDecision => {
  const { state } = run;
  switch (state.phase) {
    case 'queued':
      return { kind: 'claim' };
    case 'dispatching':
      return state.claim.owner !== owner && state.claim.leaseUntil > now
        ? { kind: 'wait', until: state.claim.leaseUntil, reason: 'leased' }
        : { kind: 'claim' };
    case 'backing_off':
      return state.retryAt > now ? { kind: 'wait', until: state.retryAt, reason: 'backing_off' } : { kind: 'claim' };
    case 'polling':
      return { kind: 'polling' };
    case 'completed':
    case 'failed':
    case 'killed':
      return { kind: 'ended' };
    default:
      return state satisfies never;
  }
};

/**
 * Lives of the run once this owner claims it: one more than before when the claim takes over the expired lease of another
 * owner. That one's process has died with the run, and left no record.
 */
export const livesWhenClaimed = ({ state, lives = 0 }: Pick<Run, 'state' | 'lives'>, owner: string): number =>
  state.phase === 'dispatching' && state.claim.owner !== owner ? lives + 1 : lives;

/** The run with its next attempt claimed. An attempt that a crash cut off was never recorded: its number comes again. */
export const claimRun = (run: Run, owner: string, lease: { readonly now: Date; readonly until: Date }): ClaimedRun => {
  const claim: Claim = { owner, attempt: run.attempts.length + 1, startedAt: lease.now, leaseUntil: lease.until };
  const lives = livesWhenClaimed(run, owner);
  const counted = lives === 0 ? run : { ...run, lives };
  return { ...counted, startedAt: run.startedAt ?? lease.now, state: { phase: 'dispatching', claim } };
};

export type ClaimedRun = Run & { readonly state: { readonly phase: 'dispatching'; readonly claim: Claim } };

/** The run after an attempt: completed, failed, or backing off until the next one. */
export const recordAttempt = (run: ClaimedRun, outcome: AttemptOutcome, policy: RetryPolicy, endedAt: Date): Run => {
  const { attempt: number, startedAt } = run.state.claim;
  const attempt: Attempt = { number, startedAt, endedAt, ...resultOf(outcome) };
  const attempts = [...run.attempts, attempt];
  switch (outcome.kind) {
    case 'completed':
      return { ...run, attempts, state: { phase: 'completed', endedAt, answer: outcome.answer } };
    case 'terminal':
      return { ...run, attempts, state: { phase: 'failed', endedAt, error: outcome.error, answer: outcome.answer } };
    case 'retryable': {
      if (attempts.length >= policy.maxAttempts) {
        return { ...run, attempts, state: { phase: 'failed', endedAt, error: outcome.error } };
      }
      const delay = retryDelaySeconds(attempts.length, policy, outcome.retryAfterSeconds);
      return { ...run, attempts, state: { phase: 'backing_off', retryAt: new Date(endedAt.getTime() + delay * 1000) } };
    }
    default:
      return outcome satisfies never;
  }
};

/** The run once its attempt's work was accepted: no delivery calls again, polls follow. */
export const recordAccepted = (run: ClaimedRun, outcome: AcceptedOutcome, deadlineSeconds: number): PollingRun => {
  const { attempt, startedAt } = run.state.claim;
  const { ids, statusCode } = outcome;
  const deadline = new Date(startedAt.getTime() + deadlineSeconds * 1000);
  const work: AcceptedWork = { ids, attempt, startedAt, deadline, ...(statusCode !== undefined && { statusCode }) };
  return { ...run, work, state: { phase: 'polling', polls: 0 } };
};

export type PollingRun = Run & {
  readonly work: AcceptedWork;
  readonly state: { readonly phase: 'polling'; readonly polls: number; readonly notBefore?: Date };
};

/** Null for a run without work that goes on. */
export const toPollingRun = (run: Run): PollingRun | null => {
  const { work, state } = run;
  return work === undefined || state.phase !== 'polling' ? null : { ...run, work, state };
};

/** The run after its work has ended. A failure is final: the agent has accepted the work once. */
export const recordWorkEnd = (run: PollingRun, outcome: EndedWork, endedAt: Date): Run => {
  const { attempt: number, startedAt, statusCode } = run.work;
  const result = outcome.kind === 'completed' ? { statusCode: outcome.statusCode ?? statusCode } : outcome;
  const attempt: Attempt = {
    number,
    startedAt,
    endedAt,
    ...('error' in result
      ? { error: result.error, ...(result.error.statusCode !== undefined && { statusCode: result.error.statusCode }) }
      : result.statusCode !== undefined && { statusCode: result.statusCode }),
  };
  const attempts = [...run.attempts, attempt];
  switch (outcome.kind) {
    case 'completed':
      return { ...run, attempts, state: { phase: 'completed', endedAt, answer: outcome.answer } };
    case 'terminal':
      return { ...run, attempts, state: { phase: 'failed', endedAt, error: outcome.error, answer: outcome.answer } };
    case 'cancelled': {
      const work: AcceptedWork = { ...run.work, isCancelledThere: true };
      return { ...run, attempts, work, state: { phase: 'killed', endedAt, error: outcome.error } };
    }
    default:
      return outcome satisfies never;
  }
};

const resultOf = (outcome: AttemptOutcome): Pick<Attempt, 'statusCode' | 'error'> => {
  const { statusCode, error } =
    outcome.kind === 'completed' ? { ...outcome, error: undefined } : { ...outcome.error, error: outcome.error };
  return { ...(statusCode !== undefined && { statusCode }), ...(error !== undefined && { error }) };
};

/** Seconds to wait after that many attempts: doubling from the first backoff, `Retry-After` counted, both up to the cap. */
export const retryDelaySeconds = (attempts: number, policy: RetryPolicy, retryAfterSeconds = 0): number =>
  Math.min(policy.backoffMaxSeconds, Math.max(policy.backoffInitialSeconds * 2 ** (attempts - 1), retryAfterSeconds));

/** Until when a run that has not ended was known to be on its way; of an ended one its end. */
export const lastSignOfLife = ({ triggeredAt, state, work }: Run): Date => {
  switch (state.phase) {
    case 'queued':
      return triggeredAt;
    case 'dispatching':
      return state.claim.leaseUntil;
    case 'backing_off':
      return state.retryAt;
    case 'polling':
      return work?.deadline ?? triggeredAt;
    case 'completed':
    case 'failed':
    case 'killed':
      return state.endedAt;
    default:
      return state satisfies never;
  }
};
