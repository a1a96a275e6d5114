import type { RunId } from '../domain/names.ts';
import { dispatchIdOf, taskIdOf } from '../domain/run-id.ts';

/** The ids that a dispatch answers with; all follow from the run's. */
export const dispatchView = (runId: RunId): object => ({
  dispatch_id: dispatchIdOf(runId),
  routine_run_id: runId,
  action_correlation_id: dispatchIdOf(runId),
  correlation_id: runId,
  task_id: taskIdOf(runId),
});
