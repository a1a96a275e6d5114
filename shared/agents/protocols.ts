import type { Config } from '../config.ts';
import type { Action, ActionByType, ActionType } from '../domain/action.ts';
import type { AgentConversation, AgentTarget } from './agent-protocol.ts';
import { invocationsConversation } from './invocations.ts';
import { responsesConversation } from './responses.ts';
import { threadsConversation } from './threads.ts';

type ProtocolConfig = Pick<Config['agents'], 'responsesRoute'>;

/** The protocol that an action of each type speaks. */
const protocols: {
  readonly [Type in ActionType]: (
    action: ActionByType[Type],
    target: AgentTarget,
    config: ProtocolConfig,
  ) => AgentConversation;
} = {
  invoke_agent_responses_api: (action, target, { responsesRoute }) =>
    responsesConversation(action, target, responsesRoute),
  invoke_agent_invocations_api: invocationsConversation,
  invoke_agent_threads_api: threadsConversation,
};

const conversationAs = <Type extends ActionType>(
  type: Type,
  ...with_: [ActionByType[Type], AgentTarget, ProtocolConfig]
): AgentConversation => protocols[type](...with_);

/** The conversation with the agent of an action. Throws AgentNameError for an agent that cannot stand in a URL. */
export const conversationOf = (action: Action, target: AgentTarget, config: ProtocolConfig): AgentConversation =>
  conversationAs(action.type, action, target, config);
