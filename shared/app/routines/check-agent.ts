import type { Action } from '../../domain/action.ts';
import { InvalidRequestError, type Problem } from '../../domain/errors.ts';
import type { ProjectName } from '../../domain/names.ts';
import type { AgentDirectory, AgentName, ListedAgent } from '../ports/agent-directory.ts';

export interface CheckAgentDeps {
  readonly agentDirectory: AgentDirectory;
  /** `identity`: an agent of the project must have one of its own, too. */
  readonly level: 'exists' | 'identity';
}

/** What a look-up of an action's agent came to. */
export type AgentVerdict =
  | { readonly kind: 'fit' }
  | { readonly kind: 'unfit'; readonly problem: Problem }
  /** The agent service could not be asked. */
  | { readonly kind: 'unknown'; readonly warning: string };

/** Looks an action's agent up (contract, section 6). An `agent_endpoint_id` is not checked. Never rejects. */
export const checkAgent = async (
  { agentDirectory, level }: CheckAgentDeps,
  project: ProjectName,
  action: Action,
): Promise<AgentVerdict> => {
  const name = agentOf(action);
  if (name === null) return { kind: 'fit' };
  const lookup = await agentDirectory.find(project, name);
  switch (lookup.kind) {
    case 'found':
      return judge(lookup.agent, name, level);
    case 'absent':
      return unfit(name, 'agent_not_found', `does not exist in project "${project}"; expected one that it has`);
    case 'unknown': {
      const warning = `Agent "${name.id}" could not be looked up in project "${project}", so this is not known to work: ${lookup.reason}`;
      return { kind: 'unknown', warning };
    }
    default:
      return lookup satisfies never;
  }
};

/**
 * What a verdict means for a routine that takes this action in place of `before`: throws InvalidRequestError when the
 * agent is new to the routine. A routine that keeps an agent which was deleted, say, can be edited all the same: that
 * is worth a warning, one sentence each, as is what could not be looked up.
 */
export const agentWarnings = (verdict: AgentVerdict, before: Action | undefined, action: Action): readonly string[] => {
  switch (verdict.kind) {
    case 'fit':
      return [];
    case 'unknown':
      return [verdict.warning];
    case 'unfit':
      if (before === undefined || !isSameAgent(before, action)) throw new InvalidRequestError(verdict.problem);
      return [verdict.problem.message];
    default:
      return verdict satisfies never;
  }
};

/** Kinds that no protocol of ours can call. */
const uncallableKinds = new Set(['workflow', 'external', 'voice']);

const judge = ({ kind, hasIdentity }: ListedAgent, name: AgentName, level: CheckAgentDeps['level']): AgentVerdict => {
  if (uncallableKinds.has(kind)) {
    return unfit(
      name,
      'invalid_request',
      `is of kind "${kind}", which a routine cannot call; expected prompt or hosted`,
    );
  }
  // No classic agent has an identity: the service that runs it lends it its own.
  if (level === 'identity' && name.source === 'project' && !hasIdentity) {
    return unfit(name, 'agent_identity_required', 'has no identity of its own (instance_identity); expected one');
  }
  return { kind: 'fit' };
};

const unfit = (name: AgentName, code: Problem['code'], what: string): AgentVerdict => ({
  kind: 'unfit',
  problem: {
    code,
    param: name.source === 'assistant' ? 'action.agent_id' : 'action.agent_name',
    message: `Agent "${name.id}" ${what}.`,
  },
});

const agentOf = (action: Action): AgentName | null => {
  if (action.type === 'invoke_agent_threads_api') return { source: 'assistant', id: action.agentId };
  return action.agentName === undefined ? null : { source: 'project', id: action.agentName };
};

const isSameAgent = (a: Action, b: Action): boolean => {
  const [one, other] = [agentOf(a), agentOf(b)];
  return one !== null && other !== null && one.source === other.source && one.id === other.id;
};
