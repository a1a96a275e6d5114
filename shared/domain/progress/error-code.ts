import { isJsonObject, type JsonObject } from '../json.ts';
import { lettersOf } from '../letters.ts';

const codeNames = [
  'code',
  'errorCode',
  'error_code',
  'ErrorCode',
  'errorcode',
  'Code',
  'errcode',
  'errorType',
] as const;

/**
 * Named by a code, else by Amazon's `__type`, by the extensions of GraphQL, by a status in capitals as Google's `NOT_FOUND`, or by the type of the
 * error. A number that is the status of the answer names nothing that is not known.
 */
export const codeOf = (object: JsonObject): string | undefined => {
  const code = codeNames.map((name) => toCode(object[name])).find((found) => found !== undefined);
  if (code !== undefined) return code;
  const amazon = toCode(object.__type)?.replace(/^.*#/, '');
  if (amazon !== undefined) return amazon;
  const extended = isJsonObject(object.extensions) ? toCode(object.extensions.code) : undefined;
  if (extended !== undefined) return extended;
  const status = toCode(object.status);
  if (status !== undefined && /^[A-Z]+(?:_[A-Z]+)+$/.test(status)) return status;
  const type = object.loc === undefined ? toCode(object.type) : undefined;
  return type !== undefined && identifier.test(type) && !notNaming.test(type) ? type : undefined;
};

const identifier = /^[A-Za-z][\w.-]*$/;
/** What events are called that bring an error. */
const notNaming = /^(?:error|run_error|object|response\.\w+)$/i;

/** Names that only say that there was an error, or the status in words: a deeper one says more. */
const general = new Set(
  `bad request, unauthorized, forbidden, not found, method not allowed, not acceptable, request timeout, conflict, gone,
  unprocessable entity, unprocessable content, failed dependency, too many requests, internal server error, bad gateway,
  service unavailable, gateway timeout, error, failed, failure, unknown, unknown error, exception, api error,
  invalid request, invalid request error, invalid argument, bad argument, user error, client error, server error,
  internal error, service error, upstream error, system error, validation error, request failed, multiple errors`
    .split(',')
    .map(lettersOf),
);

export const isGeneral = (name: string): boolean => name.length <= 64 && general.has(lettersOf(name));

/** A code becomes the run's error type: what is longer than this names nothing. */
const maxCodeLength = 128;

export const toCode = (value: unknown): string | undefined => {
  if (typeof value === 'number')
    return Number.isInteger(value) && (value < 0 || value > 599) ? String(value) : undefined;
  const code = typeof value === 'string' && value.length <= 4 * maxCodeLength ? value.trim() : '';
  return code !== '' && code.length <= maxCodeLength ? code : undefined;
};
