import type { AgentCall, CallEnd } from '../app/ports/agent-caller.ts';
import type { AgentTimings } from '../app/timings.ts';

/** Up to when a call may go on. */
export interface CallLimit {
  /** Aborted when the call is to end before its answer has come. */
  readonly signal: AbortSignal;
  /** As `signal`, but of a cancelled run a grace later: for an answer without which nothing can be stopped. */
  readonly lateSignal: AbortSignal;
  /** What ended it; null while it may go on. */
  reached(): CallEnd | 'time' | null;
  /** For when the call is over: lets go of timer and run. */
  release(): void;
}

/**
 * One limit for the token, the headers and the body: the run's lease outlives it by a margin. Made by hand: what
 * AbortSignal.any and AbortSignal.timeout make together may be collected as garbage before its time comes, on several
 * versions of Node.
 */
export const limitCall = (
  { timeoutSeconds, signal }: Pick<AgentCall, 'timeoutSeconds' | 'signal'>,
  { answerGraceSeconds }: Pick<AgentTimings, 'answerGraceSeconds'>,
): CallLimit => {
  const controller = new AbortController();
  const late = new AbortController();
  let cause: CallEnd | 'time' | null = null;
  let grace: NodeJS.Timeout | undefined;
  const end = (by: CallEnd | 'time') => {
    cause ??= by;
    controller.abort();
    if (by === 'cancelled') grace = setTimeout(() => late.abort(), answerGraceSeconds * 1000);
    else late.abort();
  };
  const endWithRun = () => end(signal?.reason === 'taken_over' ? 'taken_over' : 'cancelled');
  const timer = setTimeout(() => end('time'), Math.round(timeoutSeconds * 1000));
  signal?.addEventListener('abort', endWithRun, { once: true });
  if (signal?.aborted) endWithRun();
  return {
    signal: controller.signal,
    lateSignal: late.signal,
    reached: () => cause,
    release: () => {
      clearTimeout(timer);
      clearTimeout(grace);
      signal?.removeEventListener('abort', endWithRun);
    },
  };
};

/** A signal that is aborted with another one, or when a request has taken its time. */
export const shorten = (
  whole: AbortSignal,
  timeoutSeconds?: number,
): { readonly signal: AbortSignal; readonly release: () => void } => {
  if (timeoutSeconds === undefined) return { signal: whole, release: () => {} };
  const controller = new AbortController();
  const end = () => controller.abort();
  const timer = setTimeout(end, Math.round(timeoutSeconds * 1000));
  whole.addEventListener('abort', end, { once: true });
  if (whole.aborted) end();
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      whole.removeEventListener('abort', end);
    },
  };
};
