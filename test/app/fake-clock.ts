import type { Clock } from '../../shared/clock.ts';

export interface FakeClock extends Clock {
  /** Moves on, or back when it is negative. */
  advance(seconds: number): void;
  set(instant: Date): void;
}

/**
 * Time moves on by the test and by sleeps, and else stands still. A sleep that a signal can end waits in
 * the background instead: for that signal, or for the time to come.
 */
export const createFakeClock = (start: string): FakeClock => {
  let now = new Date(start).getTime();
  let sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  const moveTo = (instant: number): void => {
    now = instant;
    const due = sleepers.filter(({ until }) => until <= now);
    sleepers = sleepers.filter(({ until }) => until > now);
    for (const { wake } of due) wake();
  };
  return {
    now: () => new Date(now),
    sleep: async (milliseconds, signal) => {
      if (signal === undefined) return moveTo(now + milliseconds);
      if (signal.aborted) return;
      await new Promise<void>((wake) => {
        sleepers.push({ until: now + milliseconds, wake });
        signal.addEventListener('abort', () => wake(), { once: true });
      });
    },
    advance: (seconds) => moveTo(now + seconds * 1000),
    set: (instant) => moveTo(instant.getTime()),
  };
};
