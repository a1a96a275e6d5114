import type { TypedData } from './worker-protocol.ts';

/** A message as the storage service hands it out. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly popReceipt: string;
  readonly messageText: string;
  readonly dequeueCount: number;
  readonly insertedOn: Date;
  readonly expiresOn: Date;
  readonly nextVisibleOn: Date;
}

/** The text of a message; undefined when it is no base64 although it should be. */
export const decodeMessage = (text: string, encoding: 'base64' | 'none'): string | undefined => {
  if (encoding === 'none') return text;
  const compact = text.replace(/\s/g, '');
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined;
  return Buffer.from(compact, 'base64').toString('utf8');
};

/**
 * The trigger metadata of a message. As in the platform, the top-level fields of a JSON object are laid over it, in any
 * case of their names: a field `id` or `dequeueCount` hides the real one. Lists and nulls are left out.
 */
export const toTriggerMetadata = (message: ReceivedMessage, body: string): Record<string, TypedData> => {
  const metadata: Record<string, TypedData> = {
    QueueTrigger: { string: body },
    DequeueCount: json(message.dequeueCount),
    ExpirationTime: json(message.expiresOn),
    Id: { string: message.messageId },
    InsertionTime: json(message.insertedOn),
    NextVisibleTime: json(message.nextVisibleOn),
    PopReceipt: { string: message.popReceipt },
  };
  for (const [field, value] of Object.entries(parseObject(body))) {
    if (value === null || Array.isArray(value)) continue;
    const known = Object.keys(metadata).find((name) => name.toLowerCase() === field.toLowerCase());
    metadata[known ?? field] = typeof value === 'object' ? json(value) : { string: toDotNetText(value) };
  }
  return metadata;
};

const json = (value: unknown): TypedData => ({ json: JSON.stringify(value) });

/** The host turns scalars into text; .NET writes booleans with a capital. */
const toDotNetText = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
};

const parseObject = (text: string): object => {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : {};
  } catch {
    return {};
  }
};
