import { z } from 'zod';
import { isJsonObject } from '../domain/json.ts';
import {
  type Metadata,
  maxMetadataKeyLength,
  maxMetadataLength,
  maxMetadataPairs,
  maxMetadataValueLength,
} from '../domain/metadata.ts';

/** Names of pairs are the user's own: they are taken as they are spelled. */
export const metadataSchema = z.custom<Metadata>().superRefine((value: unknown, context) => {
  const problem = (message: string, path: readonly string[] = []) =>
    context.addIssue({ code: 'custom', message, path: [...path] });
  if (!isJsonObject(value)) return problem(`found ${JSON.stringify(value)}; expected an object of texts`);
  const pairs = Object.entries(value);
  if (pairs.length > maxMetadataPairs) problem(`found ${pairs.length} entries; expected at most ${maxMetadataPairs}`);
  for (const [key, text] of pairs.slice(0, maxMetadataPairs)) {
    if (key.length < 1 || key.length > maxMetadataKeyLength) {
      problem(`found a key of ${key.length} characters; expected 1 to ${maxMetadataKeyLength}`);
    }
    if (typeof text !== 'string') problem(`found ${JSON.stringify(text)}; expected a text`, [key]);
    else if (text.length > maxMetadataValueLength) {
      problem(`found ${text.length} characters; expected at most ${maxMetadataValueLength}`, [key]);
    }
  }
  const { length } = JSON.stringify(value);
  if (length > maxMetadataLength)
    problem(`found ${length} characters of JSON text; expected at most ${maxMetadataLength}`);
});
