import type { Log } from '../app/ports/log.ts';
import type { AgentTimings } from '../app/timings.ts';
import type { ProjectName, RunId } from '../domain/names.ts';
import type { RunError } from '../domain/run.ts';
import type { Randomness } from '../randomness.ts';
import { openAccess } from './agent-access.ts';
import type { AgentHttp, AgentRequest, HttpAnswer } from './agent-protocol.ts';
import { brokenOff, disconnected, timedOut } from './call-errors.ts';
import { type CallLimit, shorten } from './call-limit.ts';
import { readAnswer, request as sendRequest } from './http-exchange.ts';
import { stopAgent } from './stop-agent.ts';
import type { TokenSource } from './token-source.ts';

export interface AgentHttpOptions {
  readonly timings: AgentTimings;
  readonly token: TokenSource;
  readonly log: Log;
  readonly randomness: Randomness;
  readonly fetch?: typeof fetch;
}

export interface CallContext {
  readonly project: ProjectName;
  readonly runId: RunId;
  readonly timeoutSeconds: number;
  readonly limit: CallLimit;
  /** Requests that begin work carry it, so that the agent can tell a repeat. */
  readonly idempotencyKey?: string;
}

/** Why a request has no whole answer. `isFinal`: another attempt would meet the same. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly reason: RunError;
  readonly isFinal: boolean;
  constructor(reason: RunError, { isFinal = false } = {}) {
    super(reason.message);
    this.reason = reason;
    this.isFinal = isFinal;
  }
}

/**
 * Anything, but no stream by name: an agent that can do either streams to those who name it, and a stream has to end
 * within the attempt. To others it answers 202, and its work has until the run's deadline.
 */
const accept = 'application/json, text/plain;q=0.9, */*;q=0.1';

/** The requests of one call: same ids, same trace, one limit of time. They reject with NoAnswerError. */
export const createAgentHttp = (options: AgentHttpOptions, context: CallContext): AgentHttp => {
  const traceId = context.runId.replaceAll('-', '');
  // The run id is also the trace's: its attempts and what the agent does for them are one trace (W3C Trace Context,
  // version 00, sampled).
  const shared = {
    'user-agent': 'agent-routines',
    'x-ms-client-request-id': context.runId,
    traceparent: `00-${traceId}-${options.randomness.hex(8)}-01`,
  };
  return {
    send: async (request) => {
      const access = await openAccess(request.url, options.token, context.limit.signal);
      if (access.kind === 'none') {
        if (isBrokenOff(context.limit)) throw new NoAnswerError(brokenOff);
        throw new NoAnswerError({ type: 'identity_error', message: access.message }, { isFinal: access.isFinal });
      }
      return access.received(await exchange(options, context, { request, headers: { ...shared, ...access.headers } }));
    },
  };
};

interface Exchange {
  readonly request: AgentRequest;
  /** Of every request of this call. */
  readonly headers: Readonly<Record<string, string>>;
}

const isBrokenOff = (limit: CallLimit): boolean => limit.reached() !== null && limit.reached() !== 'time';

/** One request and its whole answer. The agent of a cancelled run is told so, where it can be. */
const exchange = async (
  { fetch: send = fetch, log, timings }: AgentHttpOptions,
  { project, runId, timeoutSeconds, limit, idempotencyKey }: CallContext,
  { request, headers }: Exchange,
): Promise<HttpAnswer> => {
  let response: Response | undefined;
  const own = shorten(limit.signal, request.timeoutSeconds);
  const wasSent = !limit.signal.aborted;
  try {
    const ofThisRequest = {
      accept,
      ...(request.contentType !== undefined && { 'content-type': request.contentType }),
      ...(request.method === 'POST' && idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      ...request.headers,
      ...request.beginsAs,
    };
    // The run has ended: do not begin its work.
    const signal = request.namesWork && !limit.signal.aborted ? limit.lateSignal : own.signal;
    const call = { ...request, headers: { ...headers, ...ofThisRequest }, signal };
    response = await sendRequest(send, call);
    return await readAnswer(response);
  } catch (error) {
    const reached = limit.reached();
    if (reached === null) throw new NoAnswerError(disconnected(request.url, error));
    // After a timeout the next attempt asks for the same work, by the same key: to stop it would answer that one badly.
    const isStopped = reached === 'cancelled' && (wasSent || request.mayBeBegun);
    const url = isStopped ? request.stopUrl?.(response?.headers) : undefined;
    if (url !== undefined) {
      await stopAgent(
        { fetch: send, log, timings },
        { url, headers: { ...headers, ...request.headers }, project, runId },
      );
    }
    throw new NoAnswerError(isBrokenOff(limit) ? brokenOff : timedOut(timeoutSeconds));
  } finally {
    own.release();
  }
};
