import type { InvocationsAction } from '../domain/action.ts';
import { invocationIdFor } from '../domain/begun-id.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseJsonText } from '../domain/json.ts';
import { describeErrorObject, type Failure } from '../domain/progress/describe-error.ts';
import type { AgentAnswer, WorkIds } from '../domain/run.ts';
import { NoAnswerError } from './agent-http.ts';
import {
  type AgentConversation,
  type AgentTarget,
  type AnsweredReading,
  type HttpAnswer,
  isPathSegment,
  isSuccess,
  maxIdentifierLength,
  readIdentifierHeader,
  type StartReading,
  sessionIdOf,
  type WorkReading,
} from './agent-protocol.ts';
import { agentNameOf, protocolsUrl } from './agent-url.ts';
import { saidInBody, saidInLines } from './body-said.ts';
import { platformErrorOf, tooLong } from './call-errors.ts';
import { withoutCitations } from './citation-marks.ts';
import type { StreamSummary } from './event-stream.ts';
import { pendingError, toAnswer } from './output-text.ts';
import { isWaitingStatus } from './pending-items.ts';
import type { Said } from './said.ts';

// Foundry serves the protocol as a preview and asks for its name; other agents pay it no attention.
const headers = { 'foundry-features': 'HostedAgents=V1Preview' };

/** An Invocations agent: the body of the call is the action's input as it is. */
export const invocationsConversation = (action: InvocationsAction, { base, runId }: AgentTarget): AgentConversation => {
  const invocations = `${protocolsUrl(base, agentNameOf(action))}/invocations`;
  const invocationUrl = ({ invocationId = '', sessionId }: Invocation, below = '') =>
    `${invocations}/${encodeURIComponent(invocationId)}${below}?${toQuery(sessionId)}`;
  const stopUrl = (invocation: Invocation) => invocationUrl(invocation, '/cancel');
  return {
    start: async (http) => {
      const answer = await http.send({
        method: 'POST',
        url: `${invocations}?${toQuery(action.sessionId)}`,
        headers,
        ...toContent(action.input),
        stopUrl: (answered) => {
          const invocationId = readIdentifierHeader(answered, 'x-agent-invocation-id') ?? '';
          const sessionId = sessionIdOf(answered) ?? action.sessionId;
          return isPathSegment(invocationId) ? stopUrl({ invocationId, sessionId }) : undefined;
        },
      });
      return readStart(answer, action.sessionId);
    },
    poll: async (http, ids) => readWork(await http.send({ method: 'GET', url: invocationUrl(ids), headers }), ids),
    begunIds: (answered) => ({
      invocationId: invocationIdFor({ runId, answered }),
      ...(action.sessionId !== undefined && { sessionId: action.sessionId }),
    }),
    stop: (ids) => ({ method: 'POST', url: stopUrl(ids), headers }),
  };
};

interface Invocation {
  readonly invocationId?: string;
  readonly sessionId?: string;
}

const toQuery = (sessionId?: string): URLSearchParams =>
  new URLSearchParams({ 'api-version': 'v1', ...(sessionId !== undefined && { agent_session_id: sessionId }) });

/**
 * A string is sent as it stands, and called JSON when it is JSON: that is how callers write an object into a field that
 * takes text. No input is `{}`, because agents parse the body before they look into it.
 */
const toContent = (input: JsonValue | undefined): { readonly contentType: string; readonly body: string } => {
  if (input === undefined) return { contentType: 'application/json', body: '{}' };
  const body = typeof input === 'string' ? input : JSON.stringify(input);
  return { contentType: parseJsonText(body) === undefined ? 'text/plain; charset=utf-8' : 'application/json', body };
};

const readStart = (by: HttpAnswer, askedSessionId: string | undefined): StartReading => {
  if (!isSuccess(by)) return { kind: 'refused', by };
  if (by.stream?.isUnderWay) {
    const message = `The event stream ended while its status was ${by.stream.status}`;
    throw new NoAnswerError({ type: 'connection_error', message });
  }
  if (by.status !== 202) return readAnswer(by, {});
  const invocationId = readIdentifierHeader(by.headers, 'x-agent-invocation-id') ?? idIn(bodyOf(by));
  const sessionId = sessionIdOf(by.headers) ?? askedSessionId;
  if (invocationId !== undefined && isPathSegment(invocationId)) {
    return { kind: 'accepted', ids: { invocationId, ...(sessionId !== undefined && { sessionId }) }, by };
  }
  const message = 'The agent accepted the work (202) without an id to ask for its end by';
  return {
    kind: 'answered',
    answer: { sessionId },
    failure: { statusCode: 202, type: 'agent_error', message },
    statusCode: 202,
  };
};

