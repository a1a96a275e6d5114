import type { AgentCall, AgentCaller, AgentOutcome } from '../app/ports/agent-caller.ts';
import type { Log } from '../app/ports/log.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { describeErrorBody, judgeStatus, parseRetryAfter, truncateErrorMessage } from '../domain/call-outcome.ts';
import type { RunId } from '../domain/names.ts';
import type { RunError } from '../domain/run.ts';
import type { Randomness } from '../randomness.ts';
import { type AgentExchange, type HttpAnswer, readIdentifierHeader } from './agent-protocol.ts';
import { type CallLimit, limitCall } from './call-limit.ts';
import { AgentNameError, isLoopback, projectBase } from './endpoint.ts';
import { describeConnectionFailure, post, readAnswer } from './http-exchange.ts';
import { toInvocationsExchange } from './invocations.ts';
import { toResponsesExchange } from './responses.ts';
import { stopAgent } from './stop-agent.ts';
import type { TokenSource } from './token-source.ts';

export interface AgentCallerOptions {
  readonly config: Config['agents'];
  readonly token: TokenSource;
  readonly log: Log;
  readonly randomness: Randomness;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
}

/** Calls agents over HTTP. Contract, sections 4 and 5. */
export const createAgentCaller = (options: AgentCallerOptions): AgentCaller => ({
  call: async (call) => {
    try {
      return await attempt(call, options);
    } catch (error) {
      if (error instanceof AgentNameError) return terminal({ type: 'agent_error', message: error.message });
      options.log.error('A call of an agent failed inside this service.', { runId: call.runId }, error);
      return terminal({ type: 'internal_error', message: 'The service failed before the agent had answered' });
    }
  },
});

const attempt = async (agentCall: AgentCall, options: AgentCallerOptions): Promise<AgentOutcome> => {
  const exchange = toExchange(agentCall, options.config);
  const limit = limitCall(agentCall);
  try {
    const authorization = await authorize(exchange.url, options.token, limit.signal);
    if (authorization.kind !== 'headers') return isBrokenOff(limit) ? brokenOff : authorization;
    const headers = {
      ...headersOf(agentCall.runId, options.randomness),
      ...authorization.headers,
      ...exchange.headers,
    };
    return await converse({ agentCall, exchange, headers, limit }, options);
  } finally {
    limit.release();
  }
};

interface Conversation {
  readonly agentCall: AgentCall;
  readonly exchange: AgentExchange;
  /** Of every request of this call. */
  readonly headers: Readonly<Record<string, string>>;
  readonly limit: CallLimit;
}

const isBrokenOff = (limit: CallLimit): boolean => limit.reached() !== null && limit.reached() !== 'time';

/** One request and its whole answer. The agent of a cancelled run is told so, where it can be. */
const converse = async (conversation: Conversation, options: AgentCallerOptions): Promise<AgentOutcome> => {
  const { agentCall, exchange, headers, limit } = conversation;
  const { runId, timeoutSeconds } = agentCall;
  const { fetch: send = fetch, log } = options;
  let response: Response | undefined;
  let answer: HttpAnswer;
  try {
    const ofThisRequest = { accept, 'content-type': exchange.contentType, 'idempotency-key': runId };
    const call = { ...exchange, headers: { ...headers, ...ofThisRequest }, signal: limit.signal };
    response = await post(send, call);
    answer = await readAnswer(response);
  } catch (error) {
    const reached = limit.reached();
    if (reached === null) return disconnected(exchange.url, error);
    // After a timeout the next attempt asks for the same work, by the same key: to stop it would answer that one badly.
    const url = reached === 'cancelled' && response ? exchange.stopUrl?.(response.headers) : undefined;
    if (url !== undefined) await stopAgent({ fetch: send, log }, { url, headers, runId });
    return isBrokenOff(limit) ? brokenOff : timedOut(timeoutSeconds);
  }
  return judge(exchange, answer, options);
};

const toExchange = ({ action, project }: AgentCall, config: Config['agents']): AgentExchange => {
  const base = projectBase(config.projectEndpoint, project);
  switch (action.type) {
    case 'invoke_agent_responses_api':
      return toResponsesExchange(action, base, config.responsesRoute);
    case 'invoke_agent_invocations_api':
      return toInvocationsExchange(action, base);
    default:
      return action satisfies never;
  }
};

