import type { HttpRequest } from '@azure/functions';
import { NotFoundError } from '../domain/errors.ts';
import { preflightHeaders } from './cors.ts';
import { HttpError } from './http-error.ts';
import type { Reply } from './reply.ts';
import { type HttpFunction, type RespondServices, respond } from './respond.ts';
import { methodsOf } from './routes.ts';

/** Answers what no route took: 404, 405 with `Allow`, or a browser's preflight. Tells only what the docs tell. */
export const fallback =
  (services: RespondServices): HttpFunction =>
  (request, context) =>
    respond({ request, context }, services, async () => answer(request));

const answer = (request: HttpRequest): Reply => {
  const path = request.params.path ?? '';
  const methods = methodsOf(path);
  if (methods.length === 0)
    throw new NotFoundError('not_found', `Path ${JSON.stringify(path)} is no route of this API`);
  if (request.method === 'OPTIONS') return { status: 204, headers: preflightHeaders(methods) };
  throw methodNotAllowed(request.method, methods);
};

export const methodNotAllowed = (method: string, allowed: readonly string[]): HttpError =>
  new HttpError('method_not_allowed', `${method} is not allowed here; expected ${allowed.join(', ')}`, {
    headers: { Allow: allowed.join(', ') },
  });
