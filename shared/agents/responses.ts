import { z } from 'zod';
import type { ResponsesAction } from '../domain/action.ts';
import { responseIdFor } from '../domain/begun-id.ts';
import { isJsonObject, type JsonObject, parseJsonText } from '../domain/json.ts';
import { failedStatuses } from '../domain/progress/call-verdict.ts';
import { describeErrorValue } from '../domain/progress/describe-error.ts';
import type { RunError, WorkIds } from '../domain/run.ts';
import {
  type AcceptedReading,
  type AgentConversation,
  type AgentTarget,
  type AnsweredReading,
  type HttpAnswer,
  isPathSegment,
  isSuccess,
  maxIdentifierLength,
  type RefusedReading,
  sessionIdOf,
  type WorkReading,
} from './agent-protocol.ts';
import { agentNameOf, protocolsUrl } from './agent-url.ts';
import { saidInResponse } from './body-said.ts';
import { tooLong } from './call-errors.ts';
import type { StreamSummary } from './event-stream.ts';
import { toAnswer, toOutput } from './output-text.ts';
import { isWaitingStatus } from './pending-items.ts';
import { describePending, isWhyIncomplete } from './pending-requests.ts';
import type { Said } from './said.ts';

export type ResponsesRoute = 'agent' | 'project';

/**
 * A Responses agent. `agent` is the agent's own endpoint, `project` the project-wide one, which names the agent in the
 * body. An action without input sends the empty string: the field is part of every call.
 */
export const responsesConversation = (
  action: ResponsesAction,
  { base, runId }: AgentTarget,
  route: ResponsesRoute,
): AgentConversation => {
  const agent = agentNameOf(action);
  const { conversation, input = '' } = action;
  const onProject = route === 'project';
  const responses = onProject ? `${base}/openai/v1/responses` : `${protocolsUrl(base, agent)}/openai/responses`;
  const version = onProject ? '' : '?api-version=v1';
  const responseUrl = ({ responseId = '' }: WorkIds, below = '') =>
    `${responses}/${encodeURIComponent(responseId)}${below}${version}`;
  const body = {
    input,
    ...(conversation !== undefined && { conversation }),
    ...(onProject && { agent_reference: { type: 'agent_reference', name: agent } }),
  };
  return {
    start: async (http) => {
      const request = { method: 'POST', url: `${responses}${version}`, contentType: 'application/json' } as const;
      return readStart(await http.send({ ...request, body: JSON.stringify(body) }));
    },
    poll: async (http, ids) => readPoll(await http.send({ method: 'GET', url: responseUrl(ids) }), ids),
    begunIds: (answered) => ({ responseId: responseIdFor({ runId, answered }, conversation) }),
    stop: (ids) => ({ method: 'POST', url: responseUrl(ids, '/cancel') }),
  };
};

/** A field of another shape than expected counts as missing: the agent has done its work, whatever it says of it. */
const responseBody = z.object({
  id: z.string().min(1).max(maxIdentifierLength).optional().catch(undefined),
  status: z.string().optional().catch(undefined),
  error: z.unknown().optional(),
  incomplete_details: z.object({ reason: z.string() }).nullish().catch(undefined),
  output: z.unknown().optional(),
});
type ResponseBody = z.infer<typeof responseBody> & { readonly said: Said };

const readStart = (by: HttpAnswer): AnsweredReading | AcceptedReading | RefusedReading => {
  if (!isSuccess(by)) return { kind: 'refused', by };
  const body = readBody(by);
  if (body === null) return unreadable(by);
  if (!isUnderWay(body) || body.id === undefined || !isPathSegment(body.id)) return ended(by, body, {});
  const sessionId = sessionIdOf(by.headers);
  return { kind: 'accepted', ids: { responseId: body.id, ...(sessionId !== undefined && { sessionId }) }, by };
};

/** No status is a verdict: 404 is not to be found yet, or any more. What says nothing of its end is asked again. */
const readPoll = (by: HttpAnswer, known: WorkIds): WorkReading => {
  if (!isSuccess(by)) return { kind: 'refused', by };
  // The same would come again.
  if (by.isCut) return unreadable(by);
  const body = readBody(by);
  if (body === null) return { kind: 'refused', by };
  return hasEnded(body) ? ended(by, body, known) : { kind: 'running', by };
};

