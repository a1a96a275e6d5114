import type { AnyOf, NothingLeft } from '../domain/every-field.ts';
import { truncateErrorMessage } from '../domain/progress/call-verdict.ts';
import {
  agentEndpointIdOf,
  agentIdOf,
  attemptUnderWay,
  conversationIdOf,
  isIdHonoured,
  publicPhaseOf,
  responseIdOf,
  sessionIdOf,
  statusOf,
  threadIdOf,
} from '../domain/progress/run-facts.ts';
import type {
  AgentAnswer,
  Attempt,
  BusyWait,
  MissedSlots,
  Run,
  RunError,
  RunState,
  TokenUsage,
} from '../domain/run.ts';
import { dispatchIdOf, taskIdOf } from '../domain/run-id.ts';
import { type Dialect, instantView } from './dialect.ts';

/** A run as it goes over the wire. Fields without a value are left out, never null. */
export const runView = (run: Run, dialect: Dialect): object => {
  const at = (instant: Date | undefined) => instant && instantView(instant, dialect.instants);
  const { id, triggerType, triggerName, attemptSource, action, triggeredAt, scheduledFireAt, ...more } = run;
  const { triggerTimeZone, startedAt, attempts, waited, missed, retryOf, metadata, state, ...notShown } = more;
  // Callers know project and routine from the path; `work` shows as ids and as an attempt.
  const { project: _project, routine: _routine, work: _work, ...internal } = notShown;
  const { exclusive: _exclusive, lives: _lives, deadlineSeconds: _deadlineSeconds, ...rest } = internal;
  rest satisfies NothingLeft;
  const { error, answer, skipReason, blockedBy, endedAt } = shownOf(state);
  const sessionId = sessionIdOf(run);
  return {
    id,
    status: dialect.statusWords === 'title' ? statusOf(state) : statusOf(state).toUpperCase(),
    phase: publicPhaseOf(state),
    trigger_type: triggerType,
    trigger_name: triggerName,
    attempt_source: attemptSource,
    action_type: action.type,
    agent_id: agentIdOf(run),
    agent_endpoint_id: agentEndpointIdOf(run),
    conversation_id: conversationIdOf(run),
    session_id: sessionId,
    agent_session_id: sessionId,
    triggered_at: at(triggeredAt),
    scheduled_fire_at: at(scheduledFireAt),
    trigger_time_zone: triggerTimeZone,
    started_at: at(startedAt),
    ended_at: at(endedAt),
    dispatch_id: dispatchIdOf(id),
    action_correlation_id: dispatchIdOf(id),
    response_id: responseIdOf(run),
    response_id_honoured: isIdHonoured(run),
    task_id: taskIdOf(id),
    error_status_code: error?.statusCode,
    ...(error && errorView(error)),
    result: resultView(run),
    attempts: attemptViews(run, attempts, dialect),
    ...(answer && outputView(answer)),
    waited_for: waited && waitedView(waited, dialect),
    skip_reason: skipReason,
    blocked_by: blockedBy,
    retry_of: retryOf,
    missed: missed && missedView(missed, dialect),
    thread_id: threadIdOf(run),
    metadata,
  };
};

/** What callers see of a state, beside the words for its phase. */
const shownOf = (state: AnyOf<RunState>) => {
  const { endedAt, error, answer, skipReason, blockedBy, ...notShown } = state;
  // A claim shows as the attempt under way. When the next delivery or poll comes is internal.
  const { phase: _phase, claim: _claim, retryAt: _retryAt, polls: _polls, notBefore: _notBefore, ...rest } = notShown;
  rest satisfies NothingLeft;
  return { endedAt, error, answer, skipReason, blockedBy };
};

/** Without the status code: an attempt that succeeded has one, too, so it stands beside the error. */
const errorView = ({ type, message, statusCode: _statusCode, ...rest }: RunError): object => {
  rest satisfies NothingLeft;
  return { error_type: type, error_message: truncateErrorMessage(message) };
};

/** The ids of an answer are those of the run. */
const outputView = (answer: AgentAnswer): object => {
  const { outputText, outputTruncated, outputNote, usage, responseId: _responseId, ...more } = answer;
  const { sessionId: _sessionId, ...rest } = more;
  rest satisfies NothingLeft;
  return {
    output_text: outputText,
    output_truncated: outputTruncated,
    output_note: outputNote,
    usage: usage && usageView(usage),
  };
};

const usageView = ({ inputTokens, outputTokens, totalTokens, ...rest }: TokenUsage): object => {
  rest satisfies NothingLeft;
  return { input_tokens: inputTokens, output_tokens: outputTokens, total_tokens: totalTokens };
};

const waitedView = ({ reason, times, since, unfoundSince: _, ...rest }: BusyWait, { instants }: Dialect): object => {
  rest satisfies NothingLeft;
  return { reason, times, since: instantView(since, instants) };
};

const missedView = ({ count, firstAt, lastAt, ...rest }: MissedSlots, { instants }: Dialect): object => {
  rest satisfies NothingLeft;
  return { count, first_at: instantView(firstAt, instants), last_at: instantView(lastAt, instants) };
};

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
const attemptViews = (run: Run, attempts: readonly Attempt[], dialect: Dialect): readonly object[] => {
  const ended = attempts.map((attempt) => attemptView(attempt, dialect));
  const underWay = attemptUnderWay(run);
  if (underWay === undefined) return ended;
  const { attempt, startedAt } = underWay;
  return [...ended, { number: attempt, started_at: instantView(startedAt, dialect.instants) }];
};

const attemptView = (attempt: Attempt, { instants }: Dialect): object => {
  const { number, startedAt, endedAt, statusCode, error, ...rest } = attempt;
  rest satisfies NothingLeft;
  return {
    number,
    started_at: instantView(startedAt, instants),
    ended_at: instantView(endedAt, instants),
    status_code: statusCode,
    ...(error && errorView(error)),
  };
};
