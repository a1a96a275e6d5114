import { describeErrorBody, truncateErrorMessage } from '../domain/progress/call-verdict.ts';
import type { AttemptOutcome } from '../domain/progress/run-progress.ts';
import type { RunError } from '../domain/run.ts';
import { type HttpAnswer, readIdentifierHeader } from './agent-protocol.ts';
import { describeConnectionFailure } from './http-exchange.ts';

/** The platform's own name of a failure is better than the agent's, and that is better than ours. */
export const httpErrorOf = (answer: HttpAnswer): RunError => {
  const { status, statusText, headers, stream, isTokenRefused = false } = answer;
  const { code, message } = stream?.failure ?? describeErrorBody(stream?.text ?? answer.text);
  const location = headers.get('location');
  const redirect = location === null ? '' : `, a redirect to ${location}, which is not followed`;
  return {
    statusCode: status,
    type: platformErrorOf(answer) ?? code ?? (isTokenRefused ? 'identity_error' : 'http_error'),
    message: message ?? `The agent answered ${`${status} ${statusText}`.trim()}${redirect}`,
  };
};

/** The platform's own name of a failure, where it gives one. */
export const platformErrorOf = ({ headers }: HttpAnswer): string | undefined =>
  readIdentifierHeader(headers, 'x-adc-response-details');

/** What is said of an answer that is longer than what is kept of it, where its end would have to be known. */
export const tooLong = ({ text }: HttpAnswer): string =>
  `The answer is longer than the ${text.length} characters that are read: its outcome is unknown`;

export const timedOut = (seconds: number): RunError => ({
  type: 'timeout',
  message: `The agent did not answer in full within ${seconds} s`,
});

export const disconnected = (url: string, error: unknown): RunError => ({
  type: 'connection_error',
  message: `${new URL(url).origin}: ${describeConnectionFailure(error)}`,
});

/** Outcome of an aborted call; never recorded, the delivery that aborted it owns the run now. */
export const brokenOff: RunError = {
  type: 'cancelled',
  message: 'The call was broken off: its run was cancelled, or another delivery has it now',
};

export const terminal = (error: RunError): AttemptOutcome & { readonly kind: 'terminal' } => ({
  kind: 'terminal',
  error: withShortMessage(error),
});

export const retryable = (error: RunError): AttemptOutcome & { readonly kind: 'retryable' } => ({
  kind: 'retryable',
  error: withShortMessage(error),
});

export const withShortMessage = (error: RunError): RunError => ({
  ...error,
  message: truncateErrorMessage(error.message),
});
