import type { AgentRequest, HttpAnswer } from './agent-protocol.ts';
import { createStreamReader } from './answers/event-stream.ts';

/** What is kept of a body. The rest is read and dropped, so that an agent that streams can finish its work. */
const maxBodyBytes = 8 * 1024 * 1024;

export interface HttpCall extends Pick<AgentRequest, 'method' | 'url' | 'body'> {
  readonly headers: Readonly<Record<string, string>>;
  /** Bounds the call from connecting to the last byte of the body. Shorter than fetch's own limits of 300 s. */
  readonly signal: AbortSignal;
}

/** Resolves when the answer's headers have come. Follows no redirect. Rejects when there is no answer. */
export const request = (
  fetch: typeof globalThis.fetch,
  { method, url, headers, body, signal }: HttpCall,
): Promise<Response> =>
  fetch(url, { method, headers, ...(body !== undefined && { body }), signal, redirect: 'manual' });

/** Reads an answer to its end. Rejects when it breaks off: by the connection, or by what its events say. */
export const readAnswer = async ({ ok, status, statusText, headers, body }: Response): Promise<HttpAnswer> => {
  const read = isEventStream(headers) ? await readEvents(body) : await readText(body, headers);
  if (ok && read.stream?.missingEnd !== undefined) {
    throw new Error(`The event stream ended before its last event, ${read.stream.missingEnd}`);
  }
  return { status, statusText, headers, ...read };
};

const isEventStream = (headers: Headers): boolean => /^text\/event-stream\b/i.test(headers.get('content-type') ?? '');

type Body = ReadableStream<Uint8Array> | null;

const readText = async (body: Body, headers: Headers): Promise<Pick<HttpAnswer, 'text' | 'isCut' | 'stream'>> => {
  const decoder = decoderFor(headers);
  let text = '';
  let bytes = 0;
  for await (const chunk of body ?? []) {
    if (bytes < maxBodyBytes) text += decoder.decode(chunk.subarray(0, maxBodyBytes - bytes), { stream: true });
    bytes += chunk.byteLength;
  }
  const isCut = bytes > maxBodyBytes;
  // Without the flush of the decoder a code point that the cut went through leaves no trace.
  if (!isCut) text += decoder.decode();
  return looksLikeEvents.test(text) ? readEventsIn(text, isCut) : { text, isCut };
};

/** Events of JSON that are called something else: web frameworks name no type for a stream unless they are told to. */
const looksLikeEvents = /^(?::[^\n]*\r?\n\s*|(?:event|id|retry):[^\n]*\r?\n){0,20}data: ?[{["]/;

const readEventsIn = (text: string, isCut: boolean): Pick<HttpAnswer, 'text' | 'isCut' | 'stream'> => {
  const reader = createStreamReader();
  reader.feed(text);
  const { missingEnd, ...stream } = reader.summary();
  // The end of what was cut may have come.
  const summary = {
    ...stream,
    isCut: stream.isCut || isCut,
    ...(!isCut && missingEnd !== undefined && { missingEnd }),
  };
  return { text: '', isCut: summary.isCut, stream: summary };
};

const charset = /^text\/[^;]*;(?:.*;)?\s*charset="?([^";\s]+)/i;

/** Only text may be something else than UTF-8: JSON and event streams are that, whatever they are called. */
const decoderFor = (headers: Headers) => {
  const label = charset.exec(headers.get('content-type') ?? '')?.[1];
  try {
    return new TextDecoder(label);
  } catch (error) {
    if (error instanceof RangeError) return new TextDecoder();
    throw error;
  }
};

const readEvents = async (body: Body): Promise<Pick<HttpAnswer, 'text' | 'isCut' | 'stream'>> => {
  const decoder = new TextDecoder();
  const reader = createStreamReader();
  for await (const chunk of body ?? []) reader.feed(decoder.decode(chunk, { stream: true }));
  reader.feed(decoder.decode());
  const stream = reader.summary();
  return { text: '', isCut: stream.isCut, stream };
};

/** What went wrong on the way: the innermost cause, because fetch itself only says "fetch failed". */
export const describeConnectionFailure = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return describeConnectionFailure(error.cause);
  // Happy eyeballs: one error for each address of the host.
  if (error instanceof AggregateError) return error.errors.map(describeConnectionFailure).join('; ');
  return error.message === '' ? error.name : error.message;
};
