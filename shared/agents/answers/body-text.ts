import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import { isOfOthers, joinMessages, textOfContent } from './content-text.ts';
import { textOfItem, textOfOutput } from './output-items.ts';
import type { Silence } from './silence.ts';

/** Deeper than any known answer wraps what it says. */
const maxDepth = 5;

/** Where agents put what they say; the first that says something counts. */
const textFields = [
  'output_text',
  'output',
  'text',
  'content',
  'contents',
  'parts',
  'answer',
  'response',
  'reply',
  'result',
  'message',
  'refusal',
  'final_output',
  'final_answer',
  'completion',
  'generated_text',
  'raw',
] as const;
/** What wraps an answer in another object. A text in these is something else. */
const wrappers = ['data', 'outputs', 'results', 'task', 'statusUpdate', 'artifact', 'artifactUpdate'] as const;

/**
 * What a JSON body of an agent's own shape says, as public frameworks write it. Undefined when no place for a text is
 * known: such a body is kept as it came.
 */
export const textOfBody = (body: unknown, silence: Silence, depth = 0): string | undefined => {
  if (Array.isArray(body)) return textOfMessages(body);
  if (!isJsonObject(body) || depth > maxDepth) return undefined;
  silence.because(body.stop_reason ?? body.finish_reason ?? body.finishReason);
  const { choices, candidates, messages, activities, artifacts } = body;
  const [choice] = [choices, candidates].find(Array.isArray) ?? [];
  let text = textOfChoice(choice, silence);
  for (const list of [messages, activities, artifacts]) {
    if (text === undefined || text === '') text = Array.isArray(list) ? (textOfMessages(list) ?? text) : text;
  }
  if (text !== undefined && text !== '') return text;
  for (const name of textFields) {
    const said = textOfField(body[name], name, { silence, depth });
    if (said !== undefined && said !== '') return said;
    text ??= said;
  }
  for (const name of wrappers) {
    const said = textInWrapper(body[name], { silence, depth });
    if (said !== undefined && said !== '') return said;
    text ??= said;
  }
  // A2A: what a task says with its state.
  return text ?? (isJsonObject(body.status) ? textOfBody(body.status, silence, depth + 1) : undefined);
};

interface Place {
  readonly silence: Silence;
  readonly depth: number;
}

const textInWrapper = (value: unknown, { silence, depth }: Place): string | undefined => {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return textOfBody(value, silence, depth + 1);
  let text: string | undefined;
  for (const item of value) {
    if (isJsonObject(item)) text = joinMessages(text, textOfBody(item, silence, depth + 1));
  }
  return text;
};

/** Lists of parts, whose texts belong together; lists elsewhere are of messages. */
const partLists: ReadonlySet<string> = new Set(['text', 'content', 'contents', 'parts']);

const textOfField = (value: unknown, name: string, { silence, depth }: Place): string | undefined => {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    if (!value.some(isJsonObject)) return undefined;
    return partLists.has(name) ? textOfContent(value) : textOfOutput(value, silence);
  }
  if (!isJsonObject(value) || isOfOthers(value)) return undefined;
  return textOfBody(value, silence, depth + 1) ?? textOfContent(value);
};

/** Of chat completions (`message`, `delta`, or a bare `text`) and of Gemini (`content` with `parts`). */
const textOfChoice = (choice: unknown, silence: Silence): string | undefined => {
  if (!isJsonObject(choice)) return undefined;
  silence.because(choice.finish_reason ?? choice.finishReason);
  const { message, delta, content, text } = choice;
  let empty: string | undefined;
  for (const said of [message, delta, content]) {
    if (!isJsonObject(said)) continue;
    if (Array.isArray(said.tool_calls)) silence.saw('tool_calls');
    const inner = textOfContent(said);
    if (inner !== undefined && inner !== '') return inner;
    // A refusal stands beside a content of null.
    if (typeof said.refusal === 'string' && said.refusal !== '') return said.refusal;
    if (inner !== undefined || 'content' in said) empty = '';
  }
  return textOfContent(text ?? content ?? message) ?? empty;
};

/**
 * What the agent says in a list of messages: what comes after the last that others said, because a list may hold all
 * that was said before. The output of tools among them is passed over.
 */
export const textOfMessages = (messages: readonly unknown[]): string | undefined => {
  let text: string | undefined;
  for (const message of messages) {
    if (!isJsonObject(message)) continue;
    // LangChain serializes a message as `{lc, kwargs}` or `{type, data}`.
    const inner = [message.kwargs, message.data].find(isJsonObject);
    if (isQuestion(message) || (inner && isQuestion(inner))) text = undefined;
    else text = joinMessages(text, textOfMessage(message) ?? (inner && textOfMessage(inner)));
  }
  return text;
};

const isQuestion = (message: JsonObject): boolean =>
  [message.role, message.type, message.source, isJsonObject(message.from) ? message.from.role : undefined].some(
    (who) => typeof who === 'string' && /^(?:user|human|role_user)$/i.test(who),
  );

const textOfMessage = (message: JsonObject): string | undefined => {
  if (isOfOthers(message) || (typeof message.type === 'string' && activityAside.test(message.type))) return undefined;
  const said = textOfItem(message);
  if (said !== undefined) return said;
  return ['output', 'answer', 'response', 'message']
    .map((name) => message[name])
    .find((one) => typeof one === 'string');
};

/** What bots send besides messages. */
const activityAside = /^(?:typing|trace|event|endOfConversation)$/;
