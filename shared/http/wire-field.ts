import { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import { refuse } from './refuse.ts';

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

type Aliases = Readonly<Record<string, readonly string[]>>;

/**
 * Lets a schema read the fields of these objects in any spelling: the canonical one first, then its camelCase form,
 * then aliases. Null is absent; what is unknown or read-only is left out.
 */
export const inAnySpelling = <Schema extends z.ZodType>(
  schema: Schema,
  objects: readonly z.ZodObject[],
  aliases: Aliases = {},
) => {
  const names = [...new Set(objects.flatMap((object) => Object.keys(object.shape)))];
  const spellings = names.map((name) => ({ name, spellings: spellingsOf(name, aliases) }));
  return z.preprocess((value) => (isJsonObject(value) ? canonical(value, spellings) : value), schema);
};

const spellingsOf = (name: string, aliases: Aliases): readonly string[] =>
  [name, ...(aliases[name] ?? [])].flatMap((spelling) => [spelling, camelCase(spelling)]);

const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

interface Spelled {
  readonly name: string;
  readonly spellings: readonly string[];
}

const canonical = (value: JsonObject, fields: readonly Spelled[]): JsonObject =>
  Object.fromEntries(
    fields.flatMap(({ name, spellings }) => {
      const given = spellings.find((spelling) => Object.hasOwn(value, spelling) && value[spelling] !== null);
      const field = given === undefined ? undefined : value[given];
      return field === undefined ? [] : [[name, field]];
    }),
  );

/** Throws InvalidRequestError with every problem at once; each names its JSON path. */
export const parseBody = <Body>(schema: z.ZodType<Body>, body: JsonValue | undefined): Body => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  refuse(parsed.error.issues.map(toProblem));
  throw parsed.error;
};

const toProblem = (issue: z.core.$ZodIssue): Problem => {
  const path = issue.path.map(String).join('.');
  return {
    code: 'invalid_request',
    message: `${path || 'body'}: ${issue.message}`,
    ...(path !== '' && { param: path }),
  };
};
