import { describe, expect, it } from 'vitest';
import { firstInstantAt, furthestLocalTime, offsetAt, offsetChanges } from '../../../shared/domain/time/local-time.ts';
import { changesInYear, zoneOffset } from './oracle.ts';
import { interestingZones } from './zones.ts';

const hourMs = 3_600_000;
const changesOf = (zone: string, from: string, until: string) =>
  [...offsetChanges(zone, Date.parse(from), Date.parse(until))].map((change) => [
    new Date(change.at).toISOString(),
    change.offsetBefore / hourMs,
    change.offsetAfter / hourMs,
  ]);

describe('changes of the clock', () => {
  it('are found two in one week', () => {
    expect(changesOf('America/Recife', '2000-10-01T00:00:00Z', '2000-11-01T00:00:00Z')).toEqual([
      ['2000-10-08T03:00:00.000Z', -3, -2],
      ['2000-10-15T02:00:00.000Z', -2, -3],
    ]);
  });

  it('are found at the end of a year, and none where there is none', () => {
    expect(changesOf('Pacific/Kiritimati', '1993-06-01T00:00:00Z', '1996-01-01T00:00:00Z')).toEqual([
      ['1994-12-31T10:00:00.000Z', -10, 14],
    ]);
    expect(changesOf('Etc/UTC', '1990-01-01T00:00:00Z', '2030-01-01T00:00:00Z')).toEqual([]);
  });

  it('begin after `from` and include `until`', () => {
    const change = '2026-03-08T07:00:00Z';
    expect(changesOf('America/New_York', change, '2026-10-01T00:00:00Z')).toEqual([]);
    expect(changesOf('America/New_York', '2026-01-01T00:00:00Z', change)).toHaveLength(1);
  });

  it('agree with Intl in every zone of the tests', { timeout: 60_000 }, () => {
    for (const zone of interestingZones) {
      for (const year of [1994, 2000, 2004, 2011, 2014, 2026, 2054]) {
        const found = [...offsetChanges(zone, Date.UTC(year, 0), Date.UTC(year + 1, 0) - 1)].map(({ at }) => at);
        expect(found, `${zone} ${year}`).toEqual(changesInYear(zone, year));
        const midYear = Date.UTC(year, 6, 1);
        expect(offsetAt(zone, midYear), `${zone} ${year}`).toBe(zoneOffset(zone, midYear));
      }
    }
  });
});

describe('the first instant of a local time', () => {
  it.each([
    ['America/New_York', '2026-03-08T01:59:59Z', '2026-03-08T06:59:59.000Z', 'before the gap'],
    ['America/New_York', '2026-03-08T02:00:00Z', '2026-03-08T07:00:00.000Z', 'at the start of the gap'],
    ['America/New_York', '2026-03-08T02:59:59Z', '2026-03-08T07:00:00.000Z', 'within the gap'],
    ['America/New_York', '2026-03-08T03:00:00Z', '2026-03-08T07:00:00.000Z', 'at the end of the gap'],
    ['America/New_York', '2026-03-08T03:00:01Z', '2026-03-08T07:00:01.000Z', 'after the gap'],
    ['America/New_York', '2026-11-01T01:00:00Z', '2026-11-01T05:00:00.000Z', 'at the start of the overlap'],
    ['America/New_York', '2026-11-01T01:59:59Z', '2026-11-01T05:59:59.000Z', 'within the overlap'],
    ['America/New_York', '2026-11-01T02:00:00Z', '2026-11-01T07:00:00.000Z', 'after the overlap'],
    ['Pacific/Apia', '2011-12-30T12:00:00Z', '2011-12-30T10:00:00.000Z', 'within a skipped day'],
  ])('%s %s is %s: %s', (zone, local, instant) => {
    expect(new Date(firstInstantAt(zone, Date.parse(local))).toISOString()).toBe(instant);
  });
});

describe('the furthest local time that a clock has shown', () => {
  it.each([
    ['2026-11-01T05:59:00Z', '2026-11-01T01:59:00.000Z', 'before the clock is set back: its own time'],
    ['2026-11-01T06:00:00Z', '2026-11-01T01:59:59.999Z', 'when it is set back: all that it showed until then'],
    ['2026-11-01T06:59:59Z', '2026-11-01T01:59:59.999Z', 'while the hour repeats: the same'],
    ['2026-11-01T07:00:00Z', '2026-11-01T02:00:00.000Z', 'after it: its own time'],
  ])('at %s in New York it is %s, %s', (instant, local) => {
    expect(new Date(furthestLocalTime('America/New_York', Date.parse(instant))).toISOString()).toBe(local);
  });
});
