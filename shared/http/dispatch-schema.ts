import { z } from 'zod';
import type { DispatchRequest } from '../app/use-cases.ts';
import type { JsonValue } from '../domain/json.ts';
import { canonical, expected, input, parseBody, spellings, text } from './wire-field.ts';

const payload = z.preprocess(
  canonical(spellings(['type', 'input'])),
  z.object({ type: text(1, 256), input }, { error: expected('an object with the type of the action') }),
);

const dispatchBody = z.preprocess(
  canonical(spellings(['payload'])),
  z.object({ payload: payload.optional() }, { error: expected('a JSON object, or no body') }),
);

/** Reads the body of a dispatch: empty, `{}` or `{"payload": {type, input?}}`. Throws InvalidRequestError. */
export const parseDispatchPayload = (body: JsonValue | undefined): DispatchRequest['payload'] =>
  parseBody(dispatchBody, body ?? {}).payload;
