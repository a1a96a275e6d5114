import type { Config } from '../config.ts';
import type { Action } from '../domain/action.ts';
import type { AgentConversation, AgentTarget } from './agent-protocol.ts';
import { invocationsConversation } from './invocations.ts';
import { responsesConversation } from './responses.ts';
import { threadsConversation } from './threads.ts';

/** The protocol that an action speaks. Throws AgentNameError for an agent that cannot stand in a URL. */
export const conversationOf = (
  action: Action,
  target: AgentTarget,
  config: Pick<Config['agents'], 'responsesRoute'>,
): AgentConversation => {
  switch (action.type) {
    case 'invoke_agent_responses_api':
      return responsesConversation(action, target, config.responsesRoute);
    case 'invoke_agent_invocations_api':
      return invocationsConversation(action, target);
    case 'invoke_agent_threads_api':
      return threadsConversation(action, target);
    default:
      return action satisfies never;
  }
};
