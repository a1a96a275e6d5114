import type { Clock } from '../../shared/clock.ts';

/** One instant on both clocks, in milliseconds. */
export interface Moment {
  /** The time that passes. Outages last by it, and the queue, which is another machine, goes by it. */
  readonly real: number;
  /** What the service's own clock shows. */
  readonly shown: number;
}

export interface SimulatedTime {
  readonly moment: Moment;
  readonly realClock: Pick<Clock, 'now'>;
  /** The service's clock. A sleep lets the time pass at once. */
  readonly shownClock: Clock;
  /** Does nothing when that time has passed. */
  advanceTo(real: number): void;
  /** Puts the service's clock forward, or back when it is negative. */
  stepClock(seconds: number): void;
}

/** Real time only passes; the service's clock runs with it, as far off as its steps have put it. */
export const createSimulatedTime = (start: number): SimulatedTime => {
  let real = start;
  let ahead = 0;
  return {
    get moment() {
      return { real, shown: real + ahead };
    },
    realClock: { now: () => new Date(real) },
    shownClock: {
      now: () => new Date(real + ahead),
      // What a signal can end runs beside the call of an agent, and those take no time here.
      sleep: async (milliseconds, signal) => {
        if (signal === undefined) real += milliseconds;
        else await aborted(signal);
      },
    },
    advanceTo: (until) => {
      real = Math.max(real, until);
    },
    stepClock: (seconds) => {
      ahead += seconds * 1000;
    },
  };
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
