import { type CronPattern, matchesDate } from './cron-expression.ts';
import { longestMonth } from './cron-walk.ts';

/** Two neighbouring fires of a pattern, as a wall clock shows them. */
export interface NeighbouringFires {
  readonly seconds: number;
  /** `HH:MM`. */
  readonly first: string;
  readonly second: string;
  readonly isNextDay: boolean;
}

/**
 * The two neighbouring fires of a pattern that are closest, judged by the wall clock: clock changes do not count.
 * Null when no two fires are less than two days apart, or there is no more than one.
 *
 * A proof and no sample: every date has the same times, so neighbours are two consecutive times of one date, or the
 * last time of a date and the first of the next. Which dates follow each other is looked up for every day of the
 * calendar, in common and in leap years, on every weekday; the calendar has all of these combinations.
 */
export const closestFires = (pattern: CronPattern): NeighbouringFires | null => {
  const times = timesOfDay(pattern);
  const [first] = times;
  const last = times.at(-1);
  let closest: NeighbouringFires | null = null;
  for (const [index, time] of times.entries()) {
    const next = times[index + 1];
    if (next !== undefined) closest = closer(closest, neighbours(time, next));
  }
  if (first !== undefined && last !== undefined && hasConsecutiveDates(pattern)) {
    closest = closer(closest, neighbours(last, first + minutesOfDay));
  }
  return closest;
};

const minutesOfDay = 24 * 60;

/** Minutes since midnight, in order. */
const timesOfDay = (pattern: CronPattern): number[] =>
  [...pattern.hours].flatMap((hour) => [...pattern.minutes].map((minute) => hour * 60 + minute)).sort((a, b) => a - b);

const neighbours = (first: number, second: number): NeighbouringFires => ({
  seconds: (second - first) * 60,
  first: clock(first),
  second: clock(second % minutesOfDay),
  isNextDay: second >= minutesOfDay,
});

const closer = (one: NeighbouringFires | null, other: NeighbouringFires): NeighbouringFires =>
  one !== null && one.seconds <= other.seconds ? one : other;

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

const hasConsecutiveDates = (pattern: CronPattern): boolean => {
  for (const [month, day] of calendarDays) {
    for (const [nextMonth, nextDay] of followingDays(month, day)) {
      for (let weekday = 0; weekday < 7; weekday++) {
        const isPair =
          matchesDate(pattern, month, day, weekday) && matchesDate(pattern, nextMonth, nextDay, (weekday + 1) % 7);
        if (isPair) return true;
      }
    }
  }
  return false;
};

type CalendarDay = readonly [month: number, day: number];

const calendarDays: readonly CalendarDay[] = Array.from({ length: 12 }, (_, index) => index + 1).flatMap((month) =>
  Array.from({ length: longestMonth(month) }, (_, index): CalendarDay => [month, index + 1]),
);

/** 28 February has two: 29 February, and 1 March in a common year. */
const followingDays = (month: number, day: number): readonly CalendarDay[] => {
  const firstOfNext: CalendarDay = [(month % 12) + 1, 1];
  if (day === longestMonth(month)) return [firstOfNext];
  const tomorrow: CalendarDay = [month, day + 1];
  return month === 2 && day === 28 ? [tomorrow, firstOfNext] : [tomorrow];
};