const readBody = (by: HttpAnswer): ResponseBody | null => {
  if (by.stream !== undefined) return streamedBody(by.stream);
  const parsed = by.isCut ? undefined : parseJsonText(by.text);
  if (!isJsonObject(parsed) || !isResponse(parsed)) return null;
  return { ...responseBody.parse(parsed), said: saidInResponse(parsed) };
};

/** Events of the Responses API say what a response object does. */
const streamedBody = (stream: StreamSummary): ResponseBody | null => {
  if (stream.response === undefined) return null;
  const { error, response, reason } = stream;
  // The end of the stream is the end of the response, also where only `[DONE]` says so.
  const status = isUnderWayStatus(stream.status) ? 'completed' : stream.status;
  const details = reason === undefined ? undefined : { reason };
  return { ...responseBody.parse({ ...response, status, error, incomplete_details: details }), said: stream };
};

/** Proxies say things in JSON, too. */
const isResponse = (body: JsonObject): boolean =>
  ['id', 'status', 'output', 'error'].some((name) => body[name] !== undefined);

const isUnderWay = ({ status }: ResponseBody): boolean => isUnderWayStatus(status);
const isUnderWayStatus = (status: string | undefined): boolean => status === 'queued' || status === 'in_progress';

const ended = (by: HttpAnswer, body: ResponseBody, known: WorkIds): AnsweredReading => {
  const failure = outcomeOf(body, by.status);
  return {
    kind: 'answered',
    answer: {
      responseId: body.id ?? known.responseId,
      sessionId: sessionIdOf(by.headers) ?? known.sessionId,
      ...toAnswer(body.said, { hasFailed: failure !== null }),
    },
    statusCode: by.status,
    ...(failure !== null && { failure }),
  };
};

/** A page of some proxy, or half an answer: it does not say that the agent has finished. Its text tells what answered. */
const unreadable = (by: HttpAnswer): AnsweredReading => {
  const contentType = by.headers.get('content-type');
  const kind = contentType === null ? '' : ` (${contentType.slice(0, 100)})`;
  const message = by.isCut ? tooLong(by) : `The answer${kind} is no response object: its outcome is unknown`;
  return {
    kind: 'answered',
    answer: { sessionId: sessionIdOf(by.headers), ...toOutput(by.stream?.text ?? by.text, by.isCut) },
    failure: { statusCode: by.status, type: 'agent_error', message },
    statusCode: by.status,
  };
};

/** `error: null` stands in every successful response, and in place of null some say false or nothing. */
const hasError = ({ error }: ResponseBody): boolean => Boolean(error);

const hasEnded = (body: ResponseBody): boolean =>
  body.status === 'completed' ||
  failedStatuses.has(body.status ?? '') ||
  isWaitingStatus(body.status) ||
  hasError(body);

const outcomeOf = (body: ResponseBody, statusCode: number): RunError | null => {
  const failure = failureOf(body, statusCode);
  const { pending } = body.said;
  if (pending === undefined || hasError(body)) return failure;
  const isWaiting =
    failure === null || (body.status === 'incomplete' && isWhyIncomplete(pending, body.incomplete_details?.reason));
  return isWaiting ? { statusCode, type: 'requires_action', message: describePending(pending) } : failure;
};

const failureOf = (body: ResponseBody, statusCode: number): RunError | null => {
  const { status = 'not given' } = body;
  // Under way without an id: no poll could ask for its end.
  const isLost = isUnderWay(body);
  if (!failedStatuses.has(status) && !isLost && !hasError(body)) return null;
  const { code, message } = describeErrorValue(body.error);
  const reason = body.incomplete_details?.reason;
  const says = `The response's status is ${status}${reason === undefined ? '' : `: ${reason}`}${isLost ? ', and it has no id to ask for its end by' : ''}`;
  return { statusCode, type: code ?? 'agent_error', message: message ?? says };
};
