import type { HttpRequest } from '@azure/functions';
import type { Config } from '../config.ts';

/**
 * The address of this request as its caller knows it: under PUBLIC_BASE_URL if set, else behind the proxy that
 * TRUST_PROXY trusts, else at the Host it named. A caller that names a false Host gets false links; no other caller
 * sees them.
 */
export const publicUrlOf = (request: HttpRequest, config: Config['http']): URL => {
  const requested = new URL(request.url);
  const base = config.publicBaseUrl ?? callerBase(request.headers, requested, config.trustProxy);
  return new URL(`${base}${requested.pathname}`);
};

/** Scheme and host that the request was sent to, as its Host header says. */
export const ownOriginOf = (request: HttpRequest): string => callerBase(request.headers, new URL(request.url), false);

const callerBase = (headers: Headers, requested: URL, trustProxy: boolean): string => {
  const scheme = (trustProxy && firstOf(headers.get('x-forwarded-proto'))) || requested.protocol.replace(':', '');
  const host = (trustProxy && firstOf(headers.get('x-forwarded-host'))) || headers.get('host') || requested.host;
  const base = URL.parse(`${scheme}://${host}`);
  return base !== null && /^https?:$/.test(base.protocol) ? base.origin : requested.origin;
};

/** The first of a comma list is what the outermost proxy saw. */
const firstOf = (list: string | null): string | undefined => list?.split(',')[0]?.trim();
