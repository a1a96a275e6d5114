import type { Action } from '../../domain/action.ts';
import type { ProjectName, RunId } from '../../domain/names.ts';
import type { AgentAnswer, RunError } from '../../domain/run.ts';

export interface AgentCall {
  readonly project: ProjectName;
  readonly action: Action;
  /** Sent as Idempotency-Key and x-ms-client-request-id: the same for every attempt of the run. */
  readonly runId: RunId;
  /** Aborted at the attempt's timeout. Covers headers and body. */
  readonly timeoutSeconds: number;
}

export type AgentOutcome =
  | { readonly kind: 'completed'; readonly answer: AgentAnswer }
  | { readonly kind: 'retryable'; readonly error: RunError; readonly retryAfterSeconds?: number }
  | { readonly kind: 'terminal'; readonly error: RunError; readonly answer?: AgentAnswer };

/** One attempt is one downstream call. Never throws: whatever goes wrong is an outcome. */
export interface AgentCaller {
  call(call: AgentCall): Promise<AgentOutcome>;
}
