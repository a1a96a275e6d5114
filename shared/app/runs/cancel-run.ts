import { ConflictError, StorageUnavailableError } from '../../domain/errors.ts';
import { attemptUnderWay, isUnanswered } from '../../domain/progress/run-facts.ts';
import { type Attempt, isEnded, type Run, type RunError } from '../../domain/run.ts';
import { endRun, type HoldUses } from '../delivery/hold-routine.ts';
import type { Uses } from '../uses.ts';
import { findRun, type RunName } from './find-run.ts';

const maxTries = 5;
const cancelled: RunError = { type: 'cancelled', message: 'The run was cancelled.' };

/**
 * Ends a run that has not ended. Queued, it never starts: its message finds it ended. Calling the agent, its delivery
 * finds out within seconds and breaks the call off. Against an end that the delivery writes the run's version decides: one wins.
 * Throws NotFoundError without such a run, ConflictError for one that has ended.
 *
 * The hold of a run whose agent is at work is left to its delivery, which lets go when the call is broken off, or the
 * agent was told. A delivery that crashed holds the routine until its lease ends, and no longer.
 */
export const cancelRun = async (deps: HoldUses, name: RunName): Promise<Run> => {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const stored = await findRun(deps, name);
    const { run, version } = stored;
    if (isEnded(run.state)) throw new ConflictError(`Run "${run.id}" has ended: it is ${run.state.phase}.`);
    const killed = cancelledRun(run, deps.clock.now());
    const isAtWork = run.state.phase === 'dispatching' || run.state.phase === 'polling';
    const isWritten = isAtWork
      ? (await deps.runs.replace(killed, version)) !== null
      : await endRun(deps, stored, killed);
    if (!isWritten) continue;
    if (run.state.phase === 'polling') await pollNow(deps, run, run.state.polls + 1);
    else if (isUnanswered(killed)) await pollNow(deps, run, 1);
    deps.log.info('Run cancelled', { project: run.project, routine: run.routine, run: run.id, was: run.state.phase });
    return killed;
  }
  throw new ConflictError(`Run "${name.id}" changed ${maxTries} times while it was being cancelled; try again.`);
};

/**
 * A poll that finds its run cancelled tells the agent to stop. Of work that is polled the next poll does so too, later:
 * this one may fail. Of a call whose answer did not come its delivery does so, unless its process has died.
 */
const pollNow = async (
  { deliveries, log }: Uses<'deliveries' | 'log'>,
  { project, routine, id: runId }: Run,
  poll: number,
): Promise<void> => {
  try {
    await deliveries.send({ kind: 'poll', project, routine, runId, poll }, 0);
  } catch (error) {
    if (!(error instanceof StorageUnavailableError)) throw error;
    log.warn('Agent not told to stop at once', { project, routine, run: runId, cause: error.message });
  }
};

/** An attempt that is under way ends with its run. */
const cancelledRun = (run: Run, endedAt: Date): Run => {
  const state = { phase: 'killed', endedAt, error: cancelled } as const;
  const underWay = attemptUnderWay(run);
  if (underWay === undefined) return { ...run, state };
  const { attempt: number, startedAt } = underWay;
  const attempt: Attempt = { number, startedAt, endedAt, error: cancelled };
  return { ...run, attempts: [...run.attempts, attempt], state };
};
