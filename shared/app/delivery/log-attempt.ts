import type { Run, RunError } from '../../domain/run.ts';
import type { Log } from '../ports/log.ts';

/** One line for the attempt that has just ended; `isWritten`: its record stands. */
export const logAttempt = (log: Log, run: Run, isWritten: boolean): void => {
  const attempt = run.attempts.at(-1);
  const error = attempt?.error;
  // A call that was broken off because its run was cancelled is what a caller asked for.
  const isExpected = error === undefined ? isWritten : !isWritten && error.type === 'cancelled';
  const message = isWritten ? 'Attempt ended' : 'Attempt ended, not recorded: its run was cancelled or taken over';
  log[isExpected ? 'info' : 'warn'](message, {
    project: run.project,
    routine: run.routine,
    run: run.id,
    attempt: attempt?.number,
    phase: isWritten ? run.state.phase : undefined,
    durationMs: attempt === undefined ? undefined : attempt.endedAt.getTime() - attempt.startedAt.getTime(),
    errorType: error?.type,
    statusCode: attempt?.statusCode,
    cause: ownCause(error),
  });
};

/** Where no agent answered, the message is ours and its first line tells why; an agent's own words stay in the run. */
const ownCause = (error: RunError | undefined): string | undefined =>
  error !== undefined && ['timeout', 'connection_error', 'identity_error'].includes(error.type)
    ? error.message.split('\n')[0]
    : undefined;
