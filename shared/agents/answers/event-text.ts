import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import { textOfBody } from './body-text.ts';
import { isAside, isOfOthers, textOfContent } from './content-text.ts';
import { textOfItem, textOfOutput } from './output-items.ts';
import type { Silence } from './silence.ts';
import type { EventText } from './transcript.ts';

/**
 * What an event of a stream says, by the dialects that agents stream in. `type` is what the event says it is, in its data
 * or by its name. Undefined: the event is of none of these dialects.
 */
type Reader = (type: string, event: JsonObject, silence: Silence) => EventText | undefined;

const nothing: EventText = {};
const isText = (value: unknown): value is string => typeof value === 'string';
const idOf = (value: unknown): string | undefined =>
  isText(value) || typeof value === 'number' ? String(value).slice(0, 512) : undefined;

/** Events of the Responses API. Not every server gives an item the same id in each of its events: the index goes before. */
const ofResponses: Reader = (type, event, silence) => {
  const [, kind = '', step = ''] = /^response\.([^.]+)\.?(.*)$/.exec(type) ?? [];
  if (kind === '') return undefined;
  const message = idOf(event.output_index ?? event.item_id) ?? '';
  const part = `${message}:${idOf(event.content_index) ?? ''}`;
  if (/^(?:output_text|refusal|text|output_audio_transcript|audio_transcript)$/.test(kind)) {
    const { delta, text, refusal, transcript } = event;
    if (step === 'delta') return { delta: textOfContent(delta), message, part };
    return step === 'done' ? { whole: [text, refusal, transcript].find(isText), message, part } : nothing;
  }
  if (type === 'response.content_part.done') return { whole: textOfContent(event.part), message, part };
  if (type === 'response.output_item.done') {
    const { item } = event;
    return isJsonObject(item) ? { whole: textOfItem(item), message } : nothing;
  }
  if (/^(?:completed|failed|incomplete|cancelled|canceled|done)$/.test(kind) && isJsonObject(event.response)) {
    const { output, output_text: text } = event.response;
    return { all: textOfOutput(output, silence) ?? (isText(text) ? text : undefined) };
  }
  return step === 'delta' || step === 'done' || step === 'added' || /^(?:created|queued|in_progress)$/.test(kind)
    ? nothing
    : undefined;
};

/** Chunks of chat completions, and whole ones. */
const ofChoices: Reader = (_type, { choices }, silence) => {
  if (!Array.isArray(choices)) return undefined;
  const [choice] = choices;
  const delta = isJsonObject(choice) && isJsonObject(choice.delta) ? choice.delta : undefined;
  // Some tell with each delta all that was said before, as the message.
  const told =
    delta === undefined ? choice : { delta, finish_reason: isJsonObject(choice) ? choice.finish_reason : null };
  const said = textOfBody({ choices: [told ?? null] }, silence);
  return delta === undefined ? { whole: said } : { delta: said };
};

const ofAnthropic: Reader = (type, { delta, content_block: block, index }) => {
  if (!/^(?:message_(?:start|delta|stop)|content_block_(?:start|delta|stop))$/.test(type)) return undefined;
  if (type === 'content_block_start') return isJsonObject(block) ? { delta: textOfItem(block) } : nothing;
  if (type !== 'content_block_delta' || !isJsonObject(delta) || delta.type !== 'text_delta') return nothing;
  return { delta: textOfContent(delta.text), part: idOf(index) };
};

const ofAgUi: Reader = (type, event, silence) => {
  if (!/^(?:TEXT_MESSAGE|TOOL_CALL|THINKING|REASONING|STATE|MESSAGES|ACTIVITY|RUN|STEP)_/.test(type)) return undefined;
  if (/^TEXT_MESSAGE_(?:CONTENT|CHUNK)$/.test(type)) {
    return { delta: textOfContent(event.delta), message: idOf(event.messageId) };
  }
  if (type === 'MESSAGES_SNAPSHOT') return { repeat: textOfBody({ messages: event.messages ?? [] }, silence) };
  if (type === 'RUN_FINISHED') return { repeat: textOfBody({ result: event.result ?? null }, silence) };
  return nothing;
};

/** The UI message stream of Vercel's AI SDK, and those of frameworks that wrap its events. */
const ofAiSdk: Reader = (type, event) => {
  if (type === 'text-delta') {
    const { payload, delta, textDelta, text, id } = event;
    return { delta: textOfContent(delta ?? textDelta ?? text ?? payload), message: idOf(id) };
  }
  return /^(?:text|reasoning|tool|data|source|start|finish|step|message)-/.test(type) ? nothing : undefined;
};

/** Events of the Assistants API. */
const ofThread: Reader = (type, { id, delta, content, role }) => {
  if (!type.startsWith('thread.')) return undefined;
  const message = idOf(id);
  if (type === 'thread.message.delta') {
    return { delta: isJsonObject(delta) ? textOfContent(delta.content) : undefined, message };
  }
  return type === 'thread.message.completed' && role !== 'user' ? { whole: textOfContent(content), message } : nothing;
};

