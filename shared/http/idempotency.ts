import type { Idempotency } from '../app/runs/start-by-hand.ts';
import { InvalidRequestError } from '../domain/errors.ts';

const maxKeyLength = 256;

/**
 * What makes a repeated dispatch or retry the same one: the Idempotency-Key, else the request id that Azure SDKs keep
 * over their retries. Throws InvalidRequestError for a header that is empty or too long: were it ignored, a repeat would
 * start a second run.
 */
export const idempotencyOf = (headers: Headers): Idempotency | undefined => {
  const key = headerOf(headers, 'Idempotency-Key');
  if (key !== null) return { kind: 'key', value: key };
  const requestId = headerOf(headers, 'x-ms-client-request-id');
  return requestId === null ? undefined : { kind: 'request', value: requestId };
};

const headerOf = (headers: Headers, name: string): string | null => {
  const value = headers.get(name);
  if (value === null || (value.length >= 1 && value.length <= maxKeyLength)) return value;
  throw new InvalidRequestError({
    code: 'invalid_request',
    param: name,
    message: `${name}: found ${value.length} characters; expected 1 to ${maxKeyLength}`,
  });
};
