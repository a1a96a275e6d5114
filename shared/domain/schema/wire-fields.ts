import * as z from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';

/** Limit of `input`: a string's own characters, or those of any other value's JSON text. Either fits one table property. */
const maxInputLength = 32_768;

/** The message of a zod issue: what was found and what was expected. `toProblem` puts the path before it. */
export const expected =
  (what: string) =>
  (issue: { readonly input?: unknown }): string =>
    issue.input === undefined ? `missing; expected ${what}` : `found ${shown(issue.input)}; expected ${what}`;

/** The message of a union whose members differ by `type`. Of an object only the type is shown: the path ends there. */
export const expectedType =
  (types: readonly string[]) =>
  ({ input }: { readonly input?: unknown }): string => {
    const quoted = types.map((type) => JSON.stringify(type)).join(' or ');
    return isJsonObject(input)
      ? expected(quoted)({ input: input.type })
      : expected(`an object whose type is ${quoted}`)({ input });
  };

const shown = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80).toWellFormed()}…` : text;
};

export const text = (minLength: number, maxLength: number) => {
  const what = `a text of ${minLength} to ${maxLength} characters`;
  return z.string({ error: expected(what) }).refine((found) => found.length >= minLength && found.length <= maxLength, {
    error: (issue) => `found ${String(issue.input).length} characters; expected ${what}`,
  });
};

export const jsonObject = z.custom<JsonObject>(isJsonObject, { abort: false, error: expected('an object') });

/**
 * Lets a check run even when fields of the object are wrong, so that all problems come together; `abort: false` on a
 * field does the same for that field's own problem.
 */
export const isObjectPayload = (payload: { readonly value: unknown }): boolean => isJsonObject(payload.value);

/** On unless it says otherwise. */
export const flag = z.boolean({ error: expected('true or false') }).default(true);

/** Any JSON value within the limit. */
export const input = z
  .custom<JsonValue>((value) => value !== undefined && inputLength(value) <= maxInputLength, {
    abort: false,
    error: (issue) => `found ${inputLength(issue.input)} characters; expected at most ${maxInputLength}`,
  })
  .optional();

const inputLength = (value: unknown): number => (typeof value === 'string' ? value : JSON.stringify(value)).length;

/** A value that this version knows in one form only: anything else is refused, because it would change what happens. */
export const only = <Value extends string | boolean>(value: Value) =>
  z.literal(value, { error: expected(`${JSON.stringify(value)}, all that is available yet`) }).optional();
