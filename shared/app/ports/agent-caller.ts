import type { Action } from '../../domain/action.ts';
import type { ProjectName, RunId } from '../../domain/names.ts';
import type { BusyOutcome } from '../../domain/progress/busy-wait.ts';
import type { AcceptedOutcome, AttemptOutcome, WorkOutcome } from '../../domain/progress/run-progress.ts';
import type { WorkIds } from '../../domain/run.ts';

export type CallEnd = 'cancelled' | 'taken_over';

export interface AgentCall {
  readonly project: ProjectName;
  readonly action: Action;
  /** Sent as Idempotency-Key and x-ms-client-request-id: the same for every attempt of the run. */
  readonly runId: RunId;
  /** An earlier attempt may have got somewhere before it was cut off, or failed on its way. */
  readonly mayRepeat: boolean;
  /** Attempts of the run that the agent answered: the id that this one begins its work under follows from it. */
  readonly answered: number;
  /** The agent may know that id: a call under it was cut off, or its answer was lost. */
  readonly mayBeBegun: boolean;
  /** For how long the agent has said that it knows the id, and has not found the work. */
  readonly unfoundSeconds: number;
  /** Aborted at the attempt's timeout. Covers headers and body. */
  readonly timeoutSeconds: number;
  /**
   * Ends the call before that; its outcome then counts for nothing. The reason is a CallEnd: work of a cancelled run is
   * to be stopped at the agent too, that of a run which another delivery has taken over is now that delivery's.
   */
  readonly signal?: AbortSignal;
}

/** A call whose answer did not come, or has not come yet. */
export type BegunCall = Pick<AgentCall, 'project' | 'action' | 'runId' | 'answered' | 'timeoutSeconds'>;

export type AgentOutcome = AttemptOutcome | AcceptedOutcome | BusyOutcome;

/** A question about work that an agent has accepted. */
export interface AgentWork {
  readonly project: ProjectName;
  readonly action: Action;
  readonly runId: RunId;
  readonly ids: WorkIds;
  readonly timeoutSeconds: number;
}

/** Never throws: whatever goes wrong is an outcome. */
export interface AgentCaller {
  /** One attempt. */
  call(call: AgentCall): Promise<AgentOutcome>;
  poll(work: AgentWork): Promise<WorkOutcome>;
  /**
   * Asks the agent to stop what the call of an ended run may have begun, its answer lost: by the id that the call gave
   * the work. Does nothing where the protocol knows no such id. As cancel else.
   */
  stopBegun(begun: BegunCall): Promise<void>;
  /** Asks the agent to stop. It may not know how, or not listen: that is logged, and no more. */
  cancel(work: AgentWork): Promise<void>;
}
