/** The only reader of the clock. Everything else takes the instant, or this port, as an argument. */
export interface Clock {
  now(): Date;
  /** Resolves after that many milliseconds, or at once when the signal is aborted. Never rejects. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal?.addEventListener('abort', done, { once: true });
    }),
};

/** Acts again and again, that many milliseconds apart. */
export type Repeat = (milliseconds: number, act: () => void) => void;

/** Keeps no process from ending. */
export const systemRepeat: Repeat = (milliseconds, act) => {
  setInterval(act, milliseconds).unref();
};
