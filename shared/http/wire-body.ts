import * as z from 'zod';
import type { Problem } from '../domain/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import { refuse } from './refuse.ts';

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
