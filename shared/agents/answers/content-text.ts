import { isJsonObject, type JsonObject } from '../../domain/json.ts';

/** Parts and items whose text is a thought, the input or output of a tool, or a note of the framework's. */
const aside =
  /reason|think|thought|summary_text|tool|function|_call$|_call_output$|^program|_request$|approval_response$|compaction|redacted/i;
/** Deeper than any known answer nests a text. */
const maxDepth = 6;

/** True when a type says that what it names is nothing the agent says. */
export const isAside = (type: string): boolean => aside.test(type);

/** Of whom a message is; messages of others are no output. */
const others: ReadonlySet<string> = new Set(['user', 'human', 'system', 'developer', 'tool', 'function', 'role_user']);

/** True when a message names somebody else than the agent as the one who said it. */
export const isOfOthers = (message: JsonObject): boolean =>
  [message.role, message.type, isJsonObject(message.from) ? message.from.role : undefined].some(
    (who) => typeof who === 'string' && others.has(who.toLowerCase()),
  );

/** The name that an item, a part or an event goes by. */
export const typeOf = ({ type, kind, $type }: JsonObject): string =>
  [type, kind, $type].find((name) => typeof name === 'string') ?? '';

/**
 * What a message's content says: a string, one part, or a list of them, whose texts belong together. A part's text stands
 * in `text` (a string or `{value}`), in `refusal`, or in the transcript of a sound. Undefined when there is no place for
 * a text at all. By hand: a list may hold millions of parts, for which a schema takes seconds.
 */
export const textOfContent = (content: unknown, depth = 0): string | undefined => {
  if (typeof content === 'string') return content;
  if (isJsonObject(content)) return textOfPart(content, depth);
  if (!Array.isArray(content)) return undefined;
  let text: string | undefined;
  for (const part of content) {
    const said = typeof part === 'string' ? part : isJsonObject(part) ? textOfPart(part, depth) : undefined;
    if (said !== undefined) text = (text ?? '') + said;
  }
  return text;
};

const textOfPart = (part: JsonObject, depth: number): string | undefined => {
  if (depth > maxDepth || part.thought === true || isAside(typeOf(part)) || isOfOthers(part)) return undefined;
  const { text, refusal, transcript } = part;
  if (typeof text === 'string') return text;
  if (isJsonObject(text) && typeof text.value === 'string') return text.value;
  if (typeof refusal === 'string') return refusal;
  if (typeof transcript === 'string') return transcript;
  // As agents of other makes name the parts of a message.
  return textOfContent(part.content ?? part.contents ?? part.parts, depth + 1);
};

/** Several messages stand on lines of their own. */
export const joinMessages = (before: string | undefined, said: string | undefined): string | undefined => {
  if (said === undefined || said === '') return before ?? said;
  return before === undefined || before === '' ? said : `${before}\n${said}`;
};
