import { describe, expect, test } from 'vitest';
import { createMemoryStores } from './open-stores.ts';
import { type SimulationOptions, simulate } from './simulate.ts';

/** The short form of `npm run simulate`, around the days on which most clocks change. */
const simulateWeeks = (over: Pick<SimulationOptions, 'from' | 'seed'>) =>
  simulate({ stores: createMemoryStores(), days: 14, routines: 100, ...over });

describe('a hundred routines in 64 zones, with outages, clock steps, changes and messages that come twice', () => {
  test.each([
    { weeks: 'around a leap day', from: '2028-02-20', seed: 1 },
    { weeks: 'in which clocks go forward in the north', from: '2028-03-20', seed: 2 },
    { weeks: 'in which clocks go back in the north', from: '2028-10-25', seed: 3 },
  ])(
    'have a run for each slot of the oracle, and no other, in the two weeks $weeks',
    async ({ from, seed }) => {
      const { figures, differences } = await simulateWeeks({ from: new Date(from), seed });
      expect(differences).toEqual([]);
      expect(figures.fired).toBeGreaterThan(2000);
      expect(figures.missedRecords).toBeGreaterThan(20);
    },
    300_000,
  );
});
