import { AgentServiceError } from '../../domain/errors.ts';
import type { ProjectName } from '../../domain/names.ts';
import type { AgentListing, ListedAgent } from '../ports/agent-directory.ts';
import type { Uses } from '../uses.ts';

export interface AgentList {
  /** Agents of the project, then classic ones, each in the order of the agent service. */
  readonly agents: readonly ListedAgent[];
  /** What is missing of the list and why, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * The agents that a routine of the project can be bound to. One of the two lists that fails leaves the other; a service
 * without classic agents has none. Throws AgentServiceError when nothing could be learned.
 */
export const listAgents = async (
  { agentDirectory }: Uses<'agentDirectory'>,
  project: ProjectName,
): Promise<AgentList> => {
  const [agents, assistants] = await Promise.all([
    agentDirectory.list(project, 'project'),
    agentDirectory.list(project, 'assistant'),
  ]);
  if (agents.kind !== 'listed' && assistants.kind !== 'listed') {
    throw new AgentServiceError(`The agents of project "${project}" could not be listed: ${reasonOf(agents)}`);
  }
  return {
    agents: [...agentsIn(agents), ...agentsIn(assistants)],
    warnings: [
      ...warningsOf('agents of the project', agents),
      ...(assistants.kind === 'absent' ? [] : warningsOf('classic agents', assistants)),
    ],
  };
};

const agentsIn = (listing: AgentListing): readonly ListedAgent[] => (listing.kind === 'listed' ? listing.agents : []);

const warningsOf = (what: string, listing: AgentListing): readonly string[] => {
  if (listing.kind !== 'listed') return [`The ${what} could not be listed: ${reasonOf(listing)}`];
  return listing.isCut ? [`There are more ${what} than the first ${listing.agents.length}.`] : [];
};

const reasonOf = (listing: Exclude<AgentListing, { readonly kind: 'listed' }>): string =>
  listing.kind === 'absent' ? 'the agent service answered 404' : listing.reason;
