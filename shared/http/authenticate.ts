import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import { type ApiKey, type AuthConfig, type Role, roles } from '../config.ts';
import { isLoopbackName } from '../loopback.ts';
import { HttpError } from './http-error.ts';
import { ownOriginOf } from './public-url.ts';

/** Who calls, and what they may do where. `project` is a name or `*`. */
export interface Principal {
  readonly name: string;
  readonly grants: readonly { readonly role: Role; readonly project: string }[];
}

/** The caller of a request. Throws HttpError: 401 for a missing or unknown key, 403 for a page of another origin. */
export const authenticate = (request: HttpRequest, auth: AuthConfig, corsOrigins: readonly string[]): Principal => {
  switch (auth.mode) {
    case 'none':
      if (auth.loopbackOnly) refuseForeignPages(request, corsOrigins);
      return { name: 'anonymous', grants: [{ role: 'contributor', project: '*' }] };
    case 'key':
      return keyHolder(request.headers, auth.apiKeys);
    default:
      return auth satisfies never;
  }
};

/** Each role may do what the ones before it may. Throws HttpError (403) when no grant reaches the role in the project. */
export const authorize = (principal: Principal, role: Role, project: string): void => {
  const isGranted = principal.grants.some(
    (grant) => (grant.project === '*' || grant.project === project) && roles.indexOf(grant.role) >= roles.indexOf(role),
  );
  if (isGranted) return;
  throw new HttpError(
    'forbidden',
    `${JSON.stringify(principal.name)} lacks the role ${role} for project ${JSON.stringify(project)}`,
  );
};

const keyHolder = (headers: Headers, apiKeys: readonly ApiKey[]): Principal => {
  const given = headers.get('api-key') ?? bearerOf(headers.get('authorization'));
  if (given === null) throw unauthorized('No API key; expected "api-key: KEY" or "Authorization: Bearer KEY"');
  // Compares every key: the time must tell neither which one came close nor how many stand before it.
  const held = apiKeys.filter((apiKey) => isSameSecret(apiKey.key, given));
  const [first] = held;
  if (first === undefined) throw unauthorized('The API key is not known');
  return { name: first.name, grants: held };
};

const bearerOf = (authorization: string | null): string | null =>
  /^Bearer +(\S+)$/i.exec(authorization?.trim() ?? '')?.[1] ?? null;

/** Compares digests: equal in length, whatever the caller sends. */
const isSameSecret = (a: string, b: string): boolean => timingSafeEqual(digestOf(a), digestOf(b));
const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const unauthorized = (message: string): HttpError =>
  new HttpError('unauthorized', message, { headers: { 'WWW-Authenticate': 'Bearer realm="agent-routines"' } });

/**
 * Without keys only the loopback address keeps others out, and a web page in a browser on this machine reaches it in
 * two ways. By DNS rebinding: the page's host name resolves here, then the Host is not loopback. Or across origins: then
 * the Origin is not this service's.
 */
const refuseForeignPages = (request: HttpRequest, corsOrigins: readonly string[]): void => {
  const own = ownOriginOf(request);
  const { hostname } = new URL(own);
  if (!isLoopbackName(hostname)) {
    throw new HttpError('forbidden', `Host ${JSON.stringify(hostname)} is not a loopback name; expected localhost`);
  }
  const origin = request.headers.get('origin');
  if (origin !== null && origin !== own && !corsOrigins.includes(origin)) {
    throw new HttpError(
      'forbidden',
      `Origin ${JSON.stringify(origin)} may not call; list it in CORS_ORIGINS to allow it`,
    );
  }
};
