import type { InvocationsAction } from '../domain/action.ts';
import { invocationIdFor } from '../domain/begun-id.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseJsonText } from '../domain/json.ts';
import { describeErrorObject, type Failure, saysError } from '../domain/progress/describe-error.ts';
import { isSignInPage, pageTitleOf } from '../domain/progress/html-page.ts';
import type { AgentAnswer, RunError, WorkIds } from '../domain/run.ts';
import { NoAnswerError } from './agent-http.ts';
import {
  type AgentConversation,
  type AgentHttp,
  type AgentTarget,
  type AnsweredReading,
  type Beginning,
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
import { beginOnce, type LookUpTimings } from './begun-work.ts';
import { saidInBody, saidInLines } from './body-said.ts';
import { beginningOf, isMarkup, platformErrorOf, tooLong } from './call-errors.ts';
import type { StreamSummary } from './event-stream.ts';
import { pendingError, toAnswer } from './output-text.ts';
import { ownStatusIn, polledStatusIn } from './own-status.ts';
import type { Said } from './said.ts';
import { toSpoken } from './spoken-text.ts';
import { readStatus, unknownStatus, type WorkStatus } from './work-status.ts';

const idHeader = 'x-agent-invocation-id';
// Foundry serves the protocol as a preview and asks for its name; other agents pay it no attention.
const headers = { 'foundry-features': 'HostedAgents=V1Preview' };

/** An Invocations agent: the body of the call is the action's input as it is. */
export const invocationsConversation = (
  action: InvocationsAction,
  { base, runId }: AgentTarget,
  timings: LookUpTimings,
): AgentConversation => {
  const { sessionId } = action;
  const invocations = `${protocolsUrl(base, agentNameOf(action))}/invocations`;
  const invocationUrl = ({ invocationId = '', sessionId }: Invocation, below = '') =>
    `${invocations}/${encodeURIComponent(invocationId)}${below}?${toQuery(sessionId)}`;
  const stopUrl = (invocation: Invocation) => invocationUrl(invocation, '/cancel');
  const askFor = (ids: WorkIds) => ({ method: 'GET', url: invocationUrl(ids), headers }) as const;
  const idsOf = (answered: number) => ({
    invocationId: invocationIdFor({ runId, answered }),
    ...(sessionId !== undefined && { sessionId }),
  });
  const begin = (http: AgentHttp, { answered, mayBeBegun }: Beginning) => {
    const { invocationId } = idsOf(answered);
    return http.send({
      method: 'POST',
      url: `${invocations}?${toQuery(sessionId)}`,
      headers,
      ...toContent(action.input),
      beginsAs: { [idHeader]: invocationId },
      stopUrl: (came = new Headers()) => {
        const named = readIdentifierHeader(came, idHeader) ?? invocationId;
        return isPathSegment(named)
          ? stopUrl({ invocationId: named, sessionId: sessionIdOf(came) ?? sessionId })
          : undefined;
      },
      mayBeBegun,
    });
  };
  return {
    start: (http, beginning) => {
      const ids = idsOf(beginning.answered);
      const readBegin = (by: HttpAnswer) => readStart(by, { sessionId, givenId: ids.invocationId });
      const [request, read] = [askFor(ids), (by: HttpAnswer) => readKnown(by, ids)];
      return beginOnce(http, beginning, {
        ...{ timings, ids, request, read, begin: () => begin(http, beginning), readBegin },
      });
    },
    poll: async (http, ids) => readWork(await http.send(askFor(ids)), ids),
    begunIds: idsOf,
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

/** What the call asked for. */
interface Asked {
  readonly sessionId: string | undefined;
  /** The id that it gave the work. */
  readonly givenId: string;
}

const readStart = (by: HttpAnswer, asked: Asked): StartReading => {
  if (!isSuccess(by)) return { kind: 'refused', by };
  if (by.stream?.isUnderWay) {
    const message = `The event stream ended while its status was ${by.stream.status}`;
    throw new NoAnswerError({ type: 'connection_error', message });
  }
  if (by.status !== 202) return readWhole(by, asked);
  const body = bodyOf(by);
  const invocationId = namedId(by, body, asked.givenId) ?? idIn(body);
  const sessionId = sessionIdOf(by.headers) ?? asked.sessionId;
  return accepted(by, { invocationId, sessionId }, 'accepted the work (202)');
};

/** Only a body that names our id, and says how the work stands, is of our work. */
const readKnown = (by: HttpAnswer, ids: Invocation & WorkIds): StartReading | null => {
  const body = isSuccess(by) && by.stream === undefined ? bodyOf(by) : undefined;
  if (!isJsonObject(body) || polledStatusIn(body).kind === 'none') return null;
  if (body.invocation_id !== ids.invocationId && body.id !== ids.invocationId) return null;
  const reading = readWork(by, ids);
  switch (reading.kind) {
    case 'answered':
      return reading;
    case 'cancelled':
      return {
        ...readAnswer(by, body, { responseId: ids.invocationId, sessionId: ids.sessionId }),
        failure: reading.error,
      };
    case 'running':
    case 'refused':
      return accepted(by, { ...ids, sessionId: sessionIdOf(by.headers) ?? ids.sessionId }, 'knows the work');
    default:
      return reading satisfies never;
  }
};

/** The id in the header, unless it only repeats the one that was sent, and the body names another. */
const namedId = (by: HttpAnswer, body: JsonValue | undefined, givenId?: string): string | undefined => {
  const named = readIdentifierHeader(by.headers, idHeader);
  const isEcho = named === givenId && isJsonObject(body) && typeof body.invocation_id === 'string';
  return isEcho ? (idIn(body) ?? named) : named;
};

const accepted = (by: HttpAnswer, { invocationId, sessionId }: Invocation, what: string): StartReading => {
  if (invocationId !== undefined && isPathSegment(invocationId)) {
    return { kind: 'accepted', ids: { invocationId, ...(sessionId !== undefined && { sessionId }) }, by };
  }
  return {
    kind: 'answered',
    answer: { sessionId },
    failure: failed(by, `The agent ${what} without an id to ask for its end by`),
    statusCode: by.status,
  };
};

const failed = (by: HttpAnswer, message: string): RunError => ({
  statusCode: by.status,
  type: platformErrorOf(by) ?? 'agent_error',
  message,
});

/**
 * An answer that is no 202. It is the agent's own, but a status counts where it is that of the work; a page that wants a
 * person to sign in is no answer of the agent's.
 */
const readWhole = (by: HttpAnswer, asked: Asked): StartReading => {
  const body = bodyOf(by);
  const reading = readAnswer(by, body, { givenId: asked.givenId });
  if (by.stream === undefined && isSignInPage(by.text, isMarkup(by.headers))) {
    const title = pageTitleOf(by.text, true) ?? '';
    return { ...reading, failure: failed(by, `A page was answered in the agent's place: "${title}"`) };
  }
  if (reading.failure !== undefined || !isJsonObject(body)) return reading;
  const status = ownStatusIn(body);
  switch (status.kind) {
    case 'running': {
      const sessionId = sessionIdOf(by.headers) ?? asked.sessionId;
      return accepted(by, { invocationId: ownIdIn(by, body), sessionId }, `says "${status.says}"`);
    }
    case 'failed':
    case 'cancelled':
      return { ...reading, failure: failed(by, whyEnded(body, status)) };
    case 'completed':
    case 'waiting':
    case 'unknown':
    case 'none':
      return reading;
    default:
      return status.kind satisfies never;
  }
};

/** An `id` in the body of a 200 is the invocation's when no header names another one. */
const ownIdIn = (by: HttpAnswer, body: JsonObject): string | undefined => {
  const named = readIdentifierHeader(by.headers, idHeader);
  const id = idIn(body);
  return typeof body.invocation_id === 'string' || named === undefined ? id : named;
};

const whyEnded = (body: JsonObject, { kind, says }: WorkStatus): string => {
  const ended = kind === 'cancelled' ? 'was cancelled' : /^fail/i.test(says) ? 'has failed' : `is ${says}`;
  return describeErrorObject(body).message ?? `The invocation ${ended}`;
};

/** No status is a verdict: 404 is normal while the invocation is not registered yet. What has not ended is asked again. */
const readWork = (by: HttpAnswer, ids: WorkIds): WorkReading => {
  if (!isSuccess(by)) return { kind: 'refused', by };
  const body = bodyOf(by);
  const reading = readAnswer(by, body, { responseId: ids.invocationId, sessionId: ids.sessionId });
  const statusCode = by.status;
  if (by.stream !== undefined) return readStreamedWork(by, by.stream, reading);
  // The same would come again.
  if (by.isCut) return { ...reading, failure: { statusCode, type: 'agent_error', message: tooLong(by) } };
  if (!isJsonObject(body)) return { kind: 'refused', by };
  const status = polledStatusIn(body);
  switch (status.kind) {
    case 'completed':
    case 'waiting':
      return reading;
    case 'running':
      return { kind: 'running', by };
    case 'failed':
      return { ...reading, failure: reading.failure ?? failed(by, whyEnded(body, status)) };
    case 'cancelled':
      return {
        kind: 'cancelled',
        error: { ...(reading.failure ?? failed(by, whyEnded(body, status))), type: 'cancelled' },
      };
    case 'unknown':
      return { kind: 'refused', by, message: unknownStatus('the invocation', status) };
    case 'none':
      // An error needs no status to say that there will be no other end, and a result needs none when it is no 202.
      return saysError(body.error) || (statusCode === 200 && hasResult(body)) ? reading : { kind: 'running', by };
    default:
      return status.kind satisfies never;
  }
};

const hasResult = ({ output, result }: JsonObject): boolean => saysError(output) || saysError(result);

/** Some agents stream what the work has said so far, until it ends: when that stream ends, so has the work. */
const readStreamedWork = (
  by: HttpAnswer,
  { status, isUnderWay }: StreamSummary,
  reading: AnsweredReading,
): WorkReading => {
  if (isUnderWay) return { kind: 'running', by };
  return readStatus(status).kind === 'cancelled' && reading.failure !== undefined
    ? { kind: 'cancelled', error: { ...reading.failure, type: 'cancelled' } }
    : reading;
};

/** What was known of the work before its answer. */
interface Known extends AgentAnswer {
  /** The id that the call gave it. */
  readonly givenId?: string;
}

const readAnswer = (by: HttpAnswer, body: JsonValue | undefined, known: Known): AnsweredReading => {
  const { status: statusCode, stream } = by;
  const failure = stream?.failure ?? failureOf(body, by.text);
  const said = saidBy(by, body);
  const waits = failure === undefined ? pendingError(said, statusCode) : undefined;
  return {
    kind: 'answered',
    answer: {
      responseId: namedId(by, body, known.givenId) ?? known.responseId,
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
  if (isCut) return { text: toSpoken(text, true), isCut };
  const isLines = /^application\/(?:x-ndjson|jsonl|x-jsonlines|json-seq|json-lines)/i.test(
    headers.get('content-type') ?? '',
  );
  return isLines && body === undefined ? saidInLines(text) : saidInBody(text, body);
};

/** Of an agent's own fields `error` says that it failed, when it says anything. */
const failureOf = (body: unknown, text: string): Failure | undefined => {
  if (!isJsonObject(body) || !saysError(body.error)) return undefined;
  const { code, message } = describeErrorObject(body);
  const said = code === undefined ? `: ${beginningOf(text)}` : ' without a message';
  return { code, message: message ?? `The answer holds an error${said}` };
};
