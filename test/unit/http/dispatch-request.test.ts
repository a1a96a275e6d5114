import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../shared/domain/json.ts';
import { parseDispatchPayload } from '../../../shared/http/dispatch-schema.ts';
import { idempotencyOf } from '../../../shared/http/idempotency.ts';

const type = 'invoke_agent_responses_api';

describe('the body of a dispatch', () => {
  it.each<[JsonValue | undefined, object | undefined]>([
    [undefined, undefined],
    [null, undefined],
    [{}, undefined],
    [{ payload: null }, undefined],
    [{ payload: { type } }, { type }],
    [{ payload: { type, input: null } }, { type }],
    [{ payload: { type, input: 'hi' } }, { type, input: 'hi' }],
    [
      { payload: { type, input: { a: [1] }, colour: 'red' }, colour: 'red' },
      { type, input: { a: [1] } },
    ],
    [{ payload: { type: 'something_else' } }, { type: 'something_else' }],
    [{ payload: { type: '' } }, { type: '' }],
  ])('%j asks for %j', (body, expected) => {
    expect(parseDispatchPayload(body)).toEqual(expected);
  });

  it.each<[JsonValue, string, string]>([
    ['hi', 'undefined', 'body: found "hi"; expected a JSON object, or no body'],
    [{ payload: 'hi' }, 'payload', 'payload: found "hi"; expected an object with the type of the action'],
    [{ payload: { input: 'hi' } }, 'payload.type', "payload.type: missing; expected the type of the routine's action"],
    [{ payload: { type: 'x'.repeat(257) } }, 'payload.type', 'payload.type: found "xxx'],
    [{ payload: { type, input: 'x'.repeat(32_769) } }, 'payload.input', 'payload.input: found 32769 characters'],
  ])('%j is refused', (body, param, message) => {
    expect(() => parseDispatchPayload(body)).toThrow(
      expect.objectContaining({
        problems: [
          expect.objectContaining({
            message: expect.stringContaining(message),
            ...(param !== 'undefined' && { param }),
          }),
        ],
      }),
    );
  });
});

describe('what makes a repeat the same dispatch', () => {
  it.each([
    [{}, undefined],
    [{ 'Idempotency-Key': 'k1' }, { kind: 'key', value: 'k1' }],
    [{ 'x-ms-client-request-id': 'r1' }, { kind: 'request', value: 'r1' }],
    [
      { 'x-ms-client-request-id': 'r1', 'Idempotency-Key': 'k1' },
      { kind: 'key', value: 'k1' },
    ],
    [{ 'Idempotency-Key': 'k'.repeat(256) }, { kind: 'key', value: 'k'.repeat(256) }],
  ])('is, with %j, %j', (headers, expected) => {
    expect(idempotencyOf(new Headers(headers))).toEqual(expected);
  });

  it.each([
    ['Idempotency-Key', ''],
    ['Idempotency-Key', 'k'.repeat(257)],
    ['x-ms-client-request-id', 'k'.repeat(257)],
  ])('is never a %s of %j', (name, value) => {
    expect(() => idempotencyOf(new Headers({ [name]: value }))).toThrow(
      expect.objectContaining({ code: 'invalid_request', problems: [expect.objectContaining({ param: name })] }),
    );
  });
});
