import type { CronPattern } from '../time/cron-expression.ts';
import { numbersInWords, rangesInWords } from './enumeration.ts';

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Ascending months, 1 to 12, in words. */
export const monthsInWords = (values: readonly number[]): string =>
  rangesInWords(values, (month) => months[month - 1] ?? '');

/**
 * What follows the times of day: ` on Monday to Friday, in June`. Says "either" where one day field suffices and "only"
 * where both must match. Empty when the times say it all: `Every 5 minutes` means every day.
 */
export const describeDates = (pattern: CronPattern): string => {
  const days = describeDays(pattern) ?? (pattern.hours.size === 24 ? '' : ' every day');
  return pattern.months.size === 12 ? days : `${days}, in ${monthsInWords([...pattern.months])}`;
};

/** Null for every day. */
const describeDays = ({ daysOfMonth, daysOfWeek, hasOpenDayOfMonth, hasOpenDayOfWeek }: CronPattern): string | null => {
  const dayOfMonth = `on ${daysOfMonth.size === 1 ? 'day' : 'days'} ${numbersInWords([...daysOfMonth])} of the month`;
  const mondayFirst = [...daysOfWeek].map((day) => (day + 6) % 7).sort((a, b) => a - b);
  const dayOfWeek = `on ${rangesInWords(mondayFirst, (day) => weekdays[day] ?? '')}`;
  const isAnyDayOfMonth = daysOfMonth.size === 31;
  const isAnyDayOfWeek = daysOfWeek.size === 7;
  if (!hasOpenDayOfMonth && !hasOpenDayOfWeek) {
    return isAnyDayOfMonth || isAnyDayOfWeek ? null : ` either ${dayOfWeek} or ${dayOfMonth}`;
  }
  if (isAnyDayOfMonth) return isAnyDayOfWeek ? null : ` ${dayOfWeek}`;
  return isAnyDayOfWeek ? ` ${dayOfMonth}` : ` ${dayOfWeek}, only ${dayOfMonth}`;
};
