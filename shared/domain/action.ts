import type { JsonValue } from './json.ts';

/** Exactly one of the two names an agent. */
export interface AgentReference {
  readonly agentName?: string;
  /** The legacy endpoint-scoped identifier. */
  readonly agentEndpointId?: string;
}

export interface ResponsesAction extends AgentReference {
  readonly type: 'invoke_agent_responses_api';
  readonly input?: JsonValue;
  readonly conversation?: string;
}

export interface InvocationsAction extends AgentReference {
  readonly type: 'invoke_agent_invocations_api';
  readonly input?: JsonValue;
  readonly sessionId?: string;
}

/** A classic agent, run on a thread. */
export interface ThreadsAction {
  readonly type: 'invoke_agent_threads_api';
  readonly agentId: string;
  readonly input?: JsonValue;
  /** Absent: each run begins a thread of its own. */
  readonly threadId?: string;
}

export type Action = ResponsesAction | InvocationsAction | ThreadsAction;
export type ActionType = Action['type'];
export const actionTypes = [
  'invoke_agent_responses_api',
  'invoke_agent_invocations_api',
  'invoke_agent_threads_api',
] as const satisfies ActionType[];
