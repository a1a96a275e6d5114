import * as z from 'zod';
import {
  type CatchUp,
  type CatchUpPolicy,
  cappedPolicy,
  catchUpPolicies,
  defaultCatchUpCap,
  maxCatchUpCap,
} from '../domain/catch-up.ts';
import { concurrencyPolicies } from '../domain/concurrency.ts';
import type { EveryField } from '../domain/every-field.ts';
import type { JsonValue } from '../domain/json.ts';
import { actionFromWire } from '../domain/kinds/action-kinds.ts';
import { maxDeadlineSeconds, minDeadlineSeconds } from '../domain/progress/deadline.ts';
import { authorizationIdentities } from '../domain/routine.ts';
import type { RoutineDraft } from '../domain/routine-draft.ts';
import { expected, flag, text } from '../domain/schema/wire-fields.ts';
import { actionSchema } from './action-schema.ts';
import { metadataSchema } from './metadata-schema.ts';
import { toNamedTriggers, triggersSchema } from './trigger-schema.ts';
import { inAnySpelling, parseBody } from './wire-body.ts';

/**
 * Reads the body of a PUT, in any spelling. Unknown and read-only fields are ignored, so that what GET returns can be
 * sent back. What the fields mean (cron, zone, instant) is checked by the use case.
 * Throws InvalidRequestError with every problem of the shape.
 */
export const parseRoutineDraft = (body: JsonValue | undefined, maxTriggers: number): EveryField<RoutineDraft> => {
  const wire = parseBody(routineSchema(maxTriggers), body);
  return {
    description: wire.description,
    enabled: wire.enabled,
    triggers: toNamedTriggers(wire.triggers),
    action: actionFromWire(wire.action),
    authorization: wire.authorization?.identity,
    catchUp: toCatchUp(wire.catch_up_policy, wire.catch_up_cap),
    concurrencyPolicy: wire.concurrency_policy,
    deadlineSeconds: wire.deadline_seconds,
    metadata: wire.metadata,
  };
};

const toCatchUp = (policy: CatchUpPolicy, cap = defaultCatchUpCap): CatchUp =>
  policy === cappedPolicy ? { policy, cap } : { policy };

const quotedList = (words: readonly string[]): string => words.map((word) => JSON.stringify(word)).join(' or ');
const deadlineExpected = expected(`a whole number of seconds from ${minDeadlineSeconds} to ${maxDeadlineSeconds}`);
const capExpected = expected(`a whole number from 1 to ${maxCatchUpCap}`);

interface WireCatchUp {
  readonly catch_up_policy: CatchUpPolicy;
  readonly catch_up_cap?: number;
}

/** Only one policy reads the cap: a caller who sends it with another one means something else. */
const refuseUselessCap = ({ catch_up_policy: policy, catch_up_cap: cap }: WireCatchUp, context: z.RefinementCtx) => {
  if (cap === undefined || policy === cappedPolicy) return;
  const message = `found ${cap} with catch_up_policy "${policy}"; expected it only with "${cappedPolicy}"`;
  context.addIssue({ code: 'custom', path: ['catch_up_cap'], message });
};

const authorization = z.object(
  { identity: z.enum(authorizationIdentities, { error: expected(quotedList(authorizationIdentities)) }).optional() },
  { error: expected('an object') },
);

const routineSchema = (maxTriggers: number) => {
  const routine = z.object(
    {
      description: text(0, 1024).optional(),
      enabled: flag,
      triggers: triggersSchema(maxTriggers),
      action: actionSchema,
      authorization: inAnySpelling(authorization, [authorization]).optional(),
      concurrency_policy: z
        .enum(concurrencyPolicies, { error: expected(quotedList(concurrencyPolicies)) })
        .default('always_enqueue'),
      catch_up_policy: z.enum(catchUpPolicies, { error: expected(quotedList(catchUpPolicies)) }).default('skip_missed'),
      catch_up_cap: z
        .int({ error: capExpected })
        .min(1, { error: capExpected })
        .max(maxCatchUpCap, { error: capExpected })
        .optional(),
      deadline_seconds: z
        .int({ error: deadlineExpected })
        .min(minDeadlineSeconds, { error: deadlineExpected })
        .max(maxDeadlineSeconds, { error: deadlineExpected })
        .optional(),
      metadata: metadataSchema.optional(),
    },
    { error: expected('a JSON object with triggers and action') },
  );
  return inAnySpelling(routine.superRefine(refuseUselessCap), [routine]);
};
