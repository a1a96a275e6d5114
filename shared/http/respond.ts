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
 * Makes of a handler's reply, or its error, the response: nothing is thrown, because the platform answers that bare.
 * What is logged meanwhile is filed under this invocation.
 */
export const respond = async (
  { request, context }: Invocation,
  services: RespondServices,
  answer: () => Promise<Reply>,
): Promise<HttpResponseInit> => {
  const requestId = services.randomness.hex(16);
  const reply = await withLogSink(context, () =>
    answer().catch((error: unknown): Reply => {
      const refusal = toErrorReply(error);
      if (refusal !== null) {
        // Somebody without a key, or a client whose key was taken away: the operator finds either by this line.
        if (refusal.status === 401)
          services.log.warn('Caller is unknown', { requestId, function: context.functionName });
        return refusal;
      }
      services.log.error('HTTP request failed', { requestId, function: context.functionName, status: 500 }, error);
      return internalErrorReply(requestId);
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

/** Visible ASCII only, so that nobody's bytes become a header of ours. */
const echoedRequestId = (headers: Headers): Record<string, string> => {
  const id = headers.get('x-ms-client-request-id');
  return id !== null && /^[\x21-\x7e]{1,256}$/.test(id) ? { 'x-ms-client-request-id': id } : {};
};
