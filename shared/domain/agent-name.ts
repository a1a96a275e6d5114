/** `project`: an agent of the project, called by its name. `assistant`: a classic agent, called by its id. */
export type AgentSource = 'project' | 'assistant';

export interface AgentName {
  readonly source: AgentSource;
  /** A name for `project`, an id for `assistant`. */
  readonly id: string;
}
