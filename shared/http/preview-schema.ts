import * as z from 'zod';
import type { PreviewRequest } from '../app/routines/preview-triggers.ts';
import type { EveryField } from '../domain/every-field.ts';
import type { JsonValue } from '../domain/json.ts';
import { expected } from '../domain/schema/wire-fields.ts';
import { toNamedTriggers, triggersSchema } from './trigger-schema.ts';
import { inAnySpelling, parseBody } from './wire-body.ts';

const defaultCount = 10;
const maxCount = 100;

/** Before 1970 the offsets of zones are uncertain. From 3000 on a fire could lie beyond the year 9999. */
const earliest = Date.UTC(1970, 0);
const end = Date.UTC(3000, 0);

/**
 * Reads the body of a preview: triggers as a PUT has them (other fields of a routine may stand there too), `from`,
 * by default `now`, and `count`. Throws InvalidRequestError with every problem of the shape.
 */
export const parsePreviewRequest = (
  body: JsonValue | undefined,
  { maxTriggers, now }: { readonly maxTriggers: number; readonly now: Date },
): EveryField<PreviewRequest> => {
  const wire = parseBody(previewSchema(maxTriggers), body);
  return { triggers: toNamedTriggers(wire.triggers), from: wire.from ?? now, count: wire.count, now };
};

const instantExpected = expected(
  'an ISO 8601 instant such as "2026-09-01T09:00:00Z" or unix seconds, from 1970 to 2999',
);

const isoInstant = z.union([z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })]);

const toInstant = (at: string | number): Date => new Date(typeof at === 'number' ? at * 1000 : at);

const isInstant = (at: unknown): at is string | number => {
  if (typeof at !== 'number' && !(typeof at === 'string' && isoInstant.safeParse(at).success)) return false;
  const instant = toInstant(at).getTime();
  return instant >= earliest && instant < end;
};

const instant = z.custom<string | number>(isInstant, { error: instantExpected }).transform(toInstant);

const countExpected = expected(`a whole number from 1 to ${maxCount}`);

const count = z
  .number({ error: countExpected })
  .refine((found) => Number.isInteger(found) && found >= 1 && found <= maxCount, { error: countExpected })
  .default(defaultCount);

const previewSchema = (maxTriggers: number) => {
  const preview = z.object(
    { triggers: triggersSchema(maxTriggers), from: instant.optional(), count },
    { error: expected('a JSON object with triggers') },
  );
  return inAnySpelling(preview, [preview]);
};
