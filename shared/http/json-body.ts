import type { HttpRequest } from '@azure/functions';
import { InvalidRequestError, type Problem } from '../domain/errors.ts';
import type { JsonValue } from '../domain/json.ts';
import { HttpError } from './http-error.ts';
import { refuse } from './refuse.ts';

const maxBodyBytes = 1_048_576;
const maxDepth = 64;

/**
 * The body as JSON; undefined when it is empty. A byte order mark is allowed.
 * Throws HttpError (411, 413, 415) and InvalidRequestError: not UTF-8, not JSON, nested too deep, broken Unicode, or a
 * number that is too large.
 */
export const readJsonBody = async (request: HttpRequest): Promise<JsonValue | undefined> => {
  if (/chunked/i.test(request.headers.get('transfer-encoding') ?? '')) {
    throw new HttpError('length_required', 'Transfer-Encoding: chunked arrives empty here; expected a Content-Length');
  }
  refuseTooLarge(Number(request.headers.get('content-length') ?? 0));
  const bytes = await request.arrayBuffer();
  refuseTooLarge(bytes.byteLength);
  if (bytes.byteLength === 0) return undefined;
  requireJson(request.headers);
  const body = parseJson(decodeUtf8(bytes));
  refuse(valueProblems(body));
  return body;
};

const refuseTooLarge = (bytes: number): void => {
  if (bytes > maxBodyBytes) {
    throw new HttpError('payload_too_large', `The body has ${bytes} bytes; expected at most ${maxBodyBytes}`);
  }
};

const requireJson = (headers: Headers): void => {
  const type = headers.get('content-type') ?? '';
  const encoding = headers.get('content-encoding') ?? 'identity';
  const isJson = /^application\/([\w.+-]+\+)?json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type.trim());
  if (isJson && encoding.toLowerCase() === 'identity') return;
  const found = isJson ? `Content-Encoding ${JSON.stringify(encoding)}` : `Content-Type ${JSON.stringify(type)}`;
  throw new HttpError('unsupported_media_type', `${found} is not supported; expected application/json in UTF-8`);
};

const decodeUtf8 = (bytes: ArrayBuffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InvalidRequestError({ code: 'invalid_request', message: 'The body is not UTF-8' });
  }
};

const parseJson = (text: string): JsonValue => {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidRequestError({ code: 'invalid_request', message: `The body is not JSON: ${reason}` });
  }
};

/** Walks without recursion: a caller chooses the depth, and must not overflow the stack here or in JSON.stringify. */
const valueProblems = (body: JsonValue): readonly Problem[] => {
  const problems: Problem[] = [];
  const pending: { value: JsonValue; path: readonly string[] }[] = [{ value: body, path: [] }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, path } = next;
    if (path.length > maxDepth) return [bodyProblem(path.slice(0, 3), `nested deeper than ${maxDepth} levels`)];
    if (typeof value === 'string' && !value.isWellFormed()) problems.push(bodyProblem(path, loneSurrogate));
    // 1e400 is parsed as Infinity, which JSON text writes as null.
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
      problems.push(bodyProblem(path, `a number that is too large; expected one within ±${Number.MAX_VALUE}`));
    }
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, child] of Object.entries(value)) {
      if (!key.isWellFormed()) problems.push(bodyProblem(path, loneSurrogate));
      pending.push({ value: child, path: [...path, key] });
    }
  }
  return problems;
};

const loneSurrogate = 'half of a surrogate pair in a text; expected well-formed Unicode';

const bodyProblem = (path: readonly string[], message: string): Problem => ({
  code: 'invalid_request',
  message: `${path.join('.') || 'body'}: ${message}`,
  ...(path.length > 0 && { param: path.join('.') }),
});
