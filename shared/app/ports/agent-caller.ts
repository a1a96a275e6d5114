import type { Action } from '../../domain/action.ts';
import type { ProjectName, RunId } from '../../domain/names.ts';
import type { AttemptOutcome } from '../../domain/run-progress.ts';

export type CallEnd = 'cancelled' | 'taken_over';

export interface AgentCall {
  readonly project: ProjectName;
  readonly action: Action;
  /** Sent as Idempotency-Key and x-ms-client-request-id: the same for every attempt of the run. */
  readonly runId: RunId;
  /** Aborted at the attempt's timeout. Covers headers and body. */
  readonly timeoutSeconds: number;
  /**
   * Ends the call before that; its outcome then counts for nothing. The reason is a CallEnd: work of a cancelled run is
   * to be stopped at the agent too, that of a run which another delivery has taken over is now that delivery's.
   */
  readonly signal?: AbortSignal;
}

export type AgentOutcome = AttemptOutcome;

/** One attempt is one downstream call. Never throws: whatever goes wrong is an outcome. */
export interface AgentCaller {
  call(call: AgentCall): Promise<AgentOutcome>;
}
