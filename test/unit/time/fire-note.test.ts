import { describe, expect, it } from 'vitest';
import { type FireNote, fireNote } from '../../../shared/domain/preview/fire-note.ts';
import { isFireOf } from '../../../shared/domain/time/next-fire.ts';
import type { TimerTrigger } from '../../../shared/domain/trigger.ts';
import { aSchedule } from './expect-fires.ts';

const local = (text: string): number => Date.parse(`${text}:00Z`);

const shiftedFrom = (...times: readonly string[]): FireNote => ({ kind: 'shifted', skipped: times.map(local) });
const mergedWith = (...times: readonly string[]): FireNote => ({ kind: 'merged', skipped: times.map(local) });
const repeated = (occurrence: 'first' | 'second'): FireNote => ({ kind: 'repeated_hour', occurrence });

const newYork = 'America/New_York';

describe('the note on a fire', () => {
  it.each<[string, string, string, string, FireNote | null]>([
    ['away from any change', '30 2 * * *', newYork, '2026-03-07T07:30:00Z', null],
    ['in a zone without changes', '30 2 * * *', 'Asia/Tokyo', '2026-03-07T17:30:00Z', null],
    ['of a skipped time', '30 2 * * *', newYork, '2026-03-08T07:00:00Z', shiftedFrom('2026-03-08T02:30')],
    [
      'of several skipped times',
      '0,30 2 * * *',
      newYork,
      '2026-03-08T07:00:00Z',
      shiftedFrom('2026-03-08T02:00', '2026-03-08T02:30'),
    ],
    [
      'that has its own time at the end of a gap',
      '0 2,3 * * *',
      newYork,
      '2026-03-08T07:00:00Z',
      mergedWith('2026-03-08T02:00'),
    ],
    [
      'at the end of a gap of half an hour',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T15:30:00Z',
      shiftedFrom('2026-10-04T02:15'),
    ],
    [
      'at the end of a gap at midnight',
      '0 0 * * *',
      'Asia/Beirut',
      '2026-03-28T22:00:00Z',
      shiftedFrom('2026-03-29T00:00'),
    ],
    ['at the end of a gap that it has no times in', '0 3 * * *', newYork, '2026-03-08T07:00:00Z', null],
    ['after a day that the zone skips', '0 0 * * *', 'Pacific/Apia', '2011-12-30T10:00:00Z', null],
    ['of an interval after a gap', '*/30 * * * *', newYork, '2026-03-08T07:00:00Z', null],
    ['of a fixed time that comes twice', '30 1 * * *', newYork, '2026-11-01T05:30:00Z', repeated('first')],
    ['of an interval, the first time', '*/30 * * * *', newYork, '2026-11-01T05:30:00Z', repeated('first')],
    ['of an interval, the second time', '*/30 * * * *', newYork, '2026-11-01T06:00:00Z', repeated('second')],
    ['of an interval, the last second time', '*/30 * * * *', newYork, '2026-11-01T06:30:00Z', repeated('second')],
    ['of an interval, after the repeated hour', '*/30 * * * *', newYork, '2026-11-01T07:00:00Z', null],
    ['of an interval, before the repeated hour', '*/30 * * * *', newYork, '2026-11-01T04:30:00Z', null],
    ['in a repeated half hour', '*/15 1 * * *', 'Australia/Lord_Howe', '2026-04-04T15:15:00Z', repeated('second')],
  ])('%s', (_, expression, zone, instant, note) => {
    const trigger = aSchedule(expression, zone);
    const fire = new Date(instant);
    expect(isFireOf(trigger, fire)).toBe(true);
    expect(fireNote(trigger, fire)).toEqual(note);
  });
});

describe('the note on a timer', () => {
  const timerAt = (at: string): TimerTrigger => ({ type: 'timer', at: new Date(at), timeZone: newYork });
  const gapEnd = '2026-03-08T07:00:00Z';

  it.each<[string, string, number | null, FireNote | null]>([
    ['that was written as a skipped local time', gapEnd, local('2026-03-08T02:30'), shiftedFrom('2026-03-08T02:30')],
    ['that was written as the local time at the end of the gap', gapEnd, local('2026-03-08T03:00'), null],
    ['that was written as an instant at the end of the gap', gapEnd, null, null],
    [
      'that was written as a local time that comes twice',
      '2026-11-01T05:30:00Z',
      local('2026-11-01T01:30'),
      repeated('first'),
    ],
    ['that was written as an instant in the second such hour', '2026-11-01T06:30:00Z', null, repeated('second')],
  ])('%s', (_, at, writtenAt, note) => {
    const timer = timerAt(at);
    expect(fireNote(timer, timer.at, writtenAt)).toEqual(note);
  });
});
