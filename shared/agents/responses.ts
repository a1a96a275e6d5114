import * as z from 'zod';
import type { Config } from '../config.ts';
import type { ResponsesAction } from '../domain/action.ts';
import { responseIdFor } from '../domain/begun-id.ts';
import { isJsonObject, type JsonObject, parseJsonText } from '../domain/json.ts';
import { describeErrorValue, saysError } from '../domain/progress/describe-error.ts';
import type { RunError, WorkIds } from '../domain/run.ts';
import {
  type AcceptedReading,
  type AgentConversation,
  type AgentHttp,
  type AgentTarget,
  type AnsweredReading,
  type Beginning,
  type HttpAnswer,
  isPathSegment,
  isSuccess,
  maxIdentifierLength,
  type RefusedReading,
  type StartReading,
  sessionIdOf,
  type WorkReading,
} from './agent-protocol.ts';
import { agentNameOf, protocolsUrl } from './agent-url.ts';
import { saidInResponse } from './answers/body-said.ts';
import type { StreamSummary } from './answers/event-stream.ts';
import { toAnswer, toOutput } from './answers/output-text.ts';
import { describePending, isWhyIncomplete } from './answers/pending-requests.ts';
import type { Said } from './answers/said.ts';
import { readStatus, unknownStatus, type WorkStatus } from './answers/work-status.ts';
import { askInBackground, type Background } from './background.ts';
import { beginOnce, type LookUpTimings } from './begun-work.ts';
import { pageNote, tooLong } from './call-errors.ts';

/** What calls do besides what an action says. */
export interface ResponsesOptions extends Pick<Config['agents'], 'responsesRoute'> {
  readonly background: Background;
  readonly timings: LookUpTimings;
}

/**
 * A Responses agent. `agent` is the agent's own endpoint, `project` the project-wide one, which names the agent in the
 * body. An action without input sends the empty string: the field is part of every call.
 */
export const responsesConversation = (
  action: ResponsesAction,
  { base, runId }: AgentTarget,
  { responsesRoute, background, timings }: ResponsesOptions,
): AgentConversation => {
  const agent = agentNameOf(action);
  const { conversation, input = '' } = action;
  const onProject = responsesRoute === 'project';
  const responses = onProject ? `${base}/openai/v1/responses` : `${protocolsUrl(base, agent)}/openai/responses`;
  const version = onProject ? '' : '?api-version=v1';
  const responseUrl = ({ responseId = '' }: WorkIds, below = '') =>
    `${responses}/${encodeURIComponent(responseId)}${below}${version}`;
  const body = {
    input,
    ...(conversation !== undefined && { conversation }),
    ...(onProject && { agent_reference: { type: 'agent_reference', name: agent } }),
  };
  const stopUrl = (ids: WorkIds) => responseUrl(ids, '/cancel');
  const askFor = (ids: WorkIds) => ({ method: 'GET', url: responseUrl(ids) }) as const;
  const idsOf = (answered: number) => ({ responseId: responseIdFor({ runId, answered }, conversation) });
  const begin = (http: AgentHttp, { answered, mayBeBegun }: Beginning) =>
    askInBackground(background, `${responses} ${agent}`, (how) =>
      http.send({
        method: 'POST',
        url: `${responses}${version}`,
        contentType: 'application/json',
        body: JSON.stringify({ ...body, ...how }),
        beginsAs: { 'x-agent-response-id': idsOf(answered).responseId },
        stopUrl: () => stopUrl(idsOf(answered)),
        mayBeBegun,
      }),
    );
  return {
    start: (http, beginning) => {
      const ids = idsOf(beginning.answered);
      const [request, read] = [askFor(ids), (by: HttpAnswer) => readKnown(by, ids.responseId)];
      return beginOnce(http, beginning, {
        ...{ timings, ids, request, read, begin: () => begin(http, beginning), readBegin: readStart },
      });
    },
    poll: async (http, ids) => readPoll(await http.send(askFor(ids)), ids),
    begunIds: idsOf,
    stop: (ids) => ({ method: 'POST', url: stopUrl(ids) }),
  };
};

/** A field of another shape than expected counts as missing: the agent has done its work, whatever it says of it. */
const responseBody = z.object({
  id: z.string().min(1).max(maxIdentifierLength).optional().catch(undefined),
  error: z.unknown().optional(),
  incomplete_details: z.object({ reason: z.string() }).nullish().catch(undefined),
  output: z.unknown().optional(),
  background: z.boolean().optional().catch(undefined),
});
type ResponseBody = z.infer<typeof responseBody> & { readonly status: WorkStatus; readonly said: Said };

const readStart = (by: HttpAnswer): AnsweredReading | AcceptedReading | RefusedReading => {
  if (!isSuccess(by)) return { kind: 'refused', by };
  const body = readBody(by);
  if (body === null) return unreadable(by);
  if (!isOpen(body) || body.id === undefined || !isPathSegment(body.id)) return ended(by, body, {});
  const sessionId = sessionIdOf(by.headers);
  return { kind: 'accepted', ids: { responseId: body.id, ...(sessionId !== undefined && { sessionId }) }, by };
};

