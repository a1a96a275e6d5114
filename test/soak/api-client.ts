import { isJsonObject, type JsonObject, type JsonValue } from '../../shared/domain/json.ts';
import type { Ledger, RequestRecord } from './ledger.ts';

export interface ApiAnswer extends RequestRecord {
  readonly body: JsonObject | null;
}

export interface ApiRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Below `/api`. */
  readonly path: string;
  readonly body?: JsonValue;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Never rejects: no answer is an outcome too. */
export type CallApi = (request: ApiRequest) => Promise<ApiAnswer>;

/**
 * A request whose storage does not answer is over by then, on a busy machine too: a handler gives up after 20 s, and the
 * storage call that it began last after 10.
 */
const patienceMs = 45_000;
const giveUpMs = 90_000;

/**
 * Calls the app wherever it listens now, and enters into the ledger how it went, and how long the slowest one took.
 * Every answer must come in time, and say what is wrong in the contract's shape.
 */
export const createApiClient =
  (baseUrl: () => string, ledger: Ledger): CallApi =>
  async (request) => {
    const answer = await send(baseUrl(), request);
    const { outcome, status, from, to, body } = answer;
    const what = `${request.method} ${request.path}`;
    ledger.counts[outcome] += 1;
    ledger.slowestMs = Math.max(ledger.slowestMs, to - from);
    if (to - from > patienceMs) ledger.complaints.push(`${what} took ${to - from} ms, expected at most ${patienceMs}`);
    const isError = status >= 400 && request.path !== '/health';
    if (isError && (!isJsonObject(body?.error) || typeof body.error.code !== 'string')) {
      ledger.complaints.push(`${what} answered ${status} with ${JSON.stringify(body)}, expected {error: {code, …}}`);
    }
    return answer;
  };

const send = async (baseUrl: string, { method, path, body, headers }: ApiRequest): Promise<ApiAnswer> => {
  const from = Date.now();
  try {
    const response = await fetch(`${baseUrl}/api${path}`, {
      method,
      signal: AbortSignal.timeout(giveUpMs),
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const parsed = toJsonObject(await response.text());
    return { outcome: outcomeOf(response.status), status: response.status, from, to: Date.now(), body: parsed };
  } catch (error) {
    // Nothing listens: no app has had the request.
    const outcome = isNobodyThere(error) ? 'refused' : 'unknown';
    return { outcome, status: 0, from, to: Date.now(), body: null };
  }
};

const outcomeOf = (status: number): RequestRecord['outcome'] =>
  status < 300 ? 'acknowledged' : status < 500 ? 'refused' : 'unknown';

const toJsonObject = (text: string): JsonObject | null => {
  try {
    const value: JsonValue = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
};

const isNobodyThere = (error: unknown): boolean =>
  error instanceof Error &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'ECONNREFUSED';
