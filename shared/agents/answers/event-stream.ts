import { isJsonObject, type JsonObject, parseJsonText } from '../../domain/json.ts';
import { describeErrorValue, type Failure } from '../../domain/progress/describe-error.ts';
import type { TokenUsage } from '../../domain/run.ts';
import { typeOf } from './content-text.ts';
import { createDialectWatch } from './event-dialects.ts';
import { createEventParser, type ServerSentEvent } from './event-parser.ts';
import { isAsideEvent, textOfEvent } from './event-text.ts';
import { failureBy, isUnderWay, verdictOf } from './event-verdict.ts';
import { textOfGraphEvent } from './graph-events.ts';
import { isWaitingStatus } from './item-kinds.ts';
import { seeRequests } from './pending-items.ts';
import { createPendingRequests, isWhyIncomplete } from './pending-requests.ts';
import type { Said } from './said.ts';
import { createSilence } from './silence.ts';
import { toSpoken } from './spoken-text.ts';
import { ownTools, seeToolEvent } from './tool-events.ts';
import { createTranscript, type EventText } from './transcript.ts';
import { mergeUsage, readUsage } from './usage.ts';

/** What is kept of an event stream, however long it was. */
export interface StreamSummary extends Said {
  readonly isCut: boolean;
  /** The last one that the agent said. */
  readonly status?: string;
  /** Why the work is incomplete. */
  readonly reason?: string;
  /** What the agent said in the stream of its failure. */
  readonly error?: Failure;
  /** The agent said in the stream that it failed: by an error, or by its last status. */
  readonly failure?: Failure;
  /** The stream is of a dialect that says how a stream ends, and this end did not come. */
  readonly missingEnd?: string;
  /** Its last status says that the work goes on, and no end was told. */
  readonly isUnderWay?: true;
  /** Events of the Responses API came: the id of the response that they are about, where they tell it. */
  readonly response?: { readonly id?: string };
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
 * Reads server-sent events bit by bit in bounded memory: what they say together (event-text.ts), what waits for an
 * answer, and whether the end came that their dialect has. An event named `error`, data of that type or an `error` in it
 * say that the agent failed, and so does a `status` of failed, incomplete or cancelled if it is the last one: a tool of
 * the agent's may fail on the way.
 */
export const createStreamReader = (): StreamReader => {
  const listener = createListener();
  let isAtEnd = false;
  const parser = createEventParser(maxEventLength, (event) => {
    if (isAtEnd && isHalf(event, listener.isKnown())) return;
    listener.hear(event);
  });
  return {
    feed: parser.feed,
    summary: () => {
      isAtEnd = true;
      parser.end();
      return listener.summary();
    },
  };
};

/**
 * The last event lacks the empty line after it. Of a dialect only whole JSON counts then, and the end mark; elsewhere a
 * text counts too, because agents leave the line out.
 */
const isHalf = ({ data }: ServerSentEvent, isOfDialect: boolean): boolean =>
  data !== doneMark && (isOfDialect || isJsonLike(data)) && parseJsonText(data) === undefined;

const doneMark = '[DONE]';
/** Of all JSON only these say more than their characters do; to find out about the rest takes longer. */
const isJsonLike = (text: string): boolean => /^\s*["{[]/.test(text);

/** Hears events one by one, wherever they come from. */
export const createListener = () => {
  const transcript = createTranscript(maxTextLength);
  const dialects = createDialectWatch();
  const requests = createPendingRequests();
  const silence = createSilence();
  let isCut = false;
  let error: Failure | undefined;
  let status: string | undefined;
  let reason: string | undefined;
  let usage: TokenUsage | undefined;
  let response: StreamSummary['response'];

  const say = (texts: readonly EventText[]): void => {
    for (const text of texts) {
      transcript.add(text);
      // An agent that goes on to speak has had the results of these tools.
      if (text.delta || text.whole) for (const beginning of ownTools) requests.goOn(beginning);
    }
  };
  const hearObject = (name: string, event: JsonObject): void => {
    const type = eventTypeOf(name, event);
    dialects.hear(type, event);
    seeRequests(requests, event);
    seeToolEvent(requests, type, event);
    const verdict = verdictOf(name, type, event);
    status = verdict.status ?? status;
    if (status !== undefined && !isWaitingStatus(status)) requests.goOn('status ');
    reason = verdict.reason ?? reason;
    silence.because(verdict.reason);
    usage = mergeUsage(usage, readUsage(event));
    response = responseOf(type, event) ?? response;
    error ??= verdict.error;
    if (verdict.error === undefined) say(textOfGraphEvent(name, event, silence) ?? [textOfEvent(type, event, silence)]);
    else if (name === 'error' || type === 'error') dialects.end();
  };
  const hearData = (name: string, data: unknown, raw: string): void => {
    if (isJsonObject(data)) {
      const inner = innerEventOf(data);
      if (inner === undefined) hearObject(name, data);
      else hearData(inner.name ?? name, inner.data, '');
    } else if (name === 'error') {
      const { code, message } = describeErrorValue(data ?? raw);
      error ??= { code, message: message ?? 'The stream ended with an error' };
    } else if (Array.isArray(data)) {
      seeRequests(requests, data);
      say(textOfGraphEvent(name, data, silence) ?? []);
    } else if (raw !== 'null' && !isAsideEvent(name)) say([{ delta: typeof data === 'string' ? data : raw }]);
  };

  return {
    isKnown: dialects.isKnown,
    hearValue: (event: unknown): void => hearData('', event, 'null'),
    hear: ({ name, data: raw, isTooLong }: ServerSentEvent): void => {
      if (isTooLong) isCut = true;
      if (raw.trim() === doneMark) dialects.end();
      else hearData(name, isJsonLike(raw) ? parseJsonText(raw) : undefined, raw);
    },
    summary: (): StreamSummary => {
      const pending = requests.first();
      const isWaiting = pending !== undefined && status === 'incomplete' && isWhyIncomplete(pending, reason);
      const failure = error ?? (isWaiting ? undefined : failureBy(status, reason));
      const missingEnd = failure === undefined ? dialects.missing() : undefined;
      const said = transcript.text();
      const isShortened = isCut || transcript.isCut();
      return {
        text: toSpoken(said, isShortened),
        isCut: isShortened,
        pending,
        usage,
        silence: silence.describe(),
        ...(status !== undefined && { status }),
        ...(reason !== undefined && { reason }),
        ...(error !== undefined && { error }),
        ...(failure !== undefined && { failure }),
        ...(missingEnd !== undefined && { missingEnd }),
        ...(failure === undefined && !dialects.hasEnded() && isUnderWay(status) && { isUnderWay: true }),
        ...(response !== undefined && { response }),
      };
    },
  };
};

/** What the event says it is, else what it is called. */
const eventTypeOf = (name: string, event: JsonObject): string =>
  typeOf(event) || (typeof event.event === 'string' ? event.event : name);

const responseOf = (type: string, { response }: JsonObject): StreamSummary['response'] => {
  if (!type.startsWith('response.') || !isJsonObject(response)) return undefined;
  return typeof response.id === 'string' ? { id: response.id } : {};
};

/** An event in an event: `{event, data}`, as LangGraph and others send it without names, or what an SDK passes on raw. */
const innerEventOf = (event: JsonObject): { readonly name?: string; readonly data: unknown } | undefined => {
  const { event: name, data } = event;
  if (typeof data !== 'object' || data === null) return undefined;
  if (typeof name === 'string') return { name, data };
  if (!isJsonObject(data)) return undefined;
  const isEvent =
    typeof data.type === 'string' && (event.type === 'raw_response_event' || typeof event.type !== 'string');
  return isEvent || Array.isArray(data.choices) ? { data } : undefined;
};