/** Only a response object with exactly our id is our work. */
const readKnown = (by: HttpAnswer, responseId: string): StartReading | 'abandoned' | null => {
  const body = isSuccess(by) ? readBody(by) : null;
  if (body === null || body.id !== responseId) return null;
  // A server cancels what it does in the foreground when the caller is gone: when our attempt's time was over.
  if (body.status.kind === 'cancelled' && body.background !== true) return 'abandoned';
  if (hasEnded(body)) return ended(by, body, {});
  const sessionId = sessionIdOf(by.headers);
  return { kind: 'accepted', ids: { responseId, ...(sessionId !== undefined && { sessionId }) }, by };
};

/** No status is a verdict: 404 is not to be found yet, or any more. What says nothing of its end is asked again. */
const readPoll = (by: HttpAnswer, known: WorkIds): WorkReading => {
  if (!isSuccess(by)) return { kind: 'refused', by };
  // The same would come again.
  if (by.isCut) return unreadable(by);
  const body = readBody(by);
  if (body === null) return { kind: 'refused', by };
  if (hasEnded(body)) return ended(by, body, known);
  return body.status.kind === 'unknown'
    ? { kind: 'refused', by, message: unknownStatus('the response', body.status) }
    : { kind: 'running', by };
};

const readBody = (by: HttpAnswer): ResponseBody | null => {
  if (by.stream !== undefined) return streamedBody(by.stream);
  const parsed = by.isCut ? undefined : parseJsonText(by.text);
  if (!isJsonObject(parsed) || !isResponse(parsed)) return null;
  return { ...responseBody.parse(parsed), status: readStatus(parsed.status), said: saidInResponse(parsed) };
};

/** Events of the Responses API say what a response object does. */
const streamedBody = (stream: StreamSummary): ResponseBody | null => {
  if (stream.response === undefined) return null;
  const { error, response, reason } = stream;
  // The end of the stream is the end of the response, also where only `[DONE]` says so.
  const told = readStatus(stream.status);
  const isEnd = told.kind !== 'running' && told.kind !== 'unknown';
  const status = isEnd ? told : readStatus('completed');
  const details = reason === undefined ? undefined : { reason };
  return { ...responseBody.parse({ ...response, error, incomplete_details: details }), status, said: stream };
};

/** Proxies say things in JSON, too. */
const isResponse = (body: JsonObject): boolean =>
  ['id', 'status', 'output', 'error'].some((name) => body[name] !== undefined);

/**
 * Its end is still to be asked for. A status that is not known is no end, unless there is an output: then the agent has
 * answered, whatever it calls that.
 */
const isOpen = (body: ResponseBody): boolean => {
  const { kind } = body.status;
  return kind === 'running' || (kind === 'unknown' && body.said.text === '' && !hasError(body));
};

const ended = (by: HttpAnswer, body: ResponseBody, known: WorkIds): AnsweredReading => {
  const failure = outcomeOf(body, by.status);
  return {
    kind: 'answered',
    answer: {
      responseId: body.id ?? known.responseId,
      sessionId: sessionIdOf(by.headers) ?? known.sessionId,
      ...toAnswer(body.said, { hasFailed: failure !== null }),
      ...(failure === null &&
        body.status.kind === 'unknown' && { outputNote: unknownStatus('the response', body.status) }),
    },
    statusCode: by.status,
    ...(failure !== null && { failure }),
  };
};

/** A page of some proxy, or half an answer: it does not say that the agent has finished. Its text tells what answered. */
const unreadable = (by: HttpAnswer): AnsweredReading => {
  const contentType = by.headers.get('content-type');
  const kind = contentType === null ? '' : ` (${contentType.slice(0, 100)})`;
  const message = by.isCut
    ? tooLong(by)
    : `The answer${kind} is no response object: its outcome is unknown${pageNote(by)}`;
  return {
    kind: 'answered',
    answer: { sessionId: sessionIdOf(by.headers), ...toOutput(by.stream?.text ?? by.text, by.isCut) },
    failure: { statusCode: by.status, type: 'agent_error', message },
    statusCode: by.status,
  };
};

/** `error: null` stands in every successful response, and in place of null some say false or nothing. */
const hasError = ({ error }: ResponseBody): boolean => saysError(error);

const hasEnded = (body: ResponseBody): boolean =>
  ['completed', 'failed', 'cancelled', 'waiting'].includes(body.status.kind) ||
  (body.status.kind === 'none' && body.said.text !== '') ||
  hasError(body);

const outcomeOf = (body: ResponseBody, statusCode: number): RunError | null => {
  const failure = failureOf(body, statusCode);
  const { pending } = body.said;
  if (pending === undefined || hasError(body)) return failure;
  const isWaiting =
    failure === null ||
    (body.status.says.toLowerCase() === 'incomplete' && isWhyIncomplete(pending, body.incomplete_details?.reason));
  return isWaiting ? { statusCode, type: 'requires_action', message: describePending(pending) } : failure;
};

const failureOf = (body: ResponseBody, statusCode: number): RunError | null => {
  const { kind, says: status } = body.status;
  // Under way without an id: no poll could ask for its end.
  const isLost = isOpen(body);
  if (kind !== 'failed' && kind !== 'cancelled' && !isLost && !hasError(body)) return null;
  const { code, message } = describeErrorValue(body.error);
  const reason = body.incomplete_details?.reason;
  const quoted = kind === 'unknown' ? `not known, "${status}"` : status === '' ? 'not given' : status;
  const says = `The response's status is ${quoted}${reason === undefined ? '' : `: ${reason}`}${isLost ? ', and it has no id to ask for its end by' : ''}`;
  return { statusCode, type: code ?? 'agent_error', message: message ?? says };
};
