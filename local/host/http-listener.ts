import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIP } from 'node:net';
import { HostError } from './host-error.ts';
import { bodyLength, maxBodyBytes, readBody, toRpcRequest } from './http-request.ts';
import { sendFunctionResponse } from './http-response.ts';
import type { Invoke } from './invoker.ts';
import type { HttpFunction } from './registered-function.ts';
import { parseRequestTarget, type RequestTarget } from './request-target.ts';
import { matchRoute } from './route-template.ts';

export interface HttpListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** How long a function may take to answer. Azure's load balancer then answers 502, and the function runs on. */
  readonly answerSeconds: number;
}

export interface HttpListener {
  readonly url: string;
  /** Accepts no more connections; resolves when the requests under way are answered. */
  stop(): Promise<void>;
  /** Drops the connections that are left. */
  destroy(): void;
}

/** Kestrel's limits: 8 KiB for the request line, 32 KiB for the headers. */
const maxHeaderBytes = 40 * 1024;
const keepAliveMilliseconds = 130_000;

/** Throws a `HostError` when the address can't be had. */
export const startHttpListener = async (
  options: HttpListenerOptions,
  functions: readonly HttpFunction[],
  invoke: Invoke,
): Promise<HttpListener> => {
  const { host, port, tls, answerSeconds } = options;
  let stopping = false;
  const listener: RequestListener = (request, response) => {
    // A connection kept alive after its last answer would hold up the end until it times out.
    response.once('close', () => stopping && server.closeIdleConnections());
    void answer(request, response, { functions, invoke, answerSeconds, scheme: tls ? 'https' : 'http' });
  };
  const limits = { maxHeaderSize: maxHeaderBytes, keepAliveTimeout: keepAliveMilliseconds };
  const server = tls ? createTlsServer({ ...limits, ...tls }, listener) : createServer(limits, listener);
  await listen(server, host, port);
  const address = server.address();
  const actualPort = address !== null && typeof address === 'object' ? address.port : port;
  return {
    url: `${tls ? 'https' : 'http'}://${isIP(host) === 6 ? `[${host}]` : host}:${actualPort}`,
    stop: () => {
      stopping = true;
      return new Promise((resolve) => void server.close(() => resolve()));
    },
    destroy: () => server.closeAllConnections(),
  };
};

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'the port is in use; set another PORT' : error.message;
      reject(new HostError(`Can't listen on ${host}:${port}: ${reason}`));
    });
    server.listen(port, host, resolve);
  });

interface Site {
  readonly functions: readonly HttpFunction[];
  readonly invoke: Invoke;
  readonly answerSeconds: number;
  readonly scheme: 'http' | 'https';
}

const answer = async (request: IncomingMessage, response: ServerResponse, site: Site): Promise<void> => {
  const target = parseRequestTarget(request.url ?? '');
  const origin = `${site.scheme}://${request.headers.host || 'localhost'}`;
  if (target === undefined || !isOrigin(origin)) return refuse(request, response, 400);
  const route = findRoute(site.functions, request.method ?? '', target);
  if (route === undefined) return refuse(request, response, 404);
  if (bodyLength(request) > maxBodyBytes) return refuse(request, response, 413);
  const timeout = setTimeout(() => sendStatus(response, 502), site.answerSeconds * 1000);
  response.once('close', () => clearTimeout(timeout));
  try {
    const body = await readBody(request);
    const http = toRpcRequest(request, origin, target, route.parameters, body);
    const outcome = await site.invoke(route.called, { http }, {});
    if (response.headersSent) return;
    if (outcome.kind === 'succeeded') sendFunctionResponse(response, outcome.response, request.method === 'HEAD');
    else sendStatus(response, 500);
  } catch {
    // Either the client left while it sent the body, or the function returned what HTTP can't carry.
    sendStatus(response, 500);
  }
};

/** Scheme and host, and nothing that a Host header may not hold: no user, no path. */
const isOrigin = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && url.username === '' && url.password === '' && url.href === `${url.origin}/`;
};

const findRoute = (functions: readonly HttpFunction[], method: string, { path }: RequestTarget) => {
  for (const called of functions) {
    const parameters = called.methods.includes(method) ? matchRoute(called.template, path) : undefined;
    if (parameters !== undefined) return { called, parameters };
  }
  return undefined;
};

/** A short body is read to its end, so that the connection stays usable; a body past the limit costs the connection. */
const refuse = (request: IncomingMessage, response: ServerResponse, status: number): void => {
  if (bodyLength(request) > maxBodyBytes) response.setHeader('Connection', 'close');
  else request.resume();
  sendStatus(response, status);
};

const sendStatus = (response: ServerResponse, status: number): void => {
  if (response.headersSent) return;
  for (const name of response.getHeaderNames()) if (name !== 'connection') response.removeHeader(name);
  response.writeHead(status, { 'Content-Length': '0' });
  response.end();
};
