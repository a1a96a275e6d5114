import { describe, expect, it } from 'vitest';
import { resolveTimerAt, type TimerAtContext } from '../../../shared/domain/time/timer-at.ts';
import { iso } from './expect-fires.ts';

const now = new Date('2026-08-01T12:00:00Z');
const resolve = (at: string | number, context: Partial<TimerAtContext> = {}) =>
  resolveTimerAt(at, { zone: 'UTC', now, ...context });
const instantOf = (at: string | number, context: Partial<TimerAtContext> = {}) => {
  const resolved = resolve(at, context);
  return resolved.ok ? iso(resolved.at) : resolved.message;
};

describe('a number', () => {
  it('is unix seconds', () => {
    expect(instantOf(1_788_253_200)).toBe('2026-09-01T09:00:00Z');
  });

  it('is milliseconds above 1e11', () => {
    expect(instantOf(1_788_253_200_000)).toBe('2026-09-01T09:00:00Z');
    expect(instantOf(100_000_000_000)).toBe('5138-11-16T09:46:40Z');
  });

  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])('%d is no time', (at) => {
    expect(resolve(at)).toMatchObject({ ok: false, code: 'invalid_request' });
  });

  it('in a text is no time', () => {
    expect(resolve('1788253200')).toMatchObject({ ok: false, code: 'invalid_request' });
  });
});

describe('an ISO time with an offset', () => {
  it.each([
    ['2026-09-01T09:00:00Z', '2026-09-01T09:00:00Z'],
    ['2026-09-01T09:00Z', '2026-09-01T09:00:00Z'],
    ['2026-09-01 09:00:00z', '2026-09-01T09:00:00Z'],
    ['2026-09-01T09:00:00+02:00', '2026-09-01T07:00:00Z'],
    ['2026-09-01T09:00:00-0330', '2026-09-01T12:30:00Z'],
    ['2026-09-01T09:00:00+05', '2026-09-01T04:00:00Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00Z'],
    [' 2026-09-01T09:00:00Z ', '2026-09-01T09:00:00Z'],
  ])('%s is %s', (at, instant) => {
    expect(instantOf(at)).toBe(instant);
  });

  it('keeps its own offset whatever the zone of the trigger', () => {
    expect(instantOf('2026-09-01T09:00:00Z', { zone: 'America/Los_Angeles' })).toBe('2026-09-01T09:00:00Z');
  });
});

describe('a local ISO time', () => {
  it.each([
    ['America/Los_Angeles', '2026-09-01T09:00:00', '2026-09-01T16:00:00Z'],
    ['UTC', '2026-09-01T09:00', '2026-09-01T09:00:00Z'],
    ['America/New_York', '2027-03-14T02:30:00', '2027-03-14T07:00:00Z'],
    ['America/New_York', '2026-11-01T01:30:00', '2026-11-01T05:30:00Z'],
    ['Australia/Lord_Howe', '2026-10-04T02:15:30', '2026-10-03T15:30:00Z'],
  ])('in %s, %s is %s', (zone, at, instant) => {
    expect(instantOf(at, { zone })).toBe(instant);
  });
});

describe('a duration from now', () => {
  it.each([
    ['30s', '2026-08-01T12:00:30Z'],
    ['30m', '2026-08-01T12:30:00Z'],
    ['2h', '2026-08-01T14:00:00Z'],
    ['1d', '2026-08-02T12:00:00Z'],
    ['1h30m', '2026-08-01T13:30:00Z'],
    ['1d2h3m4s', '2026-08-02T14:03:04Z'],
    ['PT30M', '2026-08-01T12:30:00Z'],
    ['PT1H30M', '2026-08-01T13:30:00Z'],
    ['P1D', '2026-08-02T12:00:00Z'],
    ['P1DT12H', '2026-08-03T00:00:00Z'],
    ['P2W', '2026-08-15T12:00:00Z'],
  ])('%s is %s', (at, instant) => {
    expect(instantOf(at)).toBe(instant);
  });
});

describe('rounding', () => {
  it.each([
    ['2026-09-01T09:00:00.000Z', '2026-09-01T09:00:00Z'],
    ['2026-09-01T09:00:00.001Z', '2026-09-01T09:00:01Z'],
    ['2026-09-01T09:00:00.0000001Z', '2026-09-01T09:00:01Z'],
    [1_788_253_200_001, '2026-09-01T09:00:01Z'],
  ])('%s goes up to %s', (at, instant) => {
    expect(instantOf(at)).toBe(instant);
  });

  it('goes up for a duration from within a second', () => {
    expect(instantOf('30s', { now: new Date('2026-08-01T12:00:00.001Z') })).toBe('2026-08-01T12:00:31Z');
  });
});

describe('what is no time', () => {
  it.each([
    '',
    'tomorrow',
    '2026-09-01',
    '09:00',
    '2026-02-30T00:00:00Z',
    '2027-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-09-01T24:00:00Z',
    '2026-09-01T09:60:00Z',
    '2026-09-01T09:00:60Z',
    '2026-09-01T09:00:00+24:00',
    '2026-09-01T09:00:00 Europe/Paris',
    '0s',
    'PT0S',
    '-30m',
    '30',
    '30M',
    '1m1h',
    '1.5h',
    'P',
    'PT',
    'P1DT',
    'P1M',
    'P1Y',
  ])('"%s" is refused, and the forms are named', (at) => {
    expect(resolve(at)).toMatchObject({ ok: false, code: 'invalid_request' });
    expect(instantOf(at)).toContain(`Timer ${JSON.stringify(at)} is no time; expected unix seconds, an ISO 8601 time`);
  });

  it('is not repeated when it is long', () => {
    expect(instantOf('9'.repeat(30_000))).toBe('Timer has 30000 characters, expected at most 100');
  });
});

describe('how late a time may be', () => {
  it('up to the last one that unix seconds can say', () => {
    expect(instantOf('5138-11-16T09:46:40Z')).toBe('5138-11-16T09:46:40Z');
    expect(instantOf(1e11)).toBe('5138-11-16T09:46:40Z');
    expect(instantOf(`${'9'.repeat(90)}d`)).toContain('is too late, expected a time up to the year 5138');
    expect(resolve('5138-11-16T09:46:40.5Z')).toMatchObject({ ok: false, code: 'invalid_request' });
  });
});

describe('a time that is not after now', () => {
  it.each(['2026-08-01T11:59:59Z', '2026-08-01T12:00:00Z', 0, -5, -(2 ** 52)])('%s is refused', (at) => {
    expect(resolve(at)).toMatchObject({ ok: false, code: 'timer_in_past' });
  });

  it('is named together with now', () => {
    expect(instantOf('2026-08-01T09:00:00-01:00')).toBe(
      'Timer "2026-08-01T09:00:00-01:00" is 2026-08-01T10:00:00.000Z, expected a time after 2026-08-01T12:00:00.000Z (now)',
    );
  });

  it('is accepted when it is the stored one, to the second', () => {
    const storedAt = new Date('2026-07-01T09:00:00Z');
    for (const at of ['2026-07-01T09:00:00Z', '2026-07-01T11:00:00+02:00', storedAt.getTime() / 1000]) {
      expect(instantOf(at, { storedAt })).toBe('2026-07-01T09:00:00Z');
    }
    expect(resolve('2026-07-01T09:00:01Z', { storedAt })).toMatchObject({ ok: false, code: 'timer_in_past' });
    expect(resolve('2026-07-01T08:59:59Z', { storedAt })).toMatchObject({ ok: false, code: 'timer_in_past' });
  });
});
