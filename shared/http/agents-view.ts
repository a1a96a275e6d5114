import type { ListedAgent } from '../app/ports/agent-directory.ts';
import type { AgentList } from '../app/routines/list-agents.ts';

/** The agents that a routine can be bound to, the same in every dialect. */
export const agentsView = ({ agents, warnings }: AgentList): object => ({
  data: agents.map(agentView),
  ...(warnings.length > 0 && { warnings }),
});

const agentView = ({ id, name, source, kind, model, protocols, hasIdentity }: ListedAgent): object => ({
  id,
  name,
  source,
  kind,
  model,
  protocols,
  has_identity: hasIdentity,
});
