import {
  AgentServiceError,
  ConflictError,
  InvalidRequestError,
  NotFoundError,
  type Problem,
} from '../domain/errors.ts';
import { HttpError } from './http-error.ts';
import type { Reply } from './reply.ts';

/**
 * The answer to an error, the same shape from every path: clients of this contract fail on a body without `error`.
 * Null for a bug or an outage of storage: see `internalErrorReply`.
 */
export const toErrorReply = (error: unknown): Reply | null => {
  if (error instanceof HttpError) return { ...reply(error.status, error), headers: error.headers };
  if (error instanceof InvalidRequestError) return invalidRequestReply(error.problems);
  if (error instanceof NotFoundError) return reply(404, error);
  if (error instanceof ConflictError) return reply(409, error);
  if (error instanceof AgentServiceError) return serverErrorReply(error);
  return null;
};

/** Says nothing of the cause; the log has it under the same request id. */
export const internalErrorReply = (requestId: string): Reply =>
  serverErrorReply({
    code: 'internal_error',
    message: `The service could not answer this request. Try again; if it goes on, look for request ${requestId} in the log.`,
  });

const serverErrorReply = ({ code, message }: WireError): Reply => ({
  status: 500,
  body: { error: { code, message, type: 'server_error' } },
});

interface WireError {
  readonly code: string;
  readonly message: string;
  readonly param?: string;
}

const reply = (status: number, error: WireError, details?: readonly WireError[]): Reply => ({
  status,
  body: { error: { ...wireError(error), type: 'invalid_request_error', ...(details && { details }) } },
});

const wireError = ({ code, message, param }: WireError): WireError => ({
  code,
  message,
  ...(param !== undefined && { param }),
});

const invalidRequestReply = (problems: readonly [Problem, ...Problem[]]): Reply => {
  const [first, ...more] = problems;
  if (more.length === 0) return reply(400, first);
  const message = `${problems.length} problems, each in details; the first: ${first.message}`;
  return reply(400, { code: 'invalid_request', message }, problems.map(wireError));
};
