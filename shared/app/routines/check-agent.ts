import type { Action } from '../../domain/action.ts';
import { InvalidRequestError, type Problem } from '../../domain/errors.ts';
import { agentOf, agentPathOf } from '../../domain/kinds/action-kinds.ts';
import type { ProjectName } from '../../domain/names.ts';
import type { ListedAgent } from '../ports/agent-directory.ts';
import type { AgentValidation } from '../settings.ts';
import type { Uses } from '../uses.ts';

/** What a look-up of an action's agent came to. */
export type AgentVerdict =
  | { readonly kind: 'fit' }
  | { readonly kind: 'unfit'; readonly problem: Problem }
  /** The agent service could not be asked. */
  | { readonly kind: 'unknown'; readonly warning: string };

/**
 * Looks an action's agent up, unless validation is off (contract, section 6). An `agent_endpoint_id` is not checked.
 * Never rejects.
 */
export const checkAgent = async (
  { agentDirectory, agentValidation }: Uses<'agentDirectory' | 'agentValidation'>,
  project: ProjectName,
  action: Action,
): Promise<AgentVerdict> => {
  const name = agentValidation === 'off' ? null : agentOf(action);
  if (name === null) return { kind: 'fit' };
  const named: NamedAgent = { id: name.id, path: agentPathOf(action) };
  const lookup = await agentDirectory.find(project, name);
  switch (lookup.kind) {
    case 'found':
      return judge(lookup.agent, named, agentValidation);
    case 'absent':
      return unfit(named, 'agent_not_found', `does not exist in project "${project}"; expected one that it has`);
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

interface NamedAgent {
  readonly id: string;
  /** Where the caller named it. */
  readonly path: string;
}

/** Kinds that no protocol of ours can call. */
const uncallableKinds = new Set(['workflow', 'external', 'voice']);

const judge = (agent: ListedAgent, named: NamedAgent, level: AgentValidation): AgentVerdict => {
  const { kind, source, hasIdentity } = agent;
  if (uncallableKinds.has(kind)) {
    return unfit(
      named,
      'invalid_request',
      `is of kind "${kind}", which a routine cannot call; expected prompt or hosted`,
    );
  }
  // A classic agent never has an identity: it uses that of the service that runs it.
  if (level === 'identity' && source === 'project' && !hasIdentity) {
    return unfit(named, 'agent_identity_required', 'has no identity of its own (instance_identity); expected one');
  }
  return { kind: 'fit' };
};

const unfit = ({ id, path }: NamedAgent, code: Problem['code'], what: string): AgentVerdict => ({
  kind: 'unfit',
  problem: { code, param: path, message: `Agent "${id}" ${what}.` },
});

const isSameAgent = (a: Action, b: Action): boolean => {
  const [one, other] = [agentOf(a), agentOf(b)];
  return one !== null && other !== null && one.source === other.source && one.id === other.id;
};