/** A2A, bare or in JSON-RPC: what an agent says of its state while it works is no output. */
const ofA2a: Reader = (_type, event, silence) => {
  const result = isJsonObject(event.result) ? event.result : event;
  const update = isJsonObject(result.artifactUpdate) ? result.artifactUpdate : result;
  if (isJsonObject(update.artifact)) {
    return { delta: textOfContent(update.artifact.parts), message: idOf(update.artifact.artifactId) };
  }
  const task = [result.statusUpdate, result.task].find(isJsonObject) ?? result;
  if (!isJsonObject(task.status)) return undefined;
  if (/working|submitted/i.test(String(task.status.state))) return nothing;
  const said = textOfBody(task, silence);
  // A task tells once more what its artifacts have brought.
  return task === result.task || task.kind === 'task' ? { repeat: said } : { whole: said };
};

/** Gemini, and the events of its development kit, whose last repeats the partial ones before. */
const ofGemini: Reader = (_type, event, silence) => {
  if (Array.isArray(event.candidates)) return { delta: textOfBody(event, silence) };
  const { content, partial, invocationId } = event;
  if (!isJsonObject(content) || !Array.isArray(content.parts)) return undefined;
  const message = idOf(invocationId);
  const text = textOfContent(content);
  return partial === true ? { delta: text, message } : { whole: text, message, closes: true };
};

/** An activity of a bot: a message of its own; while it types, all that it has typed so far. */
const ofBot: Reader = (type, event) => {
  if (!/^(?:message|typing|event|trace|endOfConversation)$/.test(type)) return undefined;
  if (!(isJsonObject(event.conversation) || isJsonObject(event.from) || isText(event.channelId))) return undefined;
  if (isJsonObject(event.from) && event.from.role === 'user') return nothing;
  const { text } = event;
  if (type === 'typing') return { repeat: isText(text) ? text : undefined };
  return type === 'message' && isText(text) ? { whole: text, message: idOf(event.id) } : nothing;
};

const aside =
  /^(?:status|progress|log|debug|trace|ping|heartbeat|keep-?alive|metadata|usage|state|step|plan|citations?|sources?|annotations?|telemetry|session|start|started|created|init|node|error|on|observation|action|context|retriev\w*|documents?|references?|suggest\w*|follow_?up\w*|checkpoints?|tasks)(?:[._/-]|$)/i;
const atEnd =
  /(?:^|[._-])final(?:[._-]|$)|(?:^|[._-])(?:done|end|ended|final|completed?|finish(?:ed)?|result|stop|close)$/i;
const pieces = [
  'delta',
  'token',
  'chunk',
  'text',
  'output_text',
  'output',
  'content',
  'answer',
  'response',
  'reply',
] as const;

/** True of a name under which no event says anything, whatever its data is. */
export const isAsideEvent = (name: string): boolean => aside.test(name) || isAside(name);

/** An agent's own events: what says something goes on with what was said; what ends the stream may repeat it all. */
const ofOwn: Reader = (type, event, silence) => {
  // Of LangChain's events only this one has what a model says; the others say it again, each step outwards.
  if (type === 'on_chat_model_stream') return { delta: textOfContent(event.chunk) };
  if (isAsideEvent(type) || event.thought === true) return nothing;
  if (atEnd.test(type)) {
    return { repeat: isText(event.full_text) ? event.full_text : textOfBody(event, silence) };
  }
  // A whole message, not a piece of one.
  if (type === 'message' && typeof event.role === 'string') {
    return isOfOthers(event) ? nothing : { whole: textOfBody(event, silence), message: idOf(event.id) };
  }
  for (const name of pieces) {
    const value = event[name];
    // The end of the text, as a model writes it.
    if (isJsonObject(value) && value.special === true) return nothing;
    const said = isText(value) ? value : isJsonObject(value) ? textOfContent(value) : undefined;
    if (said !== undefined) return { delta: said };
  }
  const { status, error } = event;
  const isReport = Boolean(error) || (isText(status) && !/^(?:completed|success|succeeded|ok|done)$/i.test(status));
  return isReport ? nothing : { delta: textOfBody(event, silence) };
};

const readers: readonly Reader[] = [
  ofResponses,
  ofChoices,
  ofAnthropic,
  ofThread,
  ofAgUi,
  ofAiSdk,
  ofBot,
  ofA2a,
  ofGemini,
  ofOwn,
];

/** What an event says whose data is a JSON object. */
export const textOfEvent = (type: string, event: JsonObject, silence: Silence): EventText => {
  for (const read of readers) {
    const said = read(type, event, silence);
    if (said !== undefined) return said;
  }
  return nothing;
};
