import { describe, expect, test } from 'vitest';
import { caseCount, searchTimeout, seed } from '../case-counts.ts';
import { createMemoryStores } from './open-stores.ts';
import { simulate } from './simulate.ts';

/** The short form of `npm run simulate`, around the days on which most clocks change. */
export const describeSimulatedWeeks = (): void => {
  const routines = caseCount('simulatedRoutines');

  describe(`${routines} routines in 64 zones, with outages, clock steps, changes and messages that come twice`, () => {
    test.each([
      { weeks: 'around a leap day', from: '2028-02-20', draw: 0 },
      { weeks: 'in which clocks go forward in the north', from: '2028-03-20', draw: 1 },
      { weeks: 'in which clocks go back in the north', from: '2028-10-25', draw: 2 },
    ])(
      'have a run for each slot of the oracle, and no other, in the two weeks $weeks',
      async ({ from, draw }) => {
        const options = { stores: createMemoryStores(), from: new Date(from), days: 14, routines, seed: seed + draw };
        const { figures, differences } = await simulate(options);
        expect(differences).toEqual([]);
        expect(figures.zones).toBe(64);
        expect(figures.fired).toBeGreaterThan(20 * routines);
        expect(figures.missedRecords).toBeGreaterThan(20);
      },
      searchTimeout,
    );
  });
};
