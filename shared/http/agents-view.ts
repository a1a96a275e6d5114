import type { ListedAgent } from '../app/ports/agent-directory.ts';
import type { AgentList } from '../app/routines/list-agents.ts';
import type { NothingLeft } from '../domain/every-field.ts';

/** The agents that a routine can be bound to, the same in every dialect. */
export const agentsView = ({ agents, warnings, ...rest }: AgentList): object => {
  rest satisfies NothingLeft;
  return { data: agents.map(agentView), ...(warnings.length > 0 && { warnings }) };
};

const agentView = ({ id, name, source, kind, model, protocols, hasIdentity, ...rest }: ListedAgent): object => {
  rest satisfies NothingLeft;
  return { id, name, source, kind, model, protocols, has_identity: hasIdentity };
};
