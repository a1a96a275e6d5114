import { InvalidRequestError } from '../domain/errors.ts';

/** What the wire looks like to one kind of client. Nothing but `dialectOf` looks at the User-Agent. */
export interface Dialect {
  /** `value_and_token`: what azd reads, although it sends an api-version. */
  readonly envelope: 'data' | 'value' | 'value_and_token';
  readonly instants: 'unix_seconds' | 'iso';
  /** The `at` of a timer trigger. The JavaScript SDK reads it as a string, all its other instants as seconds. */
  readonly timerInstants: 'unix_seconds' | 'iso';
  readonly statusWords: 'title' | 'upper';
}

const sdk: Dialect = {
  envelope: 'data',
  instants: 'unix_seconds',
  timerInstants: 'unix_seconds',
  statusWords: 'title',
};
const documentation: Dialect = { envelope: 'value', instants: 'iso', timerInstants: 'iso', statusWords: 'upper' };

/**
 * The dialect of a request by its query parameter `api-version` and its User-Agent.
 * Throws InvalidRequestError (`unsupported_api_version`) for a version other than v1.
 */
export const dialectOf = (apiVersion: string | null, userAgent: string | null): Dialect => {
  const agent = userAgent?.toLowerCase() ?? '';
  const base = baseDialect(apiVersion);
  return {
    ...base,
    ...(agent.includes('azsdk-js') && { timerInstants: 'iso' }),
    ...(agent.includes('azd-ext-azure-ai-routines') && { envelope: 'value_and_token' }),
  };
};

const baseDialect = (apiVersion: string | null): Dialect => {
  if (apiVersion === null) return documentation;
  if (apiVersion === 'v1') return sdk;
  throw new InvalidRequestError({
    code: 'unsupported_api_version',
    param: 'api-version',
    message: `api-version ${JSON.stringify(apiVersion)} is not supported; expected "v1", or no api-version`,
  });
};

/** Whole seconds in either form, rounded down. */
export const instantView = (instant: Date, form: Dialect['instants']): number | string =>
  form === 'unix_seconds' ? Math.floor(instant.getTime() / 1000) : instant.toISOString().replace(/\.\d{3}Z$/, 'Z');