/** No status is a verdict: 404 is normal while the invocation is not registered yet. What has not ended is asked again. */
const readWork = (by: HttpAnswer, ids: WorkIds): WorkReading => {
  if (!isSuccess(by)) return { kind: 'refused', by };
  const reading = readAnswer(by, { responseId: ids.invocationId, sessionId: ids.sessionId });
  const statusCode = by.status;
  if (by.stream !== undefined) return readStreamedWork(by, by.stream, reading);
  // The same would come again.
  if (by.isCut) return { ...reading, failure: { statusCode, type: 'agent_error', message: tooLong(by) } };
  const body = bodyOf(by);
  if (!isJsonObject(body)) return { kind: 'refused', by };
  const { status } = body;
  if (status === 'completed' || isWaitingStatus(status)) return reading;
  if (status !== 'failed' && status !== 'cancelled') return { kind: 'running', by };
  const message = `The invocation ${status === 'failed' ? 'has failed' : 'was cancelled'}`;
  const failure = reading.failure ?? { statusCode, type: platformErrorOf(by) ?? 'agent_error', message };
  return status === 'cancelled'
    ? { kind: 'cancelled', error: { ...failure, type: 'cancelled' } }
    : { ...reading, failure };
};

/** Some agents stream what the work has said so far, until it ends: when that stream ends, so has the work. */
const readStreamedWork = (
  by: HttpAnswer,
  { status, isUnderWay }: StreamSummary,
  reading: AnsweredReading,
): WorkReading => {
  if (isUnderWay) return { kind: 'running', by };
  return status === 'cancelled' && reading.failure !== undefined
    ? { kind: 'cancelled', error: { ...reading.failure, type: 'cancelled' } }
    : reading;
};

const readAnswer = (by: HttpAnswer, known: AgentAnswer): AnsweredReading => {
  const { status: statusCode, stream } = by;
  const body = bodyOf(by);
  const failure = stream?.failure ?? failureOf(body);
  const said = saidBy(by, body);
  const waits = failure === undefined ? pendingError(said, statusCode) : undefined;
  return {
    kind: 'answered',
    answer: {
      responseId: readIdentifierHeader(by.headers, 'x-agent-invocation-id') ?? known.responseId,
      sessionId: sessionIdOf(by.headers) ?? known.sessionId,
      ...toAnswer(said, { hasFailed: (failure ?? waits) !== undefined }),
    },
    statusCode,
    ...(failure !== undefined && {
      failure: { statusCode, type: platformErrorOf(by) ?? failure.code ?? 'agent_error', message: failure.message },
    }),
    ...(waits !== undefined && { failure: waits }),
  };
};

const bodyOf = ({ isCut, text }: HttpAnswer): JsonValue | undefined => (isCut ? undefined : parseJsonText(text));

const idIn = (body: JsonValue | undefined): string | undefined => {
  const id = isJsonObject(body) ? (body.invocation_id ?? body.id) : undefined;
  return typeof id === 'string' && id.length <= maxIdentifierLength ? id : undefined;
};

const saidBy = (by: HttpAnswer, body: JsonValue | undefined): Said => {
  const { stream, text, isCut, headers } = by;
  if (stream !== undefined) return stream;
  if (isCut) return { text: withoutCitations(text, true), isCut };
  const isLines = /^application\/(?:x-ndjson|jsonl|x-jsonlines|json-seq|json-lines)/i.test(
    headers.get('content-type') ?? '',
  );
  return isLines && body === undefined ? saidInLines(text) : saidInBody(text, body);
};

/** The body is the agent's own: of its fields only `error` says that the agent failed, when it says anything. */
const failureOf = (body: unknown): Failure | undefined => {
  if (!isJsonObject(body) || !saysError(body)) return undefined;
  const { code, message } = describeErrorObject(body);
  return { code, message: message ?? 'The answer holds an error without a message' };
};

const saysError = ({ error }: JsonObject): boolean =>
  isJsonObject(error) || (typeof error === 'string' && error !== '');
