import { truncateErrorMessage } from '../domain/progress/call-verdict.ts';
import { describeErrorBody } from '../domain/progress/describe-error.ts';
import { withNotes } from '../domain/progress/error-notes.ts';
import { pageTitleOf } from '../domain/progress/html-page.ts';
import type { AttemptOutcome } from '../domain/progress/run-progress.ts';
import type { RunError } from '../domain/run.ts';
import { truncateText } from '../domain/truncate-text.ts';
import { type HttpAnswer, readIdentifierHeader } from './agent-protocol.ts';
import { describeConnectionFailure } from './http-exchange.ts';

/** The platform's own name of a failure is better than the agent's, and that is better than ours. */
export const httpErrorOf = (answer: HttpAnswer): RunError => {
  const { status, headers, stream, isTokenRefused = false } = answer;
  const text = stream?.text ?? answer.text;
  const { code, message } = stream?.failure ?? describeErrorBody(text);
  const title = pageTitleOf(text, isMarkup(headers));
  return {
    statusCode: status,
    type: platformErrorOf(answer) ?? code ?? (isTokenRefused ? 'identity_error' : 'http_error'),
    message: withSource(
      answer,
      title === undefined && message !== undefined ? message : answeredWith(answer, title, code),
    ),
  };
};

/** Of an error that says nothing in a form that is known here, the beginning of its body says it. */
const answeredWith = ({ status, statusText, headers, stream, text }: HttpAnswer, title?: string, code?: string) => {
  const location = headers.get('location');
  const redirect = location === null ? '' : `, a redirect to ${location}, which is not followed`;
  const beginning = title ?? (code === undefined ? beginningOf(stream?.text ?? text) : '');
  const said = beginning === '' ? challengeOf(headers) : beginning;
  return `The agent answered ${`${status} ${statusText}`.trim()}${redirect}${said === '' ? '' : `: ${said}`}`;
};

/** Why a token is refused often stands there alone (RFC 6750, 3). */
const challengeOf = (headers: Headers): string =>
  /\berror_description="([^"]{1,500})"/i.exec(headers.get('www-authenticate') ?? '')?.[1] ?? '';

const maxBeginningLength = 400;

/** The beginning of a body that no message was found in; nothing of one that is empty. */
export const beginningOf = (text: string): string => {
  const beginning = text
    .slice(0, 4 * maxBeginningLength)
    .replace(/\s+/g, ' ')
    .trim();
  return /^(?:\{ ?\}|\[ ?\]|null|"")?$/.test(beginning) ? '' : truncateText(beginning, maxBeginningLength);
};

/** Its sender says that it is HTML. */
export const isMarkup = (headers: Headers): boolean =>
  /^(?:text\/html|application\/xhtml)/i.test(headers.get('content-type') ?? '');

/** Hosted agents say with each error whose it is: the user's, the platform's, or the agent's (`upstream`). */
export const withSource = ({ headers }: HttpAnswer, message: string): string => {
  const source = readIdentifierHeader(headers, 'x-platform-error-source');
  return withNotes(message, source === undefined ? [] : [`error source: ${source.slice(0, 64)}`]) ?? message;
};

/** The platform's own name of a failure, where it gives one. */
export const platformErrorOf = ({ headers }: HttpAnswer): string | undefined =>
  readIdentifierHeader(headers, 'x-adc-response-details');

/** Of an answer that should be something else, and is a page. */
export const pageNote = ({ text, headers }: HttpAnswer): string => {
  const title = pageTitleOf(text, isMarkup(headers));
  return title === undefined ? '' : `; it is a page: ${title}`;
};

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
