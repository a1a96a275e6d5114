import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFireOf, nextFireAfter } from '../../../shared/domain/time/next-fire.ts';
import type { ScheduleTrigger } from '../../../shared/domain/trigger.ts';
import { caseCount, searchTimeout, seed } from '../../case-counts.ts';
import { arbitraryCron, type CronCase } from './arbitrary-cron.ts';
import { changesInYear, oracleFires } from './oracle.ts';
import { interestingZones } from './zones.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const firstYear = 1990;
const lastYear = 2100;

const knownChanges = new Map<string, number[]>();
const changesOf = (zone: string, year: number): number[] => {
  const key = `${zone} ${year}`;
  const changes = knownChanges.get(key) ?? changesInYear(zone, year);
  knownChanges.set(key, changes);
  return changes;
};

/** Somewhere in the year; when the zone changes its clock that year, mostly within a day of a change. */
const arbitraryMoment = fc
  .record({
    zone: fc.constantFrom(...interestingZones),
    year: fc.integer({ min: firstYear, max: lastYear }),
    isNearChange: fc.integer({ min: 0, max: 9 }).map((die) => die > 1),
    choice: fc.nat(),
    seconds: fc.oneof(
      fc.integer({ min: -26 * 3600, max: 3600 }),
      fc.integer({ min: -26, max: 4 }).map((h) => h * 3600),
    ),
  })
  .map(({ zone, year, isNearChange, choice, seconds }) => {
    const changes = isNearChange ? changesOf(zone, year) : [];
    const change = changes[choice % Math.max(changes.length, 1)];
    const minutesOfYear = 365 * 24 * 60;
    const base = change ?? Date.UTC(year, 0) + (choice % minutesOfYear) * 60_000;
    return { zone, after: base + seconds * 1000 };
  });

const schedule = ({ expression }: CronCase, zone: string): ScheduleTrigger => ({
  type: 'schedule',
  cronExpression: expression,
  timeZone: zone,
});

const firesOf = (trigger: ScheduleTrigger, after: number, until: number, limit: number): number[] => {
  const fires: number[] = [];
  let fire = nextFireAfter(trigger, new Date(after));
  while (fire !== null && fire.getTime() <= until && fires.length < limit) {
    fires.push(fire.getTime());
    fire = nextFireAfter(trigger, fire);
  }
  return fires;
};

const iso = (instants: readonly number[]) => instants.map((instant) => new Date(instant).toISOString());

/** Holds `nextFireAfter` against an evaluator that shares no code with it, and against itself. */
export const describeNextFires = (): void => {
  describe('against an evaluation minute by minute', () => {
    it('fires when the wall clock says so, around the clock changes of many zones from 1990 to 2100', {
      timeout: searchTimeout,
    }, () => {
      fc.assert(
        fc.property(arbitraryCron, arbitraryMoment, (cron, { zone, after }) => {
          const until = after + 27 * hourMs;
          const expected = oracleFires(cron.schedule, zone, after, until, 12);
          expect(iso(firesOf(schedule(cron, zone), after, until, 12)), zone).toEqual(iso(expected));
        }),
        { numRuns: caseCount('nextFires'), seed },
      );
    });

    it('waits for the right date, over two years', { timeout: searchTimeout }, () => {
      fc.assert(
        fc.property(arbitraryCron, arbitraryMoment, (cron, { zone, after }) => {
          const until = after + 800 * dayMs;
          const [expected] = oracleFires(cron.schedule, zone, after, until, 1);
          const fire = nextFireAfter(schedule(cron, zone), new Date(after));
          if (expected !== undefined) expect(fire?.toISOString(), zone).toBe(new Date(expected).toISOString());
          else expect(fire === null || fire.getTime() > until, zone).toBe(true);
        }),
        { numRuns: caseCount('distantFires'), seed },
      );
    });
  });

  describe('whatever the schedule', () => {
    it('each fire is strictly later than the instant it follows, and is a fire itself', {
      timeout: searchTimeout,
    }, () => {
      fc.assert(
        fc.property(arbitraryCron, arbitraryMoment, (cron, { zone, after }) => {
          const trigger = schedule(cron, zone);
          let previous = after;
          for (const fire of firesOf(trigger, after, Number.POSITIVE_INFINITY, 4)) {
            expect(fire).toBeGreaterThan(previous);
            expect(isFireOf(trigger, new Date(fire))).toBe(true);
            expect(isFireOf(trigger, new Date(fire + 1))).toBe(false);
            previous = fire;
          }
        }),
        { numRuns: caseCount('distantFires'), seed },
      );
    });

    it('the next fire is the same from any instant since the last one', { timeout: searchTimeout }, () => {
      fc.assert(
        fc.property(
          arbitraryCron,
          arbitraryMoment,
          fc.double({ min: 0, max: 1, noNaN: true }),
          (cron, moment, part) => {
            const trigger = schedule(cron, moment.zone);
            const next = nextFireAfter(trigger, new Date(moment.after));
            if (next === null) return;
            const between = Math.floor(moment.after + (next.getTime() - 1 - moment.after) * part);
            expect(nextFireAfter(trigger, new Date(between))).toEqual(next);
          },
        ),
        { numRuns: caseCount('distantFires'), seed },
      );
    });
  });
};
