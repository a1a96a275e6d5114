import { CronExpressionParser } from 'cron-parser';
import { type CronPattern, matchesDate } from './cron-expression.ts';

// Local times here are *floating*: milliseconds as if the wall clock were UTC's. There cron-parser is right and fast;
// its own time zones are never used, because they get clock changes wrong.

/** The first whole minute strictly after a floating local time; null when none comes within `maxWaitYears`. */
export type NextLocalTime = (local: number) => number | null;

/**
 * The longest wait of any pattern is 40 years: 29 February on one given weekday, across 2100, which is no leap year.
 * Beyond this a pattern counts as never firing.
 */
export const maxWaitYears = 50;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const maxWaitMs = maxWaitYears * 366 * dayMs;

/** Whether there is any date at all for the pattern: false for 30 February. */
export const hasDates = (pattern: CronPattern): boolean => {
  if (!pattern.hasOpenDayOfMonth && !pattern.hasOpenDayOfWeek) return true;
  // Every date of the calendar, 29 February too, falls on every weekday some year.
  const firstDay = Math.min(...pattern.daysOfMonth);
  return [...pattern.months].some((month) => firstDay <= longestMonth(month));
};

/** Days of the month in a leap year. */
export const longestMonth = (month: number): number => new Date(Date.UTC(2000, month, 0)).getUTCDate();

/** Prepares a pattern for being walked. */
export const toNextLocalTime = (pattern: CronPattern): NextLocalTime => {
  if (!hasDates(pattern)) return () => null;
  const walk = CronExpressionParser.parse(walkedExpression(pattern), { currentDate: new Date(0), tz: 'UTC' });
  const nextWalked = (local: number): number => {
    walk.reset(new Date(Math.floor(local / minuteMs) * minuteMs));
    return walk.next().getTime();
  };
  return (after) => {
    if (isOnDate(pattern, after)) {
      const walked = nextWalked(after);
      if (isOnDate(pattern, walked)) return walked;
    }
    // cron-parser would look at every month and day on the way to a rare date.
    const date = nextDate(pattern, after);
    return date === null ? null : nextWalked(date - minuteMs);
  };
};

/**
 * cron-parser takes either day field when both are given, so an open one goes in as `*`, whatever its step, and the
 * dates are checked here.
 */
const walkedExpression = (pattern: CronPattern): string => {
  const list = (values: ReadonlySet<number>) => [...values].join(',');
  return [
    list(pattern.minutes),
    list(pattern.hours),
    pattern.hasOpenDayOfMonth ? '*' : list(pattern.daysOfMonth),
    list(pattern.months),
    pattern.hasOpenDayOfWeek ? '*' : list(pattern.daysOfWeek),
  ].join(' ');
};

const isOnDate = (pattern: CronPattern, local: number): boolean => {
  const date = new Date(local);
  return matchesDate(pattern, date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCDay());
};

/** Midnight of the first matching date after the one of `local`. */
const nextDate = (pattern: CronPattern, local: number): number | null => {
  const limit = local + maxWaitMs;
  let day = Math.floor(local / dayMs) * dayMs + dayMs;
  while (day < limit) {
    if (isOnDate(pattern, day)) return day;
    const date = new Date(day);
    const isMonth = pattern.months.has(date.getUTCMonth() + 1);
    day = isMonth ? day + dayMs : Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  }
  return null;
};
