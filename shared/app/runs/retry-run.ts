import { ConflictError } from '../../domain/errors.ts';
import type { ProjectName, RoutineName, RunId } from '../../domain/names.ts';
import { newRun } from '../../domain/progress/new-run.ts';
import { publicPhaseOf } from '../../domain/progress/run-facts.ts';
import { isEnded, type Run } from '../../domain/run.ts';
import { findRoutine, refuseArchived } from '../routines/find-routine.ts';
import type { Uses } from '../uses.ts';
import { findRun } from './find-run.ts';
import { type Idempotency, type StartByHandUses, startByHand } from './start-by-hand.ts';

export type RetryUses = StartByHandUses & Uses<'routines' | 'poisoned'>;

export interface RetryRequest {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  /** The run to repeat; it has ended. */
  readonly id: RunId;
  readonly idempotency?: Idempotency;
}

/**
 * Starts a new run of what an ended run called and answers with it. The routine may have changed since: the agent and
 * the input are the old run's. Throws NotFoundError without such a run or routine, ConflictError for a run that has
 * not ended and for an archived routine.
 */
export const retryRun = async (deps: RetryUses, request: RetryRequest): Promise<Run> => {
  const { project, routine: name, id: retryOf, idempotency } = request;
  const create = async () => {
    const { run: old } = await findRun(deps, request);
    if (!isEnded(old.state)) {
      throw new ConflictError(
        `Run "${retryOf}" is ${publicPhaseOf(old.state)}; only a run that has ended can be retried.`,
      );
    }
    const { routine } = await findRoutine(deps, project, name);
    refuseArchived(routine);
    const { triggerType, triggerName, action } = old;
    return (id: RunId, now: Date): Run =>
      newRun(routine, {
        id,
        triggerType,
        triggerName,
        attemptSource: 'manual_dispatch',
        action,
        triggeredAt: now,
        retryOf,
      });
  };
  const id = await startByHand(deps, { project, routine: name, idempotency, body: { retryOf }, create });
  // A retry of a poisoned run stands for a replay of its message. A crash before this leaves it to the next retry.
  await deps.poisoned.removeOfRun(project, retryOf);
  return (await findRun(deps, { project, routine: name, id })).run;
};
