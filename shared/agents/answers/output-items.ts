import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import { isAside, isOfOthers, joinMessages, textOfContent, typeOf } from './content-text.ts';
import type { Silence } from './silence.ts';

/** What the `output` of a response says: the texts of its messages, a line for each. */
export const textOfOutput = (output: unknown, silence?: Silence): string | undefined => {
  if (!Array.isArray(output)) return textOfContent(output);
  let text: string | undefined;
  for (const item of output) {
    const said = typeof item === 'string' ? item : isJsonObject(item) ? textOfItem(item) : undefined;
    if (said === undefined && isJsonObject(item)) silence?.saw(typeOf(item));
    text = joinMessages(text, said);
  }
  return text;
};

/** What one item says: a message, a part that stands alone, or the structured output that was asked for. */
export const textOfItem = (item: JsonObject): string | undefined => {
  const type = typeOf(item);
  if (isAside(type) || isOfOthers(item)) return undefined;
  const { output } = item;
  if (type === 'structured_outputs') return typeof output === 'string' ? output : JSON.stringify(output ?? {});
  return textOfContent(item);
};
