import { isJsonObject } from '../../domain/json.ts';
import { textOfBody, textOfMessages } from './body-text.ts';
import type { Silence } from './silence.ts';
import type { EventText } from './transcript.ts';

/** LangGraph names the mode of its stream in the event; its data is a list of messages, or the state by node. */
export const textOfGraphEvent = (name: string, data: unknown, silence: Silence): readonly EventText[] | undefined => {
  const [mode = ''] = name.split('|');
  if (mode === 'values') return [{ repeat: textOfBody(data, silence) }];
  if (mode === 'messages/partial') return Array.isArray(data) ? [{ repeat: textOfMessages(data) }] : undefined;
  if (mode === 'messages/complete' && Array.isArray(data)) return data.map(textOfGraphMessage);
  if (mode === 'updates' && isJsonObject(data)) {
    return Object.values(data).flatMap((node) =>
      isJsonObject(node) && Array.isArray(node.messages) ? node.messages.map(textOfGraphMessage) : [],
    );
  }
  const [chunk, ...rest] = Array.isArray(data) ? data : [];
  if (mode !== 'messages' || !isJsonObject(chunk) || rest.length > 1) return undefined;
  return [textOfGraphMessage(chunk)];
};

const textOfGraphMessage = (message: unknown): EventText => {
  if (!isJsonObject(message)) return {};
  const text = textOfMessages([message]);
  const of = { message: typeof message.id === 'string' ? message.id.slice(0, 512) : undefined };
  return message.type === 'AIMessageChunk' ? { delta: text, ...of } : { whole: text, ...of };
};
