import type { Clock } from '../clock.ts';
import { StorageUnavailableError } from '../domain/errors.ts';
import type { Run, RunError } from '../domain/run.ts';
import { type ClaimedRun, type RetryPolicy, recordAttempt } from '../domain/run-progress.ts';
import { type Disposition, done, putBack } from './delivery.ts';
import type { AgentCaller } from './ports/agent-caller.ts';
import type { Log } from './ports/log.ts';
import type { RunStore } from './ports/run-store.ts';

export interface AttemptRunDeps {
  readonly agents: AgentCaller;
  readonly runs: RunStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly retryPolicy: RetryPolicy;
  readonly attemptTimeoutSeconds: number;
}

const writeAgainAfterMs = 1000;

/**
 * Makes the claimed attempt: one call of the agent, then its record. `superseded`: the lease ended and somebody else
 * has the run; what this call brought is theirs to find out again, under the same idempotency key. The call never
 * outlasts the lease, of which a slow claim has used up a part, or all: `too_late`, nothing was called.
 */
export const attemptRun = async (
  deps: AttemptRunDeps,
  claimed: { readonly run: ClaimedRun; readonly version: string },
): Promise<Disposition | 'superseded' | 'too_late'> => {
  const { run, version } = claimed;
  const leasedSeconds = Math.floor((run.state.claim.leaseUntil.getTime() - deps.clock.now().getTime()) / 1000);
  if (leasedSeconds < 1) return 'too_late';
  const outcome = await deps.agents.call({
    project: run.project,
    action: run.action,
    runId: run.id,
    timeoutSeconds: Math.min(deps.attemptTimeoutSeconds, leasedSeconds),
  });
  const next = recordAttempt(run, outcome, deps.retryPolicy, deps.clock.now());
  const written = await writeWhileLeased(deps, next, { version, leaseUntil: run.state.claim.leaseUntil });
  logAttempt(deps.log, run, { next, written });
  return written ? restOf(next, deps.clock.now()) : 'superseded';
};

/** The agent has done its work: the record is worth every try until the lease ends (promise 11). */
const writeWhileLeased = async (
  deps: AttemptRunDeps,
  run: Run,
  { version, leaseUntil }: { readonly version: string; readonly leaseUntil: Date },
): Promise<boolean> => {
  for (;;) {
    try {
      return (await deps.runs.replace(run, version)) !== null;
    } catch (error) {
      if (!(error instanceof StorageUnavailableError)) throw error;
      if (deps.clock.now().getTime() + writeAgainAfterMs >= leaseUntil.getTime()) throw error;
      await deps.clock.sleep(writeAgainAfterMs);
    }
  }
};

const restOf = ({ state }: Run, now: Date): Disposition => {
  switch (state.phase) {
    case 'completed':
    case 'failed':
      return done(state.phase);
    case 'backing_off':
      return putBack('backing_off', (state.retryAt.getTime() - now.getTime()) / 1000);
    default:
      return done('run_ended');
  }
};

const logAttempt = (
  log: Log,
  run: ClaimedRun,
  { next, written }: { readonly next: Run; readonly written: boolean },
) => {
  const attempt = next.attempts.at(-1);
  log[attempt?.error === undefined ? 'info' : 'warn'](written ? 'Attempt ended' : 'Attempt ended, its lease was lost', {
    project: run.project,
    routine: run.routine,
    run: run.id,
    attempt: attempt?.number,
    phase: next.state.phase,
    durationMs: attempt === undefined ? undefined : attempt.endedAt.getTime() - attempt.startedAt.getTime(),
    errorType: attempt?.error?.type,
    statusCode: attempt?.statusCode,
    cause: ownCause(attempt?.error),
  });
};

/** Where no agent answered, the message is ours and its first line tells why; an agent's own words stay in the run. */
const ownCause = (error: RunError | undefined): string | undefined =>
  error !== undefined && ['timeout', 'connection_error', 'identity_error'].includes(error.type)
    ? error.message.split('\n')[0]
    : undefined;
