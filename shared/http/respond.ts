import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { Log } from '../app/ports/log.ts';
import type { Config } from '../config.ts';
import { withLogSink } from '../log.ts';
import type { Randomness } from '../randomness.ts';
import { corsHeaders } from './cors.ts';
import { internalErrorReply, toErrorReply } from './errors.ts';
import type { Reply } from './reply.ts';

export interface RespondServices {
  readonly config: Pick<Config, 'http'>;
  readonly log: Log;
  readonly randomness: Randomness;
}

/** A function that never throws. */
export type HttpFunction = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

export interface Invocation {
  readonly request: HttpRequest;
  readonly context: InvocationContext;
}

/**
 * Turns a handler's reply or error into the response. Nothing is thrown: to a thrown error the platform answers without
 * a body. What is logged meanwhile is filed under this invocation.
 */
export const respond = async (
  { request, context }: Invocation,
  services: RespondServices,
  answer: () => Promise<Reply>,
): Promise<HttpResponseInit> => {
  const requestId = services.randomness.hex(16);
  const { method, url } = request;
  const facts = { requestId, function: context.functionName, method, path: new URL(url).pathname };
  const reply = await withLogSink(context, () =>
    answer().catch((error: unknown) => {
      const refusal = toErrorReply(error);
      logError(services.log, { ...facts, status: refusal?.status ?? 500 }, { error, isRefused: refusal !== null });
      return refusal ?? internalErrorReply(requestId);
    }),
  );
  return {
    status: reply.status,
    headers: {
      ...reply.headers,
      ...corsHeaders(request.headers, services.config.http.corsOrigins),
      ...echoedRequestId(request.headers),
      'x-request-id': requestId,
      'Cache-Control': 'no-store',
      Vary: ['User-Agent', 'x-ms-useragent', ...(services.config.http.corsOrigins.length > 0 ? ['Origin'] : [])].join(
        ', ',
      ),
      'X-Content-Type-Options': 'nosniff',
    },
    ...(reply.body !== undefined && { jsonBody: reply.body }),
  };
};

interface ErrorFacts {
  readonly requestId: string;
  readonly function: string;
  readonly method: string;
  /** Names project, routine and run, so that the line says enough by itself. */
  readonly path: string;
  readonly status: number;
}

/** Logs what an operator has to know. A refusal that the caller can mend is told to the caller only. */
const logError = (log: Log, facts: ErrorFacts, { error, isRefused }: { error: unknown; isRefused: boolean }): void => {
  if (!isRefused) {
    log.error('HTTP request failed', { ...facts }, error);
  } else if (facts.status >= 500) {
    // The caller is told why; a stack would say no more to the operator.
    log.warn('HTTP request failed', { ...facts, cause: error instanceof Error ? error.message : String(error) });
  } else if (facts.status === 401) {
    // A stranger, or a client whose key was taken away: the operator finds either by this line.
    log.warn('Caller is unknown', { ...facts });
  }
};

/** Visible ASCII only: a caller must not choose other bytes of a response header. */
const echoedRequestId = (headers: Headers): Record<string, string> => {
  const id = headers.get('x-ms-client-request-id');
  return id !== null && /^[\x21-\x7e]{1,256}$/.test(id) ? { 'x-ms-client-request-id': id } : {};
};
