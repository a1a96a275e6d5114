import { isJsonObject, type JsonValue, parseJsonText } from '../domain/json.ts';
import { describeErrorObject, type Failure, saysError } from '../domain/progress/describe-error.ts';
import type { AgentAnswer } from '../domain/run.ts';
import {
  type AnsweredReading,
  type HttpAnswer,
  maxIdentifierLength,
  readIdentifierHeader,
  sessionIdOf,
} from './agent-protocol.ts';
import { saidInBody, saidInLines } from './answers/body-said.ts';
import { pendingError, toAnswer } from './answers/output-text.ts';
import type { Said } from './answers/said.ts';
import { toSpoken } from './answers/spoken-text.ts';
import { beginningOf, platformErrorOf } from './call-errors.ts';

export const idHeader = 'x-agent-invocation-id';

/** What was known of the work before its answer. */
export interface Known extends AgentAnswer {
  /** The id that the call gave it. */
  readonly givenId?: string;
}

export const readAnswer = (by: HttpAnswer, body: JsonValue | undefined, known: Known): AnsweredReading => {
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

/** The id in the header, unless it only repeats the one that was sent, and the body names another. */
export const namedId = (by: HttpAnswer, body: JsonValue | undefined, givenId?: string): string | undefined => {
  const named = readIdentifierHeader(by.headers, idHeader);
  const isEcho = named === givenId && isJsonObject(body) && typeof body.invocation_id === 'string';
  return isEcho ? (idIn(body) ?? named) : named;
};

export const bodyOf = ({ isCut, text }: HttpAnswer): JsonValue | undefined => (isCut ? undefined : parseJsonText(text));

export const idIn = (body: JsonValue | undefined): string | undefined => {
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
