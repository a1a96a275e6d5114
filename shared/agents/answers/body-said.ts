import { isJsonObject, type JsonObject, type JsonValue, parseJsonText } from '../../domain/json.ts';
import { textOfBody, textOfMessages } from './body-text.ts';
import { createListener } from './event-stream.ts';
import { textOfOutput } from './output-items.ts';
import { seeRequests } from './pending-items.ts';
import { createPendingRequests } from './pending-requests.ts';
import type { Said } from './said.ts';
import { createSilence } from './silence.ts';
import { toSpoken } from './spoken-text.ts';
import { readUsage } from './usage.ts';

/** What a response object says. One without an `output` may have the shape of another protocol. */
export const saidInResponse = (body: JsonObject): Said => {
  const silence = createSilence();
  const { output, output_text: whole, incomplete_details: details } = body;
  if (isJsonObject(details)) silence.because(details.reason);
  const text = textOfOutput(output, silence) ?? (typeof whole === 'string' ? whole : textOfBody(body, silence)) ?? '';
  return { ...aboutBody(body), text: toSpoken(text), silence: silence.describe() };
};

/** What a whole body of an agent's own shape says: `raw` is how it came, `body` what it holds if it is JSON. */
export const saidInBody = (raw: string, body: JsonValue | undefined): Said => {
  const silence = createSilence();
  if (body === undefined) return { text: toSpoken(textOfDataStream(raw) ?? raw), silence: silence.describe() };
  if (body === null) return { text: '', silence: 'The agent said nothing: its answer is null' };
  if (typeof body === 'string') return { text: toSpoken(body), silence: silence.describe() };
  if (Array.isArray(body) && body.some(isEvent)) return saidInEvents(body);
  const text = Array.isArray(body) ? textOfMessages(body) : textOfBody(body, silence);
  // What was not understood is kept as it came.
  const said = text === undefined ? raw : toSpoken(text);
  return { ...aboutBody(body), text: said, silence: silence.describe() };
};

const aboutBody = (body: JsonValue): Pick<Said, 'pending' | 'usage'> => {
  const requests = createPendingRequests();
  seeRequests(requests, body);
  return { pending: requests.first(), usage: readUsage(body) };
};

/** A list of the events of which others make a stream. Messages have a type, too, but also who said them. */
const isEvent = (item: unknown): boolean =>
  isJsonObject(item) &&
  item.role === undefined &&
  (typeof item.event === 'string' ||
    Array.isArray(item.choices) ||
    (typeof item.type === 'string' && !message.test(item.type)));

const message = /^(?:ai|human|system|assistant|user|message|tool|constructor|typing|trace|event|text|output_text)$/i;

const saidInEvents = (events: readonly JsonValue[]): Said => {
  const listener = createListener();
  for (const event of events) listener.hearValue(event);
  return listener.summary();
};

/** A body of JSON lines: each is an event. Undefined when they are none. */
export const saidInLines = (raw: string): Said => {
  const listener = createListener();
  for (const line of raw.split('\n')) if (line.trim() !== '') listener.hear({ name: '', data: line, isTooLong: false });
  return listener.summary();
};

/** Lines of a code and a JSON value each: the older stream of Vercel's AI SDK, whose texts have the code 0. */
const textOfDataStream = (raw: string): string | undefined => {
  if (!/^(?:f:\{|0:")/.test(raw)) return undefined;
  let text = '';
  for (const line of raw.split('\n')) {
    const [, code, value = ''] = /^([0-9a-z]):(.*)$/.exec(line) ?? [];
    if (code === undefined && line.trim() !== '') return undefined;
    const said = code === '0' ? parseJsonText(value) : undefined;
    if (typeof said === 'string') text += said;
  }
  return text;
};
