import { isJsonObject, type JsonObject, parseJsonText } from '../json.ts';
import { truncateText } from '../truncate-text.ts';

export type CallVerdict = 'completed' | 'retryable' | 'terminal';

/**
 * What a finished call means for its run: 2xx is success; 408, 429 and 5xx may pass by themselves; everything else,
 * redirects included, will not.
 */
export const judgeStatus = (status: number): CallVerdict => {
  if (status >= 200 && status <= 299) return 'completed';
  if (status === 408 || status === 429 || (status >= 500 && status <= 599)) return 'retryable';
  return 'terminal';
};

const wholeSeconds = /^\d{1,9}$/;
const httpDateStart = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/**
 * Seconds to wait from `now`, never negative, rounded up. Undefined when the header is missing or says neither whole
 * seconds nor an HTTP date (RFC 9110, 10.2.3). The cap is the caller's.
 */
export const parseRetryAfter = (header: string | null, now: Date): number | undefined => {
  const text = header?.trim() ?? '';
  if (wholeSeconds.test(text)) return Number(text);
  // Date.parse alone takes "1.5" for a date in January.
  const at = httpDateStart.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now.getTime()) / 1000));
};

/** What an agent calls an end that is no success. The contract knows the first three. */
export const failedStatuses: ReadonlySet<string> = new Set([
  'failed',
  'incomplete',
  'cancelled',
  'canceled',
  'expired',
]);

export interface ErrorDescription {
  readonly code?: string;
  readonly message?: string;
}

/** What an answer says of its failure, or what is said for it. */
export interface Failure extends ErrorDescription {
  readonly message: string;
}

/** What an error body says: an object that tells of an error, or its plain text. */
export const describeErrorBody = (text: string): ErrorDescription => {
  const body = parseJsonText(text);
  if (body === undefined) return { message: toMessage(text) };
  return isJsonObject(body) ? describeErrorObject(body) : { message: toMessage(body) };
};

/** `{error: {code, message}}`, `{error: "message"}`, `{error: "code", message}`, `{code, message}`, or `{detail}`. */
export const describeErrorObject = (body: JsonObject): ErrorDescription => {
  const { error, message } = body;
  if (error === undefined || error === null) return describeErrorValue(body);
  const isCode = typeof error === 'string' && !/\s/.test(error.trim()) && toMessage(message) !== undefined;
  return describeErrorValue(isCode ? { code: error, message: message ?? null } : error);
};

/**
 * What the value of an `error` field says: an object with code and message, or the message itself. `detail` is how a
 * problem (RFC 9457) says it, and what Python's web frameworks answer.
 */
export const describeErrorValue = (error: unknown): ErrorDescription =>
  isJsonObject(error)
    ? { code: toCode(error.code), message: toMessage(error.message) ?? toMessage(error.detail) }
    : { message: toMessage(error) };

const maxErrorMessageLength = 1024;

/** An error's message as runs, poisoned messages and answers have it. */
export const truncateErrorMessage = (message: string): string => truncateText(message, maxErrorMessageLength);

/** A code becomes the run's error type: what is longer than this, or no string, names nothing. */
const maxCodeLength = 128;

const toCode = (value: unknown): string | undefined => {
  const code = typeof value === 'string' ? value.trim() : '';
  return code !== '' && code.length <= maxCodeLength ? code : undefined;
};

/** Of any length: it is cut only where it is kept, after the token that may be in it was hidden. */
const toMessage = (value: unknown): string | undefined => {
  const message = typeof value === 'string' ? value.trim() : '';
  return message === '' ? undefined : message;
};
