import * as z from 'zod';
import { isJsonObject, type JsonObject, type JsonValue, parseJsonText } from '../json.ts';
import type { Metadata } from '../metadata.ts';

// A row codec is a zod schema of zod codecs: decoded it gives the domain's value, encoded the columns, and the two
// cannot drift apart.

/** Inside JSON text an instant is milliseconds since 1970; as a column it is a date. */
export const instantInJson = z.codec(z.int(), z.date(), {
  decode: (milliseconds) => new Date(milliseconds),
  encode: (instant) => instant.getTime(),
});

/** Any JSON value: it comes out of JSON text, so it needs no further check. */
export const jsonValue = z.custom<JsonValue>((value) => value !== undefined, 'expected a JSON value');
export const jsonObject = z.custom<JsonObject>(isJsonObject, 'expected a JSON object');

/** A column of JSON text. */
export const jsonColumn = <Schema extends z.ZodType>(schema: Schema) =>
  z.codec(z.string(), schema, {
    decode: (text, context) => {
      const value = parseJsonText(text);
      if (value !== undefined) return value as z.input<Schema>;
      context.issues.push({ code: 'custom', input: text, message: 'expected JSON text' });
      return z.NEVER;
    },
    encode: (value) => JSON.stringify(value),
  });

export const metadataColumn = jsonColumn(z.record(z.string(), z.string())) satisfies z.ZodType<Metadata>;

/** A schema for every field of a value, optional ones too: one that is forgotten does not compile. */
export type StoredFields<Value> = { readonly [Field in keyof Required<Value>]: z.ZodType<Value[Field]> };

/**
 * An object inside JSON text. Fields that this version does not know stay in it: a newer version beside this one may
 * have written them, and a rewrite must not drop them.
 */
export const storedObject = <Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> =>
  z.looseObject(shape) as unknown as z.ZodObject<Shape>;
