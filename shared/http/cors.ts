type HeaderMap = Readonly<Record<string, string>>;

/** Headers that let a page of a listed origin read the answer. Origins are compared as they are written. */
export const corsHeaders = (requestHeaders: Headers, allowedOrigins: readonly string[]): HeaderMap => {
  const origin = requestHeaders.get('origin');
  if (origin === null || !allowedOrigins.includes(origin)) return {};
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'x-request-id, x-ms-client-request-id, Retry-After, Allow',
  };
};

const requestHeaders = [
  'api-key',
  'authorization',
  'content-type',
  'foundry-features',
  'idempotency-key',
  'x-ms-client-request-id',
  'x-ms-useragent',
];

/** What a preflight is told beyond `corsHeaders`; browsers keep it for ten minutes. */
export const preflightHeaders = (methods: readonly string[]): HeaderMap => ({
  Allow: [...methods, 'OPTIONS'].join(', '),
  'Access-Control-Allow-Methods': methods.join(', '),
  'Access-Control-Allow-Headers': requestHeaders.join(', '),
  'Access-Control-Max-Age': '600',
});
