import type { AgentReference } from '../domain/action.ts';
import type { ProjectName } from '../domain/names.ts';
import { isLoopbackName } from '../loopback.ts';
import { isPathSegment } from './agent-protocol.ts';

/** The base of a project's agents: the setting AGENT_PROJECT_ENDPOINT with `{project}` filled in, no `/` at its end. */
export const projectBase = (endpoint: string, project: ProjectName): string =>
  endpoint.replaceAll('{project}', project).replace(/\/+$/, '');

/** The agent cannot stand in a URL: no attempt can succeed. */
export class AgentNameError extends Error {
  override readonly name = 'AgentNameError';
}

/** The agent of an action, by either of its names. Throws AgentNameError when there is none, or none for a URL. */
export const agentNameOf = ({ agentName, agentEndpointId }: AgentReference): string => {
  const name = agentName ?? agentEndpointId ?? '';
  if (!isPathSegment(name)) {
    throw new AgentNameError(`Agent name ${JSON.stringify(name)}: expected a name that can stand in a URL path`);
  }
  return name;
};

/** `{base}/agents/{agent}/endpoint/protocols`, the agent's name encoded. */
export const protocolsUrl = (base: string, agent: string): string =>
  `${base}/agents/${encodeURIComponent(agent)}/endpoint/protocols`;

/** True for an agent on this machine: it is called without a token. */
export const isLoopback = (url: string): boolean => isLoopbackName(new URL(url).hostname);
