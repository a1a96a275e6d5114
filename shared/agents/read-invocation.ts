import { isJsonObject, type JsonObject } from '../domain/json.ts';
import { describeErrorObject, saysError } from '../domain/progress/describe-error.ts';
import { isSignInPage, pageTitleOf } from '../domain/progress/html-page.ts';
import type { RunError, WorkIds } from '../domain/run.ts';
import { NoAnswerError } from './agent-http.ts';
import {
  type AnsweredReading,
  type HttpAnswer,
  isPathSegment,
  isSuccess,
  readIdentifierHeader,
  type StartReading,
  sessionIdOf,
  type WorkReading,
} from './agent-protocol.ts';
import type { StreamSummary } from './answers/event-stream.ts';
import { ownStatusIn, polledStatusIn } from './answers/own-status.ts';
import { readStatus, unknownStatus, type WorkStatus } from './answers/work-status.ts';
import { isMarkup, platformErrorOf, tooLong } from './call-errors.ts';
import { bodyOf, idHeader, idIn, namedId, readAnswer } from './invocation-answer.ts';

export interface Invocation {
  readonly invocationId?: string;
  readonly sessionId?: string;
}

/** What the call asked for. */
export interface Asked {
  readonly sessionId: string | undefined;
  /** The id that it gave the work. */
  readonly givenId: string;
}

export const readStart = (by: HttpAnswer, asked: Asked): StartReading => {
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
export const readKnown = (by: HttpAnswer, ids: Invocation & WorkIds): StartReading | null => {
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
export const readWork = (by: HttpAnswer, ids: WorkIds): WorkReading => {
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
