import { describe, expect, it } from 'vitest';
import { parseNcrontab } from '../../local/host/ncrontab.ts';

const fires = (expression: string, from: string, count: number): string[] => {
  const schedule = parseNcrontab(expression);
  const times: string[] = [];
  let at: Date | null = new Date(from);
  while (times.length < count) {
    at = schedule.next(at);
    if (at === null) break;
    times.push(at.toISOString().replace('.000Z', ''));
  }
  return times;
};

describe('a timer schedule', () => {
  it.each([
    ['each minute', '0 * * * * *', '2026-11-22T23:58:30Z', ['2026-11-22T23:59:00', '2026-11-23T00:00:00']],
    ['strictly after', '0 0 * * * *', '2026-11-22T10:00:00Z', ['2026-11-22T11:00:00', '2026-11-22T12:00:00']],
    ['each second', '* * * * * *', '2026-11-22T10:00:58.999Z', ['2026-11-22T10:00:59', '2026-11-22T10:01:00']],
    ['in steps', '*/30 */20 * * * *', '2026-01-01T00:00:00Z', ['2026-01-01T00:00:30', '2026-01-01T00:20:00']],
    ['in steps from', '0 5/25 * * * *', '2026-01-01T00:10:00Z', ['2026-01-01T00:30:00', '2026-01-01T00:55:00']],
    [
      'on lists and ranges',
      '0 0 9-10,17 * * *',
      '2026-01-01T00:00:00Z',
      ['2026-01-01T09:00:00', '2026-01-01T10:00:00', '2026-01-01T17:00:00'],
    ],
    ['on named days', '0 30 9 * * Mon-Fri', '2026-11-20T12:00:00Z', ['2026-11-23T09:30:00', '2026-11-24T09:30:00']],
    ['in named months', '0 0 0 1 jan,JUL *', '2026-02-01T00:00:00Z', ['2026-07-01T00:00:00', '2027-01-01T00:00:00']],
    [
      'when both day fields fit',
      '0 0 0 13 * 5',
      '2026-01-01T00:00:00Z',
      ['2026-02-13T00:00:00', '2026-03-13T00:00:00', '2026-11-13T00:00:00'],
    ],
    ['on a leap day', '0 0 0 29 2 *', '2026-01-01T00:00:00Z', ['2028-02-29T00:00:00']],
  ])('fires %s: %s', (_what, expression, from, times) => {
    expect(fires(expression, from, times.length)).toEqual(times);
  });

  it.each([
    ['* * * * *', 'has 5 fields, expected 6'],
    ['00:05:00', 'has 1 fields, expected 6'],
    ['60 * * * * *', 'second 60 is outside 0-59'],
    ['0 * * * * 7', 'day of week 7 is outside 0-6'],
    ['0 * * * foo *', 'month foo is outside 1-12'],
    ['0 x-y-z * * * *', 'minute "x-y-z" is malformed'],
    ['0 */0 * * * *', 'step of 0'],
    ['0 20-10 * * * *', 'ends before it begins'],
    ['0 0 0 30 2 *', 'never fires'],
  ])('%s is refused: %s', (expression, message) => {
    expect(() => parseNcrontab(expression)).toThrow(message);
  });
});
