import { type CronPattern, parseCronExpression } from '../time/cron-expression.ts';
import { longestMonth } from '../time/cron-walk.ts';
import type { ScheduleTrigger } from '../trigger.ts';
import { clockChangeWarnings } from './clock-change-warnings.ts';
import { monthsInWords } from './describe-dates.ts';
import { numbersInWords } from './enumeration.ts';

/**
 * The traps in a schedule that fires, but perhaps not when its author thinks: one sentence each. Clock changes are
 * looked up for a good year after `from`.
 */
export const scheduleWarnings = (trigger: ScheduleTrigger, from: Date): readonly string[] => {
  const parsed = parseCronExpression(trigger.cronExpression);
  if (!parsed.ok) return [];
  const { pattern } = parsed;
  return [
    ...dayFieldWarnings(pattern),
    ...shortMonthWarnings(pattern),
    ...stepWarnings(trigger.cronExpression, pattern),
    ...clockChangeWarnings(pattern, trigger.timeZone, from),
  ];
};

const eitherDayFieldSuffices = (pattern: CronPattern): boolean =>
  !pattern.hasOpenDayOfMonth && !pattern.hasOpenDayOfWeek;

/** Other cron services read two restricted day fields the other way round. */
const dayFieldWarnings = (pattern: CronPattern): readonly string[] => {
  if (eitherDayFieldSuffices(pattern)) {
    return [
      'Both day fields are restricted, so a day that matches either of them is enough; where one starts with "*", both must match.',
    ];
  }
  if (pattern.daysOfMonth.size === 31 || pattern.daysOfWeek.size === 7) return [];
  return [
    'A day field starts with "*", so a day must match both day fields; without that star, either of them would be enough.',
  ];
};

const shortMonthWarnings = (pattern: CronPattern): readonly string[] => {
  if (eitherDayFieldSuffices(pattern)) return [];
  const firstDay = Math.min(...pattern.daysOfMonth);
  const months = [...pattern.months];
  const tooShort = months.filter((month) => longestMonth(month) < firstDay);
  const leapYears = months.length === 1 ? 'It fires in leap years only' : 'In February it fires in leap years only';
  return [
    ...(tooShort.length > 0 ? [`It never fires in ${monthsInWords(tooShort)}: there is no day ${firstDay}.`] : []),
    ...(firstDay === 29 && pattern.months.has(2) ? [`${leapYears}, on 29 February.`] : []),
  ];
};

const steppedField = /^(?:\*|\d+)\/(?<step>\d+)$/;

/** A step begins again in each hour, day or month: where it does not divide it, the rest is shorter than the step. */
const stepWarnings = (expression: string, pattern: CronPattern): readonly string[] => {
  const { minutes, hours, daysOfMonth, daysOfWeek } = pattern;
  const [minute = '', hour = '', dayOfMonth = ''] = expression.trim().split(/\s+/);
  const isEveryDay = daysOfMonth.size === 31 && daysOfWeek.size === 7;
  return [
    ...(hours.size > 1 ? unevenStep(minute, minutes, { unit: 'minute', whole: 'hour', size: 60 }) : []),
    ...(isEveryDay ? unevenStep(hour, hours, { unit: 'hour', whole: 'day', size: 24 }) : []),
    ...unevenStep(dayOfMonth, daysOfMonth, { unit: 'day', whole: 'month' }),
  ];
};

interface SteppedWhole {
  readonly unit: string;
  readonly whole: string;
  /** Units in the whole; absent when it varies. */
  readonly size?: number;
}

const unevenStep = (field: string, values: ReadonlySet<number>, { unit, whole, size }: SteppedWhole): string[] => {
  const step = Number(steppedField.exec(field)?.groups?.step ?? 1);
  if (step === 1 || values.size === 1 || values.size * step === size) return [];
  const meant = `${unit}s ${numbersInWords([...values])}`;
  return [`"${field}" begins again in every ${whole}: ${meant}, which are not always ${step} ${unit}s apart.`];
};
