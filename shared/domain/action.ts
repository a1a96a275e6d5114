import type { JsonValue } from './json.ts';

export const actionTypes = [
  'invoke_agent_responses_api',
  'invoke_agent_invocations_api',
  'invoke_agent_threads_api',
] as const;
export type ActionType = (typeof actionTypes)[number];

interface ActionBase {
  readonly type: ActionType;
  readonly input?: JsonValue;
}

/** Exactly one of the two names an agent. */
export interface AgentReference {
  readonly agentName?: string;
  /** The legacy endpoint-scoped identifier. */
  readonly agentEndpointId?: string;
}

export interface ResponsesAction extends ActionBase, AgentReference {
  readonly type: 'invoke_agent_responses_api';
  readonly conversation?: string;
}

export interface InvocationsAction extends ActionBase, AgentReference {
  readonly type: 'invoke_agent_invocations_api';
  readonly sessionId?: string;
}

/** A classic agent, run on a thread. */
export interface ThreadsAction extends ActionBase {
  readonly type: 'invoke_agent_threads_api';
  readonly agentId: string;
  /** Absent: each run begins a new thread. */
  readonly threadId?: string;
}

export type Action = ResponsesAction | InvocationsAction | ThreadsAction;
export type ActionByType = { readonly [Type in ActionType]: Extract<Action, { readonly type: Type }> };
