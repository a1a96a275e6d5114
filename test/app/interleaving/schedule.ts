import type { Clock } from '../../../shared/clock.ts';

/**
 * What befalls a step, a request to storage as a rule.
 * `unavailable`: not carried out, and the actor is told so. `lost_answer`: carried out, and the actor is told that it
 * was not. `repeated`: carried out, its answer lost, and the client repeats it after others had their turn.
 * `crash_before`, `crash_after`: the actor's process ends.
 */
export type Fault = 'none' | 'unavailable' | 'lost_answer' | 'repeated' | 'crash_before' | 'crash_after';

/** One decision of the explorer: whose step comes next and what befalls it, or that time passes first, or who comes. */
export type Turn<Operation = string> =
  /** `pick` counts those that can go on, the one that ran last first; -1 is the one that came last. */
  | { readonly kind: 'step'; readonly pick: number; readonly fault: Fault }
  | { readonly kind: 'operation'; readonly operation: Operation }
  | { readonly kind: 'time'; readonly seconds: number };

interface Waiting {
  readonly actor: string;
  readonly label: string;
  readonly from: number;
  resume(fault: Fault): void;
}

export interface InterleavedClock extends Clock {
  now(): Date;
}

/**
 * Runs actors one step at a time. Every request of an actor waits here until it is chosen; between two requests an
 * actor runs on undisturbed, so that these choices are all that tells one execution from another.
 */
export const createSchedule = (start: Date) => {
  let now = start.getTime();
  let last = '';
  const waiting: Waiting[] = [];
  const trace: string[] = [];

  const wait = (actor: string, label: string, from: number): Promise<Fault> =>
    new Promise((resolve) => waiting.push({ actor, label, from, resume: resolve }));

  const resume = (chosen: Waiting, fault: Fault): void => {
    waiting.splice(waiting.indexOf(chosen), 1);
    last = chosen.actor;
    trace.push(
      `${new Date(now).toISOString().slice(11, 23)} ${chosen.actor}: ${chosen.label}${fault === 'none' ? '' : ` (${fault})`}`,
    );
    chosen.resume(fault);
  };

  /** Those that can go on now, the one that ran last before the others. */
  const ready = (): readonly Waiting[] =>
    waiting.filter(({ from }) => from <= now).toSorted((a, b) => Number(b.actor === last) - Number(a.actor === last));

  return {
    trace,
    now: () => new Date(now),
    wait,
    /** Lets one step happen. False when none can happen now. */
    step: (pick: number, fault: Fault): boolean => {
      const choices = ready();
      const chosen = choices.at(pick % Math.max(1, choices.length));
      if (chosen !== undefined) resume(chosen, fault);
      return chosen !== undefined;
    },
    isIdle: () => ready().length === 0,
    /** When the next sleeper wakes. */
    nextWake: () => Math.min(...waiting.map(({ from }) => from)),
    passTo: (instant: number) => {
      now = Math.max(now, instant);
    },
    clockOf: (actor: string): InterleavedClock => ({
      now: () => new Date(now),
      sleep: async (milliseconds, signal) => {
        const sleeper = wait(actor, 'wakes', now + milliseconds);
        const asleep = waiting.at(-1);
        // An actor whose sleep was ended is not woken again.
        const stop = () => {
          const index = asleep === undefined ? -1 : waiting.indexOf(asleep);
          if (index >= 0) waiting.splice(index, 1)[0]?.resume('none');
        };
        signal?.addEventListener('abort', stop, { once: true });
        await sleeper;
      },
    }),
  };
};

export type Schedule = ReturnType<typeof createSchedule>;

/** Lets every actor run to its next request. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
