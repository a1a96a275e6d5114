import type { AgentCall, CallEnd } from '../app/ports/agent-caller.ts';

/** Up to when a call may go on. */
export interface CallLimit {
  /** Aborted when the call is to end before its answer has come. */
  readonly signal: AbortSignal;
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
export const limitCall = ({ timeoutSeconds, signal }: Pick<AgentCall, 'timeoutSeconds' | 'signal'>): CallLimit => {
  const controller = new AbortController();
  let cause: CallEnd | 'time' | null = null;
  const end = (by: CallEnd | 'time') => {
    cause ??= by;
    controller.abort();
  };
  const endWithRun = () => end(signal?.reason === 'taken_over' ? 'taken_over' : 'cancelled');
  const timer = setTimeout(() => end('time'), Math.round(timeoutSeconds * 1000));
  signal?.addEventListener('abort', endWithRun, { once: true });
  if (signal?.aborted) endWithRun();
  return {
    signal: controller.signal,
    reached: () => cause,
    release: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', endWithRun);
    },
  };
};
