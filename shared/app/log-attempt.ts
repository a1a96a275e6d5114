import type { Run, RunError } from '../domain/run.ts';
import type { Log } from './ports/log.ts';

/** One line for the attempt that has just ended; `isWritten`: its record stands. */
export const logAttempt = (log: Log, run: Run, isWritten: boolean): void => {
  const attempt = run.attempts.at(-1);
  log[attempt?.error === undefined ? 'info' : 'warn'](isWritten ? 'Attempt ended' : 'Attempt ended, its run was lost', {
    project: run.project,
    routine: run.routine,
    run: run.id,
    attempt: attempt?.number,
    phase: run.state.phase,
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
