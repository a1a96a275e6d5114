import type { ServerResponse } from 'node:http';
import type { InvocationResponse, RpcHttpCookie } from './worker-protocol.ts';

/** The connection is the host's own; the length follows from the body. */
const hostHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'upgrade', 'trailer']);

/** Sends what a function returned; nothing returned is 200 without a body. */
export const sendFunctionResponse = (
  response: ServerResponse,
  { returnValue }: InvocationResponse,
  isHead: boolean,
): void => {
  const http = returnValue?.http;
  const body = http?.body?.bytes ?? new Uint8Array();
  for (const [name, value] of Object.entries(http?.headers ?? {})) {
    if (!hostHeaders.has(name.toLowerCase())) response.setHeader(name, value);
  }
  const cookies = http?.cookies ?? [];
  if (cookies.length > 0) response.setHeader('Set-Cookie', cookies.map(formatCookie));
  if (isHead) response.setHeader('Content-Length', headLength(http?.headers, body));
  response.writeHead(Number(http?.statusCode ?? 200));
  response.end(isHead ? undefined : body);
};

/** The answer to HEAD has no body, so a function may say itself how long it would be. */
const headLength = (headers: Readonly<Record<string, string>> = {}, body: Uint8Array): string => {
  const named = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-length');
  return named?.[1] ?? String(body.length);
};

const sameSiteNames = { none: undefined, lax: 'lax', strict: 'strict', explicitNone: 'none' } as const;

/** As ASP.NET Core writes it: the value escaped, the attributes in this order, `/` where no path is given. */
const formatCookie = (cookie: RpcHttpCookie): string => {
  const parts = [`${cookie.name}=${encodeURIComponent(cookie.value)}`];
  if (cookie.expires) parts.push(`expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`);
  if (cookie.maxAge) parts.push(`max-age=${Math.floor(cookie.maxAge.value)}`);
  if (cookie.domain) parts.push(`domain=${cookie.domain.value}`);
  parts.push(`path=${cookie.path?.value ?? '/'}`);
  if (cookie.secure?.value) parts.push('secure');
  const sameSite = sameSiteNames[cookie.sameSite ?? 'none'];
  if (sameSite) parts.push(`samesite=${sameSite}`);
  if (cookie.httpOnly?.value) parts.push('httponly');
  return parts.join('; ');
};
