import type { AgentName, AgentSource } from '../../domain/agent-name.ts';
import type { ProjectName } from '../../domain/names.ts';

/** An agent as the agent service describes it. */
export interface ListedAgent {
  readonly id: string;
  readonly name: string;
  readonly source: AgentSource;
  /** `prompt`, `hosted`, `workflow`, …; `unknown` when the service does not say; `assistant` for every classic agent. */
  readonly kind: string;
  readonly model?: string;
  readonly protocols: readonly string[];
  /** The agent has an identity beside its service's. */
  readonly hasIdentity: boolean;
}

/** `unknown`: the agent service did not answer, or not as one does; the reason names no secret. */
export type AgentLookup =
  | { readonly kind: 'found'; readonly agent: ListedAgent }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly reason: string };

/** `absent`: the service has no such list. */
export type AgentListing =
  | { readonly kind: 'listed'; readonly agents: readonly ListedAgent[]; readonly isCut: boolean }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What the agent service says of its agents, a short while ago at most. Never rejects, and answers within seconds. */
export interface AgentDirectory {
  find(project: ProjectName, agent: AgentName): Promise<AgentLookup>;
  list(project: ProjectName, source: AgentSource): Promise<AgentListing>;
}
