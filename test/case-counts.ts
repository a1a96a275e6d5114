import { inject } from 'vitest';
import type { RingName } from './rings/rings.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The ring that the running test file is in. */
    ring: RingName;
  }
}

/** How many cases each search tries: few on every change, many in the deep ring, which finds what is rare. */
const caseCounts = {
  /** Instants at which `nextFireAfter` is compared with the oracle, over 27 hours each. */
  nextFires: { fast: 500, deep: 20_000 },
  /** The same over two years each, and with itself. */
  distantFires: { fast: 500, deep: 5_000 },
  /** Cron expressions whose description is read back. */
  descriptions: { fast: 500, deep: 20_000 },
  /** Cron expressions whose fires are compared with the closest two. */
  closestFires: { fast: 500, deep: 20_000 },
  /** Executions of up to four operations at once, of each of two kinds. */
  randomInterleavings: { fast: 250, deep: 10_000 },
  /** What a routine went through before: so many of the list, for faults and changes at every step. */
  interleavedPasts: { fast: 2, deep: 9 },
  /** The same for work that the agent accepts. */
  acceptedWorkPasts: { fast: 1, deep: 4 },
  /** Steps of a protocol that are answered with 100 MB, plain and packed. */
  largeBodies: { storage: 1, deep: 4 },
  /** Kinds of streams of 200 MB. */
  longStreams: { storage: 1, deep: 3 },
  /** Kinds of lines that mean nothing, 10 MB of each. */
  meaninglessLines: { storage: 1, deep: 4 },
  /** Routines of the simulated weeks. */
  simulatedRoutines: { fast: 64, deep: 400 },
  /** Races of twenty deliveries under each concurrency policy. */
  races: { storage: 4, deep: 20 },
} as const satisfies Readonly<Record<string, Partial<Readonly<Record<RingName, number>>>>>;

/** The number of cases of this search in the ring that is running; `CASES=10` makes it ten times as many. */
export const caseCount = (search: keyof typeof caseCounts): number => {
  const ring = inject('ring');
  const counts: Partial<Readonly<Record<RingName, number>>> = caseCounts[search];
  const count = counts[ring];
  if (count === undefined) throw new Error(`"${search}" is no search of the ring "${ring}"`);
  return Math.ceil(count * Number(process.env.CASES ?? 1));
};

/** The cases are the same in every run; another `SEED` draws others. */
export const seed = Number(process.env.SEED ?? 1);

/** So long a search may take: on a busy machine it takes a multiple of its time, and that is no failure. */
export const searchTimeout = 1_800_000;
