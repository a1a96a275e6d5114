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

export type Action = ResponsesAction | InvocationsAction;
export type ActionType = Action['type'];
export const actionTypes = [
  'invoke_agent_responses_api',
  'invoke_agent_invocations_api',
] as const satisfies ActionType[];
