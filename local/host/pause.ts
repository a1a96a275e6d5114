/** Timers of Node hold 31 bits; longer waits are cut, so callers wait in a loop for an instant. */
const longestMilliseconds = 2 ** 31 - 1;

/** Resolves after that time, or at once when the signal is aborted. Never rejects. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(Math.max(milliseconds, 0), longestMilliseconds));
    signal.addEventListener('abort', done, { once: true });
  });
