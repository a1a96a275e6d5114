import type { Action, ActionByType, ActionType } from '../domain/action.ts';
import type { AgentConversation, AgentTarget } from './agent-protocol.ts';
import { invocationsConversation } from './invocations.ts';
import { type ResponsesOptions, responsesConversation } from './responses.ts';
import { threadsConversation } from './threads.ts';

/** What calls do besides what an action says. */
type ProtocolOptions = ResponsesOptions;

/** The protocol that an action of each type speaks. */
const protocols: {
  readonly [Type in ActionType]: (
    action: ActionByType[Type],
    target: AgentTarget,
    options: ProtocolOptions,
  ) => AgentConversation;
} = {
  invoke_agent_responses_api: responsesConversation,
  invoke_agent_invocations_api: (action, target, { timings }) => invocationsConversation(action, target, timings),
  invoke_agent_threads_api: threadsConversation,
};

const conversationAs = <Type extends ActionType>(
  type: Type,
  ...with_: [ActionByType[Type], AgentTarget, ProtocolOptions]
): AgentConversation => protocols[type](...with_);

/** The conversation with the agent of an action. Throws AgentNameError for an agent that cannot stand in a URL. */
export const conversationOf = (action: Action, target: AgentTarget, options: ProtocolOptions): AgentConversation =>
  conversationAs(action.type, action, target, options);
