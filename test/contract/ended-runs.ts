import { expect, vi } from 'vitest';
import { collect } from './definitions.ts';
import type { Routines } from './sdk.ts';

/** Three attempts with their backoff, on a busy machine. */
const patience = { timeout: 90_000, interval: 200 };

/** Waits until the routine has exactly that many runs and all have ended; answers with them, newest first. */
export const endedRuns = (routines: Routines, routine: string, count: number) =>
  vi.waitFor(async () => {
    const runs = await collect(routines.listRuns(routine));
    expect(runs.filter(({ ended_at: endedAt }) => endedAt !== undefined)).toHaveLength(count);
    expect(runs).toHaveLength(count);
    return runs;
  }, patience);

/** Waits for the end of a routine's only run. */
export const endedRun = async (routines: Routines, routine: string) => {
  const [run] = await endedRuns(routines, routine, 1);
  if (run === undefined) throw new Error(`Routine ${routine} has no run`);
  return run;
};