const accept = 'application/json, text/event-stream, text/plain, */*;q=0.1';

/**
 * The same ids with every attempt, so that the agent can tell a repeat. The run id is also the trace's: its attempts
 * and what the agent does for them are one trace (W3C Trace Context, version 00, sampled).
 */
const headersOf = (runId: RunId, randomness: Randomness): Readonly<Record<string, string>> => ({
  'user-agent': 'agent-routines',
  'x-ms-client-request-id': runId,
  traceparent: `00-${runId.replaceAll('-', '')}-${randomness.hex(8)}-01`,
});

type Authorization =
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string>> }
  | Exclude<AgentOutcome, { readonly kind: 'completed' }>;

const authorize = async (url: string, source: TokenSource, limit: AbortSignal): Promise<Authorization> => {
  if (isLoopback(url)) return { kind: 'headers', headers: {} };
  const { protocol, origin } = new URL(url);
  if (protocol !== 'https:') {
    return terminal({ type: 'identity_error', message: `${origin}: a token is sent over https only` });
  }
  const result = await Promise.race([source.get(), aborted(limit)]);
  switch (result.kind) {
    case 'token':
      return { kind: 'headers', headers: { authorization: `Bearer ${result.token}` } };
    case 'unreachable':
      return retryable({ type: 'identity_error', message: result.message });
    case 'refused':
      return terminal({ type: 'identity_error', message: result.message });
    default:
      return result satisfies never;
  }
};

/** The token request itself goes on: others may wait for it, and the next attempt will want its result. */
const aborted = (limit: AbortSignal): Promise<{ readonly kind: 'unreachable'; readonly message: string }> =>
  new Promise((resolve) => {
    const message = 'The token service did not answer within the time of the attempt';
    const end = () => resolve({ kind: 'unreachable', message });
    if (limit.aborted) end();
    else limit.addEventListener('abort', end, { once: true });
  });

const judge = (exchange: AgentExchange, answer: HttpAnswer, options: AgentCallerOptions): AgentOutcome => {
  switch (judgeStatus(answer.status)) {
    case 'completed': {
      const { answer: agentAnswer, failure } = exchange.read(answer);
      const { status: statusCode } = answer;
      if (failure === undefined || options.config.strictFoundryOutcome)
        return { kind: 'completed', answer: agentAnswer, statusCode };
      return { ...terminal(failure), answer: agentAnswer };
    }
    case 'retryable': {
      const now = (options.clock ?? systemClock).now();
      const retryAfterSeconds = parseRetryAfter(answer.headers.get('retry-after'), now);
      return { ...retryable(httpErrorOf(answer)), ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
    }
    case 'terminal':
      return terminal(httpErrorOf(answer));
  }
};

/** The platform's own name of a failure is better than the agent's, and that is better than ours. */
const httpErrorOf = (answer: HttpAnswer): RunError => {
  const { status, statusText, headers } = answer;
  const { code, message } = describeErrorBody(answer.text);
  const location = headers.get('location');
  const redirect = location === null ? '' : `, a redirect to ${location}, which is not followed`;
  return {
    statusCode: status,
    type: readIdentifierHeader(headers, 'x-adc-response-details') ?? code ?? 'http_error',
    message: message ?? `The agent answered ${`${status} ${statusText}`.trim()}${redirect}`,
  };
};

const timedOut = (seconds: number): AgentOutcome =>
  retryable({ type: 'timeout', message: `The agent did not answer in full within ${seconds} s` });

const disconnected = (url: string, error: unknown): AgentOutcome =>
  retryable({ type: 'connection_error', message: `${new URL(url).origin}: ${describeConnectionFailure(error)}` });

/** What nobody keeps: whoever ended the call has the run. */
const brokenOff: AgentOutcome = {
  kind: 'retryable',
  error: {
    type: 'cancelled',
    message: 'The call was broken off: its run was cancelled, or another delivery has it now',
  },
};

const terminal = (error: RunError): AgentOutcome & { readonly kind: 'terminal' } => ({
  kind: 'terminal',
  error: withShortMessage(error),
});

const retryable = (error: RunError): AgentOutcome & { readonly kind: 'retryable' } => ({
  kind: 'retryable',
  error: withShortMessage(error),
});

const withShortMessage = (error: RunError): RunError => ({ ...error, message: truncateErrorMessage(error.message) });
