import type { RetryPolicy } from '../domain/progress/run-progress.ts';
import type { Timings } from './timings.ts';

/** How far ahead slots are sent, and how late they may fire. */
export interface ScheduleWindow {
  readonly lookaheadSeconds: number;
  readonly misfireGraceSeconds: number;
}

/**
 * What a PUT asks of the agent that its routine is to call. `exists`: it is there. `identity`: an agent of the project
 * must have one of its own, too.
 */
export type AgentValidation = 'off' | 'exists' | 'identity';

/** What an operator may set, and the times behind it. */
export interface ServiceSettings {
  readonly window: ScheduleWindow;
  /** Between two fires of a trigger. */
  readonly minIntervalSeconds: number;
  readonly agentValidation: AgentValidation;
  readonly retryPolicy: RetryPolicy;
  /** For one call of an agent, headers and body. */
  readonly attemptTimeoutSeconds: number;
  /** For work that the agent accepts and does by itself, from the start of its attempt; undefined: what fits the action. */
  readonly runDeadlineSeconds: number | undefined;
  /** Not an operator's to set, but a test's to shorten. */
  readonly timings: Timings;
}
