import { ConflictError } from '../domain/errors.ts';
import { type Attempt, isEnded, type Run, type RunError } from '../domain/run.ts';
import { findRun, type RunName } from './find-run.ts';
import { endRun, type HoldRoutineDeps } from './hold-routine.ts';
import type { Log } from './ports/log.ts';

export interface CancelRunDeps extends HoldRoutineDeps {
  readonly log: Log;
}

const maxTries = 5;
const cancelled: RunError = { type: 'cancelled', message: 'The run was cancelled.' };

/**
 * Ends a run that has not ended. Queued, it never starts: its message finds it ended. Calling the agent, its delivery
 * finds out within seconds and breaks the call off. Against an end of its own the run's version decides: one wins.
 * Throws NotFoundError without such a run, ConflictError for one that has ended.
 *
 * The hold of a run that is calling its agent is left to its delivery, which lets go when the call is over: the agent
 * may still be at work. A delivery that crashed holds the routine until its lease ends, and no longer.
 */
export const cancelRun = async (deps: CancelRunDeps, name: RunName): Promise<Run> => {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const stored = await findRun(deps.runs, name);
    const { run, version } = stored;
    if (isEnded(run.state)) throw new ConflictError(`Run "${run.id}" has ended: it is ${run.state.phase}.`);
    const killed = cancelledRun(run, deps.clock.now());
    const isWritten =
      run.state.phase === 'dispatching'
        ? (await deps.runs.replace(killed, version)) !== null
        : await endRun(deps, stored, killed);
    if (!isWritten) continue;
    deps.log.info('Run cancelled', { project: run.project, routine: run.routine, run: run.id, was: run.state.phase });
    return killed;
  }
  throw new ConflictError(`Run "${name.id}" changed ${maxTries} times while it was being cancelled; try again.`);
};

/** An attempt that is under way ends with its run. */
const cancelledRun = (run: Run, endedAt: Date): Run => {
  const state = { phase: 'killed', endedAt, error: cancelled } as const;
  if (run.state.phase !== 'dispatching') return { ...run, state };
  const { attempt: number, startedAt } = run.state.claim;
  const attempt: Attempt = { number, startedAt, endedAt, error: cancelled };
  return { ...run, attempts: [...run.attempts, attempt], state };
};
