import type { IncomingMessage } from 'node:http';
import { parseQuery, type RequestTarget } from './request-target.ts';
import type { NullableString, RpcHttpRequest } from './worker-protocol.ts';

/** The platform's limit for a request's body. */
export const maxBodyBytes = 100 * 1024 * 1024;

/** Of the `Content-Length` header; 0 without one, also for a chunked body, whose bytes the platform never passes on. */
export const bodyLength = (request: IncomingMessage): number => Number(request.headers['content-length'] ?? 0);

/** The request as a function receives it. `origin` is scheme and host as the client named them. */
export const toRpcRequest = (
  request: IncomingMessage,
  origin: string,
  target: RequestTarget,
  parameters: Readonly<Record<string, string>>,
  body: Uint8Array | undefined,
): RpcHttpRequest => ({
  method: request.method ?? '',
  url: `${origin}${target.encodedPath}${target.query}`,
  nullableHeaders: toNullable(
    Object.entries(request.headersDistinct).map(([name, values = []]) => [name, values.join(',')]),
  ),
  nullableParams: toNullable(Object.entries(parameters)),
  nullableQuery: toNullable(parseQuery(target.query)),
  ...(body === undefined ? {} : { body: { bytes: body } }),
});

const toNullable = (entries: Iterable<readonly [string, string]>): Record<string, NullableString> =>
  Object.fromEntries([...entries].map(([name, value]) => [name, { value }]));

/** The whole body, or undefined when there is none. Rejects when the client leaves before it is sent. */
export const readBody = async (request: IncomingMessage): Promise<Uint8Array | undefined> => {
  if (!(bodyLength(request) > 0)) {
    request.resume();
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};
