import { isJsonObject, type JsonObject, parseJsonText } from '../domain/json.ts';
import { failedStatuses } from '../domain/progress/call-verdict.ts';
import { describeErrorObject, describeErrorValue, type Failure } from '../domain/progress/describe-error.ts';
import { createEventParser, type ServerSentEvent } from './event-parser.ts';

/** What is kept of an event stream, however long it was. */
export interface StreamSummary {
  /** What its events said, in order. */
  readonly text: string;
  readonly isCut: boolean;
  /** The last one that the agent said. */
  readonly status?: string;
  /** The agent said in the stream that it failed. */
  readonly failure?: Failure;
}

/** Beyond this an event is no text of an agent's; nothing of it is kept. */
const maxEventLength = 1024 * 1024;
/** More than a run keeps of its output. */
const maxTextLength = 64 * 1024;

export interface StreamReader {
  feed(chunk: string): void;
  summary(): StreamSummary;
}

/**
 * Reads server-sent events bit by bit in bounded memory. An event's text is what its data says: a JSON text, the text
 * in its `delta`, `token`, `text`, `output_text` or `output`, or the data itself. An event named `error`, data of that
 * type or an `error` in it say that the agent failed, and so does a `status` of failed, incomplete or cancelled if it
 * is the last one: a tool of the agent's may fail on the way.
 */
export const createStreamReader = (): StreamReader => {
  let text = '';
  let isCut = false;
  let error: Failure | undefined;
  let status: string | undefined;
  const parser = createEventParser(maxEventLength, (event) => {
    // Of all JSON only a text or an object says more than its characters do; to find out about the rest takes longer.
    const data = /^\s*["{]/.test(event.data) ? parseJsonText(event.data) : undefined;
    error ??= errorOf(event, data);
    status = statusOf(data) ?? status;
    const said = textOf(event.data, data);
    const room = maxTextLength - text.length;
    if (event.isTooLong || said.length > room) isCut = true;
    if (room > 0) text += said.slice(0, room);
  });
  return {
    feed: parser.feed,
    summary: () => {
      parser.end();
      const failure = error ?? failureBy(status);
      return { text, isCut, ...(status !== undefined && { status }), ...(failure !== undefined && { failure }) };
    },
  };
};

const textOf = (raw: string, data: unknown): string => {
  if (raw === '[DONE]') return '';
  if (typeof data === 'string') return data;
  if (!isJsonObject(data)) return raw;
  if (aside.test(typeOf(data))) return '';
  const text = ['delta', 'token', 'text', 'output_text', 'output'].map((name) => data[name]).find(isText);
  return text ?? '';
};

/**
 * Types of events, of the Responses API and of AG-UI, whose text is a thought, the call of a tool, or what was said in
 * deltas before.
 */
const aside = /^(response\.((?!output_text\.|refusal\.).+\.delta|.+\.done)$|TOOL_CALL_|THINKING_|REASONING_)/;
const errorTypes = new Set(['error', 'RUN_ERROR']);

const typeOf = ({ type }: JsonObject): string => (isText(type) ? type : '');

const isText = (value: unknown): value is string => typeof value === 'string';

const errorOf = ({ name, data: raw }: ServerSentEvent, data: unknown): Failure | undefined => {
  if (name === 'error' || (isJsonObject(data) && errorTypes.has(typeOf(data)))) {
    const { code, message } = isJsonObject(data) ? describeErrorObject(data) : describeErrorValue(data ?? raw);
    return { code, message: message ?? 'The stream ended with an error' };
  }
  for (const { error } of speakersIn(data)) {
    if (!isJsonObject(error) && (typeof error !== 'string' || error === '')) continue;
    const { code, message } = describeErrorValue(error);
    return { code, message: message ?? 'The stream holds an error without a message' };
  }
  return undefined;
};

const statusOf = (data: unknown): string | undefined =>
  speakersIn(data)
    .map(({ status }) => status)
    .find(isText);

/** A Responses event wraps the response that it is about. */
const speakersIn = (data: unknown): readonly JsonObject[] =>
  isJsonObject(data) ? [data, ...(isJsonObject(data.response) ? [data.response] : [])] : [];

const failureBy = (status: string | undefined): Failure | undefined =>
  status !== undefined && failedStatuses.has(status)
    ? { message: `The stream says that its status is ${status}` }
    : undefined;
