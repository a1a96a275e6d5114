import * as z from 'zod';
import { isJsonObject, type JsonValue } from '../domain/json.ts';
import {
  type Metadata,
  maxMetadataKeyLength,
  maxMetadataLength,
  maxMetadataPairs,
  maxMetadataValueLength,
} from '../domain/metadata.ts';
import { expected } from '../domain/schema/wire-fields.ts';

/** Keys and values are taken as the user spelled them. No pairs are as good as no metadata. */
export const metadataSchema = z
  .custom<Metadata>()
  .superRefine((value: unknown, context) => {
    const refuse = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path });
    if (!isJsonObject(value)) return refuse(expected('an object whose values are texts')({ input: value }));
    const pairs = Object.entries(value);
    if (pairs.length > maxMetadataPairs) {
      return refuse(`found ${pairs.length} pairs; expected at most ${maxMetadataPairs}`);
    }
    for (const [key, text] of pairs) {
      const wrongKey = keyProblem(key);
      const wrongValue = valueProblem(text);
      if (wrongKey !== null) refuse(wrongKey);
      else if (wrongValue !== null) refuse(wrongValue, key);
    }
    const { length } = JSON.stringify(value);
    if (length > maxMetadataLength) {
      refuse(`found ${length} characters as JSON text; expected at most ${maxMetadataLength}`);
    }
  })
  .transform((metadata) => (Object.keys(metadata).length === 0 ? undefined : metadata));

const keyProblem = (key: string): string | null => {
  const what = `1 to ${maxMetadataKeyLength} characters`;
  if (key.length < 1 || key.length > maxMetadataKeyLength) {
    return `found a key of ${key.length} characters, ${JSON.stringify(key.slice(0, maxMetadataKeyLength).toWellFormed())}; expected ${what}`;
  }
  // A JavaScript object does not keep an entry of this name: it would set the prototype.
  return key === '__proto__' ? 'found the key "__proto__"; expected any other' : null;
};

const valueProblem = (value: JsonValue): string | null => {
  if (typeof value !== 'string') return expected('a text')({ input: value });
  if (value.length <= maxMetadataValueLength) return null;
  return `found ${value.length} characters; expected at most ${maxMetadataValueLength}`;
};
