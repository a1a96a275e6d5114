import { answeredAttempts } from '../begun-id.ts';
import { agentOf, factsOf, givenIdOf } from '../kinds/action-kinds.ts';
import {
  type AgentAnswer,
  type PublicPhase,
  type Run,
  type RunError,
  type RunState,
  type RunStatus,
  runPhases,
} from '../run.ts';

export const publicPhaseOf = ({ phase }: RunState): PublicPhase => runPhases[phase].publicPhase;

export const statusOf = ({ phase }: RunState): RunStatus => runPhases[phase].status;

export const endedAtOf = (state: RunState): Date | undefined => ('endedAt' in state ? state.endedAt : undefined);

/** Why an ended run did not succeed. What a single attempt met stands in the attempt. */
export const errorOf = (state: RunState): RunError | undefined => ('error' in state ? state.error : undefined);

export const answerOf = (state: RunState): AgentAnswer | undefined => ('answer' in state ? state.answer : undefined);

/** What the agent calls its work by, also while it goes on and when it never came to an answer. */
export const responseIdOf = ({ state, work }: Pick<Run, 'state' | 'work'>): string | undefined =>
  answerOf(state)?.responseId ?? work?.ids.responseId ?? work?.ids.invocationId;

/**
 * Whether the agent took the id that this service gave the work: then a repeat of the call finds the work and begins
 * nothing. Undefined while the work has no id, and where the protocol gives none.
 */
export const isIdHonoured = (run: Run): boolean | undefined => {
  const known = responseIdOf(run);
  const { action, id: runId, attempts } = run;
  if (known === undefined) return undefined;
  // The last attempt has been counted, the one that is under way not yet.
  const before = attemptUnderWay(run) === undefined ? attempts.slice(0, -1) : attempts;
  const given = givenIdOf(action, { runId, answered: answeredAttempts({ attempts: before }) });
  return given === undefined ? undefined : given === known;
};

/** Of an ended run: its last call got no answer, so the agent may be at work for it all the same. */
export const isUnanswered = ({ attempts, work }: Pick<Run, 'attempts' | 'work'>): boolean =>
  work === undefined && attempts.length > 0 && attempts.at(-1)?.statusCode === undefined;

export const skipReasonOf = (state: RunState): string | undefined =>
  state.phase === 'killed' ? state.skipReason : undefined;

/** The attempt that has begun and not ended. */
export const attemptUnderWay = ({
  state,
  work,
}: Run): { readonly attempt: number; readonly startedAt: Date } | undefined =>
  state.phase === 'dispatching' ? state.claim : state.phase === 'polling' ? work : undefined;

/** The run that kept this one from starting. */
export const blockedByOf = (state: RunState): string | undefined =>
  state.phase === 'killed' ? state.blockedBy : undefined;

/** The session that the agent named, else the one it was asked to continue. */
export const sessionIdOf = ({ state, action, work }: Pick<Run, 'state' | 'action' | 'work'>): string | undefined =>
  answerOf(state)?.sessionId ?? work?.ids.sessionId ?? factsOf(action).sessionId;

export const conversationIdOf = ({ action }: Pick<Run, 'action'>): string | undefined => factsOf(action).conversationId;

/** The agent's name, whichever way the action names it; absent for a legacy endpoint id. */
export const agentIdOf = ({ action }: Pick<Run, 'action'>): string | undefined => agentOf(action)?.id;

export const agentEndpointIdOf = ({ action }: Pick<Run, 'action'>): string | undefined =>
  factsOf(action).agentEndpointId;

/** The thread that the run is on, else the one that it was to be put on. */
export const threadIdOf = ({ action, work }: Pick<Run, 'action' | 'work'>): string | undefined =>
  factsOf(action, work?.ids).threadId;
