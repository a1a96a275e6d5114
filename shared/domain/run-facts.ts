import type { AgentAnswer, Run, RunError, RunState } from './run.ts';

/** What callers are told of a run's state; `backing_off` and `killed` have no phase of their own. */
export type PublicPhase = 'queued' | 'dispatching' | 'completed' | 'failed';
export type RunStatus = 'Scheduled' | 'Running' | 'Finished' | 'Failed' | 'Killed';

export const publicPhaseOf = (state: RunState): PublicPhase => {
  switch (state.phase) {
    case 'queued':
    case 'dispatching':
    case 'completed':
    case 'failed':
      return state.phase;
    case 'backing_off':
      return 'dispatching';
    case 'killed':
      return 'failed';
    default:
      return state satisfies never;
  }
};

export const statusOf = (state: RunState): RunStatus => {
  switch (state.phase) {
    case 'queued':
      return 'Scheduled';
    case 'dispatching':
    case 'backing_off':
      return 'Running';
    case 'completed':
      return 'Finished';
    case 'failed':
      return 'Failed';
    case 'killed':
      return 'Killed';
    default:
      return state satisfies never;
  }
};

export const endedAtOf = (state: RunState): Date | undefined => ('endedAt' in state ? state.endedAt : undefined);

/** Why an ended run did not succeed. What a single attempt met stands in the attempt. */
export const errorOf = (state: RunState): RunError | undefined => ('error' in state ? state.error : undefined);

export const answerOf = (state: RunState): AgentAnswer | undefined => ('answer' in state ? state.answer : undefined);

export const skipReasonOf = (state: RunState): string | undefined =>
  state.phase === 'killed' ? state.skipReason : undefined;

/** The run that kept this one from starting. */
export const blockedByOf = (state: RunState): string | undefined =>
  state.phase === 'killed' ? state.blockedBy : undefined;

/** The session that the agent named, else the one it was asked to continue. */
export const sessionIdOf = (run: Run): string | undefined =>
  answerOf(run.state)?.sessionId ??
  (run.action.type === 'invoke_agent_invocations_api' ? run.action.sessionId : undefined);

export const conversationIdOf = (run: Run): string | undefined =>
  run.action.type === 'invoke_agent_responses_api' ? run.action.conversation : undefined;
