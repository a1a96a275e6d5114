import type { AgentCall, AgentCaller, AgentOutcome, AgentWork, BegunCall } from '../app/ports/agent-caller.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { judgeStatus } from '../domain/progress/call-verdict.ts';
import type { AttemptOutcome, WorkOutcome } from '../domain/progress/run-progress.ts';
import type { AgentAnswer, RunError, WorkIds } from '../domain/run.ts';
import { type AgentHttpOptions, createAgentHttp, NoAnswerError } from './agent-http.ts';
import type { AgentConversation, AgentHttp, AnsweredReading, BusyReading, HttpAnswer } from './agent-protocol.ts';
import { AgentNameError, projectBase } from './agent-url.ts';
import { createRefusers, type Refusers } from './background.ts';
import { saysBusy } from './busy-answer.ts';
import { httpErrorOf, retryable, terminal, withShortMessage } from './call-errors.ts';
import { limitCall } from './call-limit.ts';
import { conversationOf } from './protocols.ts';
import { retryAfterSecondsOf } from './retry-after.ts';
import { saysEnded } from './stop-agent.ts';

export interface AgentCallerOptions extends AgentHttpOptions {
  readonly config: Config['agents'];
  readonly clock: Clock;
}

/** Calls agents over HTTP. Contract, sections 4 to 7. */
export const createAgentCaller = (given: AgentCallerOptions): AgentCaller => {
  const options = { ...given, refusers: createRefusers(given) };
  return {
    call: async (call) => {
      try {
        return await converse(options, call, async (agent, http) => toOutcome(options, await agent.start(http, call)));
      } catch (error) {
        return toFailure(options, call, error);
      }
    },
    poll: async (work) => {
      try {
        return await converse(options, work, async (agent, http) =>
          toWorkOutcome(options, await agent.poll(http, work.ids)),
        );
      } catch (error) {
        return { kind: 'unknown', error: toFailure(options, work, error).error };
      }
    },
    stopBegun: (begun) => tellToStop(options, begun, (agent) => agent.begunIds(begun.answered)),
    cancel: (work) => tellToStop(options, work, () => work.ids),
  };
};

/** What the calls of one process share. */
interface CallerState extends AgentCallerOptions {
  readonly refusers: Refusers;
}

/** Never rejects: the run has ended, whatever the agent does. */
const tellToStop = async (
  options: CallerState,
  call: BegunCall | AgentWork,
  idsOf: (agent: AgentConversation) => WorkIds | null,
): Promise<void> => {
  const facts = { project: call.project, run: call.runId };
  try {
    const limited = { ...call, timeoutSeconds: options.timings.stopTimeoutSeconds };
    const answer = await converse(options, limited, async (agent, http) => {
      const ids = idsOf(agent);
      return ids && http.send(agent.stop(ids));
    });
    if (answer !== null && answer.status > 299 && !saysEnded.has(answer.status)) {
      options.log.warn('The agent did not take the request to stop', { ...facts, status: answer.status });
    }
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    options.log.warn('The agent was not reached with the request to stop', { ...facts, cause });
  }
};

/** Binds the run's protocol to one call's requests and lets go of its limit afterwards. */
const converse = async <Result>(
  options: CallerState,
  call: AgentCall | AgentWork | BegunCall,
  talk: (agent: AgentConversation, http: AgentHttp) => Promise<Result>,
): Promise<Result> => {
  const { project, action, runId, timeoutSeconds } = call;
  const base = projectBase(options.config.projectEndpoint, project);
  const { responsesRoute, responsesBackground: mode } = options.config;
  const { timings, refusers } = options;
  const agent = conversationOf(action, { base, runId }, { responsesRoute, background: { mode, refusers }, timings });
  const limit = limitCall(call, options.timings);
  const idempotencyKey = 'mayRepeat' in call ? runId : undefined;
  try {
    return await talk(agent, createAgentHttp(options, { project, runId, timeoutSeconds, limit, idempotencyKey }));
  } finally {
    limit.release();
  }
};

const toFailure = (
  { log }: AgentCallerOptions,
  { project, runId }: Pick<AgentCall, 'project' | 'runId'>,
  error: unknown,
): Exclude<AttemptOutcome, { readonly kind: 'completed' }> => {
  if (error instanceof NoAnswerError) return error.isFinal ? terminal(error.reason) : retryable(error.reason);
  if (error instanceof AgentNameError) return terminal({ type: 'agent_error', message: error.message });
  log.error('A call of an agent failed inside this service', { project, run: runId }, error);
  return terminal({ type: 'internal_error', message: 'The service failed before the agent had answered' });
};

const toOutcome = (
  options: AgentCallerOptions,
  reading: Awaited<ReturnType<AgentConversation['start']>>,
): AgentOutcome => {
  switch (reading.kind) {
    case 'answered':
      return toAnswered(options, reading);
    case 'accepted':
      return {
        kind: 'accepted',
        ids: reading.ids,
        statusCode: reading.by.status,
        ...retryAfterOf(options, reading.by),
      };
    case 'busy':
      return {
        kind: 'busy',
        error: busyErrorOf(reading),
        ...(reading.isUnfound && { isUnfound: true }),
        ...retryAfterOf(options, reading.by),
      };
    case 'refused': {
      const error = httpErrorOf(reading.by);
      if (!options.config.strictFoundryOutcome && saysBusy(reading.by)) {
        return { kind: 'busy', error: withShortMessage(error), ...retryAfterOf(options, reading.by) };
      }
      if (judgeStatus(reading.by.status) === 'terminal') return terminal(error);
      return { ...retryable(error), ...retryAfterOf(options, reading.by) };
    }
    default:
      return reading satisfies never;
  }
};

/** What was found out by a look, and not by a refusal, has no status. */
const busyErrorOf = ({ by, reason }: BusyReading): RunError =>
  reason === undefined ? withShortMessage(httpErrorOf(by)) : { type: 'busy', message: reason };

const toWorkOutcome = (
  options: AgentCallerOptions,
  reading: Awaited<ReturnType<AgentConversation['poll']>>,
): WorkOutcome => {
  switch (reading.kind) {
    case 'answered':
      return toAnswered(options, reading);
    case 'running':
      return { kind: 'running', ...retryAfterOf(options, reading.by) };
    case 'refused':
      return {
        kind: 'unknown',
        error: withShortMessage({
          ...httpErrorOf(reading.by),
          ...(reading.message !== undefined && { type: 'agent_error', message: reading.message }),
        }),
        ...retryAfterOf(options, reading.by),
      };
    case 'cancelled':
      return { kind: 'cancelled', error: withShortMessage(reading.error) };
    default:
      return reading satisfies never;
  }
};

const toAnswered = (
  { config }: AgentCallerOptions,
  { answer, failure, statusCode }: AnsweredReading,
): Extract<AttemptOutcome, { readonly kind: 'completed' | 'terminal' }> =>
  failure === undefined || config.strictFoundryOutcome
    ? { kind: 'completed', answer: failure === undefined ? answer : withNote(answer, failure), statusCode }
    : { ...terminal(failure), answer };

/** Called completed, it has no error that could say why there is no output. */
const withNote = (answer: AgentAnswer, failure: RunError): AgentAnswer =>
  answer.outputText === undefined ? { ...answer, outputNote: withShortMessage(failure).message } : answer;

const retryAfterOf = ({ clock }: AgentCallerOptions, { headers }: HttpAnswer) => {
  const retryAfterSeconds = retryAfterSecondsOf(headers, clock.now());
  return retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
};
