import { z } from 'zod';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import type { RoutineDraft } from '../domain/routine-draft.ts';
import { actionSchema, toAction } from './action-schema.ts';
import { toNamedTriggers, triggersSchema } from './trigger-schema.ts';
import { expected, flag, inAnySpelling, isJsonObject, only, parseBody, text } from './wire-field.ts';

/**
 * Reads the body of a PUT, in any spelling. Unknown and read-only fields are ignored, so that what GET returns can be
 * sent back. What the fields mean (cron, zone, instant) is checked by the use case.
 * Throws InvalidRequestError with every problem of the shape.
 */
export const parseRoutineDraft = (body: JsonValue | undefined, maxTriggers: number): RoutineDraft => {
  const wire = parseBody(routineSchema(maxTriggers), body);
  return {
    description: wire.description,
    enabled: wire.enabled,
    triggers: toNamedTriggers(wire.triggers),
    action: toAction(wire.action),
    authorization: wire.authorization?.identity,
  };
};

const authorization = z.object(
  { identity: z.enum(['agent', 'creator'], { error: expected('"agent" or "creator"') }).optional() },
  { error: expected('an object') },
);

const noMetadata = z
  .custom<JsonObject>((value) => isJsonObject(value) && Object.keys(value).length === 0, {
    abort: false,
    error: expected('no entries: metadata is not available yet'),
  })
  .optional();

const routineSchema = (maxTriggers: number) => {
  const routine = z.object(
    {
      description: text(0, 1024).optional(),
      enabled: flag,
      triggers: triggersSchema(maxTriggers),
      action: actionSchema,
      authorization: inAnySpelling(authorization, [authorization]).optional(),
      concurrency_policy: only('always_enqueue'),
      catch_up_policy: only('skip_missed'),
      metadata: noMetadata,
    },
    { error: expected('a JSON object with triggers and action') },
  );
  return inAnySpelling(routine, [routine]);
};
