import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../../shared/app/ports/log.ts';
import { createBackgroundWorks } from './background-work.ts';
import type { SampleRequest } from './route.ts';
import { answerRequest } from './routes.ts';
import { createRunningInvocations } from './running-invocations.ts';
import { createSampleAgents } from './sample-agents.ts';
import { createThreads } from './threads.ts';
import { errorAnswer, type WireAnswer } from './wire.ts';

export interface SampleAgentOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly log: Log;
  /** How long slow-agent, streaming-agent, asst_slow and those that accept work take, in seconds. */
  readonly slowSeconds?: number;
  /** The time that thread runs and accepted work go by; the machine's by default. */
  readonly now?: () => Date;
}

/** One POST that the service has seen. `headers` are without credentials; `status` comes with the answer. */
export interface SampleCall {
  readonly receivedAt: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  status?: number;
  /** The caller closed the connection before it had the whole answer. */
  isBrokenOff?: true;
  /** Whole, or broken off. */
  isOver?: true;
}

export interface SampleAgentServer {
  /** What AGENT_PROJECT_ENDPOINT takes: `http://127.0.0.1:7072/api/projects/{project}`. */
  readonly url: string;
  /** `http://127.0.0.1:7072`; `GET {origin}/calls` answers what `calls` holds. */
  readonly origin: string;
  /** The newest thousand calls, oldest first. */
  readonly calls: readonly SampleCall[];
  /** Ends every connection, also one that waits for slow-agent. */
  close(): Promise<void>;
}

/** Agents to try routines with, on this machine, without an account. Rejects when the port is taken. */
export const startSampleAgent = async (options: SampleAgentOptions): Promise<SampleAgentServer> => {
  const { slowSeconds = 60, now = () => new Date() } = options;
  const service = {
    agents: createSampleAgents(slowSeconds),
    running: createRunningInvocations(),
    works: createBackgroundWorks(now),
    threads: createThreads(slowSeconds, now),
  };
  const calls: SampleCall[] = [];
  const closing = new AbortController();

  const answer = async (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    signal: AbortSignal,
  ): Promise<WireAnswer> => {
    const request = await readRequest(incoming, signal);
    if (request === null) return errorAnswer(413, 'payload_too_large', `The body has more than ${maxBodyBytes} bytes`);
    if (request.method === 'GET' && request.url.pathname === '/calls') return { status: 200, body: { data: calls } };
    if (request.method !== 'POST') return answerRequest(request, service);
    const call = recordCall(calls, request);
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) call.isBrokenOff = true;
      call.isOver = true;
    });
    const given = await answerRequest(request, service);
    call.status = given.status;
    options.log.info('The sample agent was called', { path: call.path, status: given.status });
    return given;
  };

  const server = createServer((incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    answer(incoming, outgoing, AbortSignal.any([gone.signal, closing.signal]))
      .catch((error: unknown) => toFailure(error, incoming.socket.destroyed || closing.signal.aborted, options.log))
      .then((given) => send(outgoing, given))
      .catch((error: unknown) => options.log.error('The sample agent failed within its answer', {}, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });

  const origin = originOf(options.host, server.address());
  return {
    url: `${origin}/api/projects/{project}`,
    origin,
    calls,
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        service.running.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const maxBodyBytes = 1024 * 1024;
const credentialHeaders = new Set(['authorization', 'api-key', 'cookie', 'proxy-authorization']);
const rememberedCalls = 1000;

/** Null when the body is too long; it is read to its end all the same, so that the caller gets to read the answer. */
const readRequest = async (incoming: IncomingMessage, signal: AbortSignal): Promise<SampleRequest | null> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  if (bytes > maxBodyBytes) return null;
  const headers = Object.fromEntries(
    Object.entries(incoming.headers)
      .filter(([name]) => !credentialHeaders.has(name))
      .map(([name, value]) => [name, String(value)]),
  );
  const url = new URL(incoming.url ?? '/', 'http://sample-agent');
  return { method: incoming.method ?? 'GET', url, headers, body: Buffer.concat(chunks).toString('utf8'), signal };
};

const recordCall = (calls: SampleCall[], { url, headers, body }: SampleRequest): SampleCall => {
  const call: SampleCall = { receivedAt: new Date().toISOString(), path: url.pathname + url.search, headers, body };
  calls.push(call);
  if (calls.length > rememberedCalls) calls.shift();
  return call;
};

/** A connection that is gone takes no answer. Anything else is a fault of this service. */
const toFailure = (error: unknown, isGone: boolean, log: Log): WireAnswer => {
  if (!isGone) log.error('The sample agent failed', {}, error);
  return errorAnswer(500, 'internal_error', 'The sample agent failed');
};

const send = async (outgoing: ServerResponse, answer: WireAnswer): Promise<void> => {
  const { status, headers, body, events, write } = answer;
  if (write !== undefined) return outgoing.destroyed ? undefined : write(outgoing);
  if (!outgoing.destroyed) outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
  // To the end, also when the caller is gone: an agent finishes its work.
  for await (const event of events ?? []) {
    if (!outgoing.destroyed) outgoing.write(`data: ${JSON.stringify(event)}\n\n`);
  }
  if (!outgoing.destroyed) outgoing.end(events === undefined ? JSON.stringify(body) : '');
};

const originOf = (host: string, address: AddressInfo | string | null): string => {
  const port = typeof address === 'object' ? address?.port : undefined;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
};
