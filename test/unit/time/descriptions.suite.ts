import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeTrigger } from '../../../shared/domain/kinds/trigger-kinds.ts';
import { caseCount, searchTimeout, seed } from '../../case-counts.ts';
import { arbitraryCron } from './arbitrary-cron.ts';
import { aSchedule } from './expect-fires.ts';
import type { OracleSchedule } from './oracle.ts';
import { type Meaning, readDescription } from './read-description.ts';

const times = Array.from({ length: 24 * 60 }, (_, time) => time);
const dates = Array.from({ length: 12 * 31 * 7 }, (_, index) => ({
  month: Math.floor(index / 217) + 1,
  dayOfMonth: Math.floor((index % 217) / 7) + 1,
  dayOfWeek: index % 7,
}));

/** Every time of day and every kind of date, in UTC where no clock changes: there is nothing else to say. */
const factsOf = (meaning: Meaning) => ({
  times: times.filter((time) => meaning.times.has(time)),
  dates: dates.map(({ month, dayOfMonth, dayOfWeek }) => meaning.isDate(month, dayOfMonth, dayOfWeek)),
});

const factsOfOracle = (schedule: OracleSchedule) => ({
  times: times.filter((time) => schedule.hour(Math.floor(time / 60)) && schedule.minute(time % 60)),
  dates: dates.map(({ month, dayOfMonth, dayOfWeek }) => {
    if (!schedule.month(month)) return false;
    const days = [schedule.dayOfMonth(dayOfMonth), schedule.dayOfWeek(dayOfWeek)];
    return schedule.needsBothDayFields ? days.every(Boolean) : days.some(Boolean);
  }),
});

/** Reads the description of any expression back and holds it against the oracle. */
export const describeDescriptions = (): void => {
  it('a schedule in words says of any expression what the oracle reads in it', { timeout: searchTimeout }, () => {
    fc.assert(
      fc.property(arbitraryCron, ({ expression, schedule }) => {
        const description = describeTrigger(aSchedule(expression));
        expect(factsOf(readDescription(description)), description).toEqual(factsOfOracle(schedule));
      }),
      { numRuns: caseCount('descriptions'), seed },
    );
  });
};
