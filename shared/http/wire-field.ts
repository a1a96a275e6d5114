import { z } from 'zod';
import { InvalidRequestError, type Problem } from '../domain/errors.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';

/** Limit of `input`: a string's own characters, or those of any other value's JSON text. Either fits one table property. */
const maxInputLength = 32_768;

/** The message of a zod issue: what was found and what was expected. `toProblem` puts the path before it. */
export const expected =
  (what: string) =>
  (issue: { readonly input?: unknown }): string =>
    issue.input === undefined ? `missing; expected ${what}` : `found ${shown(issue.input)}; expected ${what}`;

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

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

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

/** The spellings under which fields are read: the canonical one first, then its camelCase form, then aliases. */
export type Spellings = Readonly<Record<string, readonly string[]>>;

export const spellings = (names: readonly string[], aliases: Spellings = {}): Spellings =>
  Object.fromEntries(
    names.map((name) => [
      name,
      [name, ...(aliases[name] ?? [])].flatMap((spelling) => [spelling, camelCase(spelling)]),
    ]),
  );

const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The known fields of an object under their canonical names. Null is absent; what is unknown or read-only is left out. */
export const canonical =
  (known: Spellings) =>
  (value: unknown): unknown => {
    if (!isJsonObject(value)) return value;
    const fields = Object.entries(known).map(([name, names]) => [
      name,
      names
        .map((spelling) => (Object.hasOwn(value, spelling) ? value[spelling] : null))
        .find((field) => field !== null),
    ]);
    return Object.fromEntries(fields.filter(([, field]) => field !== undefined));
  };

/** Throws InvalidRequestError with every problem at once; each names its JSON path. */
export const parseBody = <Body>(schema: z.ZodType<Body>, body: JsonValue | undefined): Body => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [first, ...more] = parsed.error.issues.map(toProblem);
  throw first === undefined ? parsed.error : new InvalidRequestError(first, ...more);
};

const toProblem = (issue: z.core.$ZodIssue): Problem => {
  const path = issue.path.map(String).join('.');
  return {
    code: 'invalid_request',
    message: `${path || 'body'}: ${issue.message}`,
    ...(path !== '' && { param: path }),
  };
};
