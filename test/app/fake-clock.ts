import type { Clock } from '../../shared/clock.ts';

export interface FakeClock extends Clock {
  /** Moves on, or back when it is negative. */
  advance(seconds: number): void;
  set(instant: Date): void;
}

/** Time stands still but for the test, and for whoever sleeps: a sleep moves it on. */
export const createFakeClock = (start: string): FakeClock => {
  let now = new Date(start).getTime();
  return {
    now: () => new Date(now),
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
    advance: (seconds) => {
      now += seconds * 1000;
    },
    set: (instant) => {
      now = instant.getTime();
    },
  };
};
