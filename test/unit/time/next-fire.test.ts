import { describe, expect, it } from 'vitest';
import { isFireOf, nextFireAfter } from '../../../shared/domain/time/next-fire.ts';
import type { TimerTrigger } from '../../../shared/domain/trigger.ts';
import { aSchedule, expectFires, iso } from './expect-fires.ts';

describe('a fixed time that the clock skips', () => {
  it('fires once, at the first instant after the gap', () => {
    expectFires(aSchedule('30 2 * * *', 'America/New_York'), '2026-03-07T12:00:00Z', [
      '2026-03-08T07:00:00Z',
      '2026-03-09T06:30:00Z',
    ]);
  });

  it('is one fire together with the other times of the same gap, and with the time at its end', () => {
    expectFires(aSchedule('0,30 1,2,3 * * *', 'Antarctica/Troll'), '2026-03-28T04:00:00Z', [
      '2026-03-29T01:00:00Z',
      '2026-03-29T01:30:00Z',
      '2026-03-29T23:00:00Z',
    ]);
  });

  it('fires at the end of a gap of half an hour', () => {
    expectFires(aSchedule('15 2 * * *', 'Australia/Lord_Howe'), '2026-10-02T16:00:00Z', [
      '2026-10-03T15:30:00Z',
      '2026-10-04T15:15:00Z',
    ]);
  });

  it('fires at the end of a gap that begins at midnight', () => {
    expectFires(aSchedule('0 0 * * *', 'Asia/Beirut'), '2026-03-27T22:00:00Z', [
      '2026-03-28T22:00:00Z',
      '2026-03-29T21:00:00Z',
    ]);
    expectFires(aSchedule('30 0 * * *', 'Africa/Cairo'), '2026-04-22T22:30:00Z', [
      '2026-04-23T22:00:00Z',
      '2026-04-24T21:30:00Z',
    ]);
    expectFires(aSchedule('30 0 * * *', 'America/Santiago'), '2026-09-05T04:30:00Z', [
      '2026-09-06T04:00:00Z',
      '2026-09-07T03:30:00Z',
    ]);
  });

  it.each([
    ['Pacific/Apia', '2011-12-28T20:00:00Z', ['2011-12-29T19:00:00Z', '2011-12-30T19:00:00Z']],
    ['Pacific/Kwajalein', '1993-08-20T00:00:00Z', ['1993-08-20T21:00:00Z', '1993-08-21T21:00:00Z']],
    ['Pacific/Kiritimati', '1994-12-30T00:00:00Z', ['1994-12-30T19:00:00Z', '1994-12-31T19:00:00Z']],
  ])('does not fire on a day that %s skips, and once on the days beside it', (zone, from, fires) => {
    expectFires(aSchedule('0 9 * * *', zone), from, fires);
  });

  it('waits for another year when the only date it has is skipped', () => {
    expectFires(aSchedule('0 9 30 12 *', 'Pacific/Apia'), '2011-01-01T00:00:00Z', ['2012-12-29T19:00:00Z']);
  });

  it('does not fire again when one starts at the end of the gap', () => {
    expect(iso(nextFireAfter(aSchedule('30 2 * * *', 'America/New_York'), new Date('2026-03-08T07:00:00Z')))).toBe(
      '2026-03-09T06:30:00Z',
    );
  });
});

describe('a fixed time that comes twice', () => {
  it('fires the first time only', () => {
    expectFires(aSchedule('0,30 1 * * *', 'America/New_York'), '2026-11-01T04:00:00Z', [
      '2026-11-01T05:00:00Z',
      '2026-11-01T05:30:00Z',
      '2026-11-02T06:00:00Z',
    ]);
  });

  it('does not fire when one starts within the second time', () => {
    expect(iso(nextFireAfter(aSchedule('45 1 * * *', 'America/New_York'), new Date('2026-11-01T06:30:00Z')))).toBe(
      '2026-11-02T06:45:00Z',
    );
  });

  it('fires on the day before when midnight itself comes twice', () => {
    expectFires(aSchedule('0 23 * * *', 'Asia/Beirut'), '2026-10-23T21:00:00Z', [
      '2026-10-24T20:00:00Z',
      '2026-10-25T21:00:00Z',
    ]);
  });
});

