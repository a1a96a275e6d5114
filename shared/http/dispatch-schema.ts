import * as z from 'zod';
import type { DispatchRequest } from '../app/runs/dispatch-routine.ts';
import type { EveryField } from '../domain/every-field.ts';
import type { JsonValue } from '../domain/json.ts';
import { expected, input } from '../domain/schema/wire-fields.ts';
import { inAnySpelling, parseBody } from './wire-body.ts';

const typeError = { error: expected("the type of the routine's action") };
/** The use case checks that the type is that of the routine's action. */
const payload = z.object(
  { type: z.string(typeError).max(256, typeError), input },
  { error: expected('an object with the type of the action') },
);

const dispatch = z.object(
  { payload: inAnySpelling(payload, [payload]).optional() },
  { error: expected('a JSON object, or no body') },
);
const dispatchBody = inAnySpelling(dispatch, [dispatch]);

/** Reads the body of a dispatch: empty, `{}` or `{"payload": {type, input?}}`. Throws InvalidRequestError. */
export const parseDispatchPayload = (body: JsonValue | undefined): EveryField<DispatchPayload> | undefined => {
  const { payload } = parseBody(dispatchBody, body ?? {});
  return payload && { type: payload.type, input: payload.input };
};

type DispatchPayload = NonNullable<DispatchRequest['payload']>;

const retry = z.object(
  { payload: z.undefined({ error: expected('none: a retry has the input of the run that it repeats') }).optional() },
  { error: expected('a JSON object, or no body') },
);
const retryBody = inAnySpelling(retry, [retry]);

/** Reads the body of a retry: empty or `{}`. Throws InvalidRequestError, above all for the payload of a dispatch. */
export const refuseRetryPayload = (body: JsonValue | undefined): void => {
  parseBody(retryBody, body ?? {});
};
