import * as z from 'zod';

/** The fields in which the identity library and the network say what happened. All of them may be missing. */
const identityError = z.object({
  name: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  errorCode: z.string().optional().catch(undefined),
  statusCode: z.number().optional().catch(undefined),
  cause: z.unknown().optional(),
  errors: z.array(z.unknown()).optional().catch(undefined),
});

const networkCodes = new Set([
  'REQUEST_SEND_ERROR',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'ENETUNREACH',
  'EHOSTUNREACH',
]);

/**
 * Names that MSAL gives an outage. They are looked for in the text as well: EnvironmentCredential wraps every failure
 * in an AuthenticationError with status 400, whose message is all that is left of it.
 */
const outage = /\b(network_error|endpoints_resolution_error|server_error|temporarily_unavailable)\b/;

const refusalNames = new Set([
  'AuthenticationError',
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
  'AggregateAuthenticationError',
]);

/**
 * `unreachable`: the token service did not answer, or not as one does; another attempt may succeed. `refused`: it said
 * no, or there is no credential to ask with. An outage anywhere in a chain of credentials is an outage, because it may
 * have hit the one credential that works.
 */
export const judgeIdentityFailure = (error: unknown): 'unreachable' | 'refused' => {
  const nodes = flatten(error, 0);
  if (nodes.some(isOutage)) return 'unreachable';
  return nodes.some(({ name }) => refusalNames.has(name ?? '')) ? 'refused' : 'unreachable';
};

type IdentityError = z.infer<typeof identityError>;

const isOutage = ({ name, message, code, errorCode, statusCode }: IdentityError): boolean =>
  name === 'AbortError' ||
  networkCodes.has(code ?? '') ||
  outage.test(errorCode ?? '') ||
  outage.test(message ?? '') ||
  (statusCode !== undefined && (statusCode === 408 || statusCode === 429 || statusCode >= 500));

const maxDepth = 5;

const flatten = (error: unknown, depth: number): readonly IdentityError[] => {
  const { data } = identityError.safeParse(error);
  if (data === undefined || depth > maxDepth) return [];
  return [data, ...[data.cause, ...(data.errors ?? [])].flatMap((inner) => flatten(inner, depth + 1))];
};
