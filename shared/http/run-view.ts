import { truncateErrorMessage } from '../domain/progress/call-verdict.ts';
import {
  agentEndpointIdOf,
  agentIdOf,
  answerOf,
  attemptUnderWay,
  blockedByOf,
  conversationIdOf,
  endedAtOf,
  errorOf,
  publicPhaseOf,
  responseIdOf,
  sessionIdOf,
  skipReasonOf,
  statusOf,
  threadIdOf,
} from '../domain/progress/run-facts.ts';
import type { Attempt, Run, RunError } from '../domain/run.ts';
import { dispatchIdOf, taskIdOf } from '../domain/run-id.ts';
import { type Dialect, instantView } from './dialect.ts';

/** A run as it goes over the wire. Fields without a value are left out, never null. */
export const runView = (run: Run, dialect: Dialect): object => {
  const at = (instant: Date | undefined) => instant && instantView(instant, dialect.instants);
  const { state } = run;
  const answer = answerOf(state);
  const sessionId = sessionIdOf(run);
  return {
    id: run.id,
    status: dialect.statusWords === 'title' ? statusOf(state) : statusOf(state).toUpperCase(),
    phase: publicPhaseOf(state),
    trigger_type: run.triggerType,
    trigger_name: run.triggerName,
    attempt_source: run.attemptSource,
    action_type: run.action.type,
    agent_id: agentIdOf(run),
    agent_endpoint_id: agentEndpointIdOf(run),
    conversation_id: conversationIdOf(run),
    session_id: sessionId,
    agent_session_id: sessionId,
    triggered_at: at(run.triggeredAt),
    scheduled_fire_at: at(run.scheduledFireAt),
    trigger_time_zone: run.triggerTimeZone,
    started_at: at(run.startedAt),
    ended_at: at(endedAtOf(state)),
    dispatch_id: dispatchIdOf(run.id),
    action_correlation_id: dispatchIdOf(run.id),
    response_id: responseIdOf(run),
    task_id: taskIdOf(run.id),
    ...prefixed(errorOf(state)),
    result: resultView(run),
    attempts: attemptViews(run, dialect),
    output_text: answer?.outputText,
    output_truncated: answer?.outputTruncated,
    skip_reason: skipReasonOf(state),
    blocked_by: blockedByOf(state),
    retry_of: run.retryOf,
    missed: run.missed && {
      count: run.missed.count,
      first_at: at(run.missed.firstAt),
      last_at: at(run.missed.lastAt),
    },
    thread_id: threadIdOf(run),
    metadata: run.metadata,
  };
};

const prefixed = (error: RunError | undefined): object => ({
  error_status_code: error?.statusCode,
  error_type: error?.type,
  error_message: error && truncateErrorMessage(error.message),
});

const resultView = (run: Run): object | undefined =>
  run.state.phase === 'completed'
    ? {
        type: 'agent_response',
        agent_name: agentIdOf(run),
        response_id: run.state.answer.responseId,
        agent_session_id: run.state.answer.sessionId,
        correlation_id: run.id,
      }
    : undefined;

/** The ended attempts, then the one that is under way. */
const attemptViews = (run: Run, dialect: Dialect): readonly object[] => {
  const ended = run.attempts.map((attempt) => attemptView(attempt, dialect));
  const underWay = attemptUnderWay(run);
  if (underWay === undefined) return ended;
  const { attempt, startedAt } = underWay;
  return [...ended, { number: attempt, started_at: instantView(startedAt, dialect.instants) }];
};

const attemptView = (attempt: Attempt, dialect: Dialect): object => ({
  number: attempt.number,
  started_at: instantView(attempt.startedAt, dialect.instants),
  ended_at: instantView(attempt.endedAt, dialect.instants),
  status_code: attempt.statusCode,
  error_type: attempt.error?.type,
  error_message: attempt.error && truncateErrorMessage(attempt.error.message),
});
