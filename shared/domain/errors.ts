/**
 * Errors a caller can act on: one class per outcome. `code` is the wire's error code; http/errors.ts is the one
 * place that turns them into responses. Whatever is not an AppError is a bug or an outage: 500, logged, no details.
 */
export abstract class AppError extends Error {
  abstract override readonly name: string;
  abstract readonly code: string;
}

/** One thing that is wrong with what the caller sent. `param` is a JSON path, a header or a query parameter. */
export interface Problem {
  readonly code: InvalidRequestCode;
  readonly message: string;
  readonly param?: string;
}

export type InvalidRequestCode =
  | 'invalid_request'
  | 'invalid_cron_expression'
  | 'interval_too_short'
  | 'invalid_time_zone'
  | 'timer_in_past'
  | 'invalid_filter'
  | 'unsupported_api_version'
  | 'agent_not_found'
  | 'agent_identity_required'
  | 'payload_type_mismatch';

/** The request can never succeed as it stands (400). Several problems come together. */
export class InvalidRequestError extends AppError {
  override readonly name = 'InvalidRequestError';
  readonly code: InvalidRequestCode;
  readonly problems: readonly [Problem, ...Problem[]];
  constructor(first: Problem, ...more: readonly Problem[]) {
    super(first.message);
    this.problems = [first, ...more];
    this.code = more.length === 0 ? first.code : 'invalid_request';
  }
}

export class NotFoundError extends AppError {
  override readonly name = 'NotFoundError';
  readonly code: 'routine_not_found' | 'run_not_found' | 'not_found';
  constructor(code: NotFoundError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * What stands is in the way (409): a concurrent write that was lost time and again, an archived routine, a run that has
 * ended or has not, an idempotency key that came with another body.
 */
export class ConflictError extends AppError {
  override readonly name = 'ConflictError';
  readonly code = 'conflict';
}

/** Storage does not answer, or says it is too busy. Nothing is known about the write it answered. */
export class StorageUnavailableError extends AppError {
  override readonly name = 'StorageUnavailableError';
  readonly code = 'internal_error';
}

/** The agent service does not say what it was asked, and there is nothing else to answer with. */
export class AgentServiceError extends AppError {
  override readonly name = 'AgentServiceError';
  readonly code = 'internal_error';
}

/** This host's clock is ahead of storage's: what it takes for due or missed may still be to come. */
export class ClockAheadError extends Error {
  override readonly name = 'ClockAheadError';
}

/** A trigger that was accepted and can be computed no more: its zone or its expression is unknown to this runtime. */
export class UnusableTriggerError extends RangeError {
  override readonly name = 'UnusableTriggerError';
}
