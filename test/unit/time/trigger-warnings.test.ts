import { describe, expect, it } from 'vitest';
import { triggerWarnings } from '../../../shared/domain/kinds/trigger-kinds.ts';
import { aSchedule, expectFires } from './expect-fires.ts';

const from = new Date('2026-01-01T00:00:00Z');
const newYork = 'America/New_York';

const warningsOf = (expression: string, zone = 'UTC') => triggerWarnings(aSchedule(expression, zone), from);

describe('a schedule without traps', () => {
  it.each([
    ['0 7 * * 1-5', newYork],
    ['*/15 * * * *', newYork],
    ['0 * * * *', newYork],
    ['30 1 * * *', newYork],
    ['*/15 9-17 * * *', newYork],
    ['0 */2 * * *', 'UTC'],
    ['0 2 * * 1', newYork],
    ['*/30 * * * *', 'Australia/Lord_Howe'],
    ['0 0 28 * *', 'UTC'],
    ['0 0 1 */2 *', 'UTC'],
    ['*/45 2 * * *', 'UTC'],
    ['0 */5 * * 1', 'UTC'],
  ])('%s in %s is left alone', (expression, zone) => {
    expect(warningsOf(expression, zone)).toEqual([]);
  });

  it('is any that is not a schedule', () => {
    expect(triggerWarnings({ type: 'timer', at: from, timeZone: 'UTC' }, from)).toEqual([]);
  });
});

describe('a warning about days', () => {
  const either =
    'Both day fields are restricted, so a day that matches either of them is enough; where one starts with "*", both must match.';
  const both =
    'A day field starts with "*", so a day must match both day fields; without that star, either of them would be enough.';

  it.each([
    ['0 0 13 * 5', [either]],
    ['0 0 31 2 1', [either]],
    ['0 0 1-7 * */7', [both]],
    ['0 0 29 2 *', ['It fires in leap years only, on 29 February.']],
    ['0 0 29 * *', ['In February it fires in leap years only, on 29 February.']],
    ['0 0 30 * *', ['It never fires in February: there is no day 30.']],
    ['0 0 31 4-7 *', ['It never fires in April and June: there is no day 31.']],
    ['0 0 30,31 1 *', []],
  ])('%s: %j', (expression, warnings) => {
    expect(warningsOf(expression)).toEqual(warnings);
  });
});

describe('a warning about steps', () => {
  it.each([
    ['*/45 * * * *', '"*/45" begins again in every hour: minutes 0 and 45, which are not always 45 minutes apart.'],
    ['30/15 * * * *', '"30/15" begins again in every hour: minutes 30 and 45, which are not always 15 minutes apart.'],
    ['0 */9 * * *', '"*/9" begins again in every day: hours 0, 9 and 18, which are not always 9 hours apart.'],
    ['0 0 */10 * *', '"*/10" begins again in every month: days 1, 11, 21 and 31, which are not always 10 days apart.'],
  ])('%s', (expression, warning) => {
    expect(warningsOf(expression)).toEqual([warning]);
  });
});

describe('a warning about the clock', () => {
  it.each([
    ['30 2 * * *', newYork, ['On 2026-03-08 the clock skips 02:30; it fires at 03:00 instead.']],
    ['0,30 2 * * *', newYork, ['On 2026-03-08 the clock skips 02:00 and 02:30; one fire at 03:00 stands for all.']],
    ['0 2,3 * * *', newYork, ['On 2026-03-08 the clock skips 02:00; one fire at 03:00 stands for all.']],
    ['*/30 2 * * *', newYork, ['On 2026-03-08 the clock skips 02:00 and 02:30, and nothing fires then.']],
    ['*/5 2 * * *', newYork, ['On 2026-03-08 the clock skips 12 of its times from 02:00 on, and nothing fires then.']],
    ['*/30 1 * * *', newYork, ['On 2026-11-01 the clock shows 01:00 and 01:30 twice, and it fires both times.']],
    ['0 * * * *', 'Australia/Lord_Howe', ['On 2026-10-04 the clock skips 02:00, and nothing fires then.']],
    [
      '0 0-3 * * *',
      'Europe/Paris',
      [
        'On 2026-03-29 the clock skips 02:00, and nothing fires then.',
        'On 2026-10-25 the clock shows 02:00 twice, and it fires both times.',
      ],
    ],
  ])('%s in %s: %j', (expression, zone, warnings) => {
    expect(warningsOf(expression, zone)).toEqual(warnings);
  });

  it('tells what then happens', () => {
    expectFires(aSchedule('30 2 * * *', newYork), '2026-03-07T12:00:00Z', ['2026-03-08T07:00:00Z']);
    expectFires(aSchedule('*/30 2 * * *', newYork), '2026-03-07T12:00:00Z', ['2026-03-09T06:00:00Z']);
    expectFires(aSchedule('0 0-3 * * *', 'Europe/Paris'), '2026-10-24T22:30:00Z', [
      '2026-10-24T23:00:00Z',
      '2026-10-25T00:00:00Z',
      '2026-10-25T01:00:00Z',
      '2026-10-25T02:00:00Z',
    ]);
  });

  it('looks a year ahead of where the preview begins', () => {
    const warnings = triggerWarnings(aSchedule('30 2 * * *', newYork), new Date('2026-03-08T07:00:00Z'));
    expect(warnings).toEqual(['On 2027-03-14 the clock skips 02:30; it fires at 03:00 instead.']);
  });

  it('tells of a day that the zone skips', () => {
    const warnings = triggerWarnings(aSchedule('0 9 30 12 *', 'Pacific/Apia'), new Date('2011-01-01T00:00:00Z'));
    expect(warnings).toEqual(['On 2011-12-30 the clock skips 09:00, and nothing fires then.']);
  });
});