describe('an interval', () => {
  it('is skipped in the gap', () => {
    expectFires(aSchedule('*/30 * * * *', 'America/New_York'), '2026-03-08T06:00:00Z', [
      '2026-03-08T06:30:00Z',
      '2026-03-08T07:00:00Z',
    ]);
    expectFires(aSchedule('*/15 2 * * *', 'America/New_York'), '2026-03-08T05:00:00Z', ['2026-03-09T06:00:00Z']);
  });

  it('fires both times in the overlap', () => {
    expectFires(aSchedule('*/30 1 * * *', 'America/New_York'), '2026-11-01T04:00:00Z', [
      '2026-11-01T05:00:00Z',
      '2026-11-01T05:30:00Z',
      '2026-11-01T06:00:00Z',
      '2026-11-01T06:30:00Z',
      '2026-11-02T06:00:00Z',
    ]);
  });

  it('fires both times in an overlap of half an hour', () => {
    expectFires(aSchedule('*/15 1 * * *', 'Australia/Lord_Howe'), '2026-04-04T14:15:00Z', [
      '2026-04-04T14:30:00Z',
      '2026-04-04T14:45:00Z',
      '2026-04-04T15:00:00Z',
      '2026-04-04T15:15:00Z',
      '2026-04-05T14:30:00Z',
    ]);
  });

  it('comes back to the repeated hour although its next local time lies a year ahead', () => {
    expectFires(aSchedule('*/30 1 1 11 *', 'America/New_York'), '2026-11-01T05:45:00Z', [
      '2026-11-01T06:00:00Z',
      '2026-11-01T06:30:00Z',
      '2027-11-01T05:00:00Z',
    ]);
  });

  it('skips a whole day that the zone skips', () => {
    expectFires(aSchedule('0 */12 * * *', 'Pacific/Apia'), '2011-12-29T20:00:00Z', [
      '2011-12-29T22:00:00Z',
      '2011-12-30T10:00:00Z',
      '2011-12-30T22:00:00Z',
    ]);
  });

  it('never fires when all its times lie in a gap of every year', () => {
    expect(
      nextFireAfter(aSchedule('*/5 2 8-14 3 */7', 'America/New_York'), new Date('2026-01-01T00:00:00Z')),
    ).toBeNull();
  });
});

describe('the calendar', () => {
  it('29 February waits for leap years, and 2100 is none', () => {
    expectFires(aSchedule('0 0 29 2 *'), '2092-03-01T00:00:00Z', ['2096-02-29T00:00:00Z', '2104-02-29T00:00:00Z']);
  });

  it('29 February on a Sunday waits up to 40 years', () => {
    expectFires(aSchedule('0 0 29 2 */7'), '2026-01-01T00:00:00Z', [
      '2032-02-29T00:00:00Z',
      '2060-02-29T00:00:00Z',
      '2088-02-29T00:00:00Z',
      '2128-02-29T00:00:00Z',
    ]);
  });

  it('goes over the end of the year', () => {
    expectFires(aSchedule('30 23 31 12 *', 'Asia/Kathmandu'), '2026-12-31T17:45:00Z', ['2027-12-31T17:45:00Z']);
  });

  it('fires on either day field when both are restricted, on both when one starts with a star', () => {
    expectFires(aSchedule('0 0 13 * 5'), '2026-11-10T00:00:00Z', ['2026-11-13T00:00:00Z', '2026-11-20T00:00:00Z']);
    expectFires(aSchedule('0 0 */2 * 1'), '2026-11-01T00:00:00Z', ['2026-11-09T00:00:00Z', '2026-11-23T00:00:00Z']);
    expectFires(aSchedule('0 0 1-31 * 1'), '2026-11-01T00:00:00Z', ['2026-11-02T00:00:00Z', '2026-11-03T00:00:00Z']);
  });

  it('an instant within a minute is followed by the next whole minute', () => {
    expect(iso(nextFireAfter(aSchedule('* * * * *'), new Date('2026-11-01T00:00:00.001Z')))).toBe(
      '2026-11-01T00:01:00Z',
    );
    expect(iso(nextFireAfter(aSchedule('* * * * *'), new Date('2026-11-01T00:00:59.999Z')))).toBe(
      '2026-11-01T00:01:00Z',
    );
  });

  it('a zone may be written in any case, or as a Windows id', () => {
    for (const zone of ['america/los_angeles', 'Pacific Standard Time', 'pacific standard time', 'US/Pacific']) {
      expectFires(aSchedule('0 7 * * *', zone), '2026-07-01T00:00:00Z', ['2026-07-01T14:00:00Z']);
    }
  });
});

describe('what cannot be read', () => {
  it('throws with the reason, for an expression and for a zone', () => {
    const now = new Date('2026-01-01T00:00:00Z');
    expect(() => nextFireAfter(aSchedule('61 * * * *'), now)).toThrow('Cron "61 * * * *": minute 61 is outside 0-59');
    expect(() => nextFireAfter(aSchedule('0 9 * * *', 'Mars/Base'), now)).toThrow('Time zone "Mars/Base" is unknown');
  });

  it('a date that does not exist never fires', () => {
    expect(nextFireAfter(aSchedule('0 0 30 2 *'), new Date('2026-01-01T00:00:00Z'))).toBeNull();
    expect(nextFireAfter(aSchedule('0 0 31 4,6 ?'), new Date('2026-01-01T00:00:00Z'))).toBeNull();
  });
});

describe('a timer', () => {
  const timer: TimerTrigger = { type: 'timer', at: new Date('2026-09-01T09:00:00Z'), timeZone: 'UTC' };

  it('fires once, and is spent from its instant on', () => {
    expect(iso(nextFireAfter(timer, new Date('2026-09-01T08:59:59.999Z')))).toBe('2026-09-01T09:00:00Z');
    expect(nextFireAfter(timer, new Date('2026-09-01T09:00:00Z'))).toBeNull();
  });

  it('has its instant as its only fire', () => {
    expect(isFireOf(timer, new Date('2026-09-01T09:00:00Z'))).toBe(true);
    expect(isFireOf(timer, new Date('2026-09-01T09:00:01Z'))).toBe(false);
  });
});
