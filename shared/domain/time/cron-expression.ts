/**
 * Five-field cron expressions, checked strictly and turned into sets of numbers. What a set of numbers means on a
 * calendar is here too; what it means in a time zone is next-fire.ts.
 */
export interface CronPattern {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  /** 1 to 12. */
  readonly months: ReadonlySet<number>;
  /** 0 to 6, Sunday first. */
  readonly daysOfWeek: ReadonlySet<number>;
  readonly hasOpenDayOfMonth: boolean;
  readonly hasOpenDayOfWeek: boolean;
  /** What a clock change does to it: a fixed time runs once whatever happens, an interval follows elapsed time. */
  readonly kind: 'fixed_time' | 'interval';
}

export type CronParseResult =
  | { readonly ok: true; readonly pattern: CronPattern }
  | { readonly ok: false; readonly message: string };

interface FieldRule {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** How many different values the field has: 7 for the day of week, where 0 and 7 are both Sunday. */
  readonly size: number;
  readonly names: readonly string[];
  readonly allowsQuestionMark: boolean;
}

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const minuteRule: FieldRule = { name: 'minute', min: 0, max: 59, size: 60, names: [], allowsQuestionMark: false };
const hourRule: FieldRule = { name: 'hour', min: 0, max: 23, size: 24, names: [], allowsQuestionMark: false };
const dayOfMonthRule: FieldRule = {
  name: 'day of month',
  min: 1,
  max: 31,
  size: 31,
  names: [],
  allowsQuestionMark: true,
};
const monthRule: FieldRule = { name: 'month', min: 1, max: 12, size: 12, names: monthNames, allowsQuestionMark: false };
const dayOfWeekRule: FieldRule = {
  name: 'day of week',
  min: 0,
  max: 7,
  size: 7,
  names: dayNames,
  allowsQuestionMark: true,
};

const macros: ReadonlyMap<string, string> = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['@monthly', '0 0 1 * *'],
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
]);

/** Naming every value of every field takes half of this. */
const maxCronLength = 1000;

const elementPattern = /^(?:(?<star>\*)|(?<from>[0-9A-Za-z]+)(?:-(?<to>[0-9A-Za-z]+))?)(?:\/(?<step>\d+))?$/;
const repeatingTime = /[*\-/]/;

/** Thrown and caught in this file only: the reason why a field cannot be read. */
class FieldError extends Error {
  override readonly name = 'FieldError';
}

/**
 * Reads a cron expression: five fields of numbers, names, `*`, `?` (alone in a day field), lists, ranges (also around
 * the end of the field) and steps, or one of the macros. No seconds, no `L`, `W`, `#`, nothing random.
 * The message of a failure names the expression, the field, its value and what was expected.
 */
export const parseCronExpression = (expression: string): CronParseResult => {
  if (expression.length > maxCronLength) {
    return {
      ok: false,
      message: `Cron expression has ${expression.length} characters, expected at most ${maxCronLength}`,
    };
  }
  try {
    return { ok: true, pattern: toPattern(toFields(expression.trim())) };
  } catch (error) {
    if (error instanceof FieldError) return { ok: false, message: `Cron "${expression}": ${error.message}` };
    throw error;
  }
};

type Fields = readonly [string, string, string, string, string];

const toFields = (text: string): Fields => {
  const expanded = text.startsWith('@') ? macros.get(text.toLowerCase()) : text;
  if (expanded === undefined) {
    throw new FieldError(`unknown macro, expected one of ${[...macros.keys()].join(' ')}`);
  }
  const fields = expanded.split(/\s+/).filter((field) => field !== '');
  const [minute, hour, dayOfMonth, month, dayOfWeek] = fields;
  if (
    minute === undefined ||
    hour === undefined ||
    dayOfMonth === undefined ||
    month === undefined ||
    dayOfWeek === undefined ||
    fields.length > 5
  ) {
    throw new FieldError(
      `${fields.length} fields, expected 5 (minute, hour, day of month, month, day of week) or a macro such as @daily`,
    );
  }
  return [minute, hour, dayOfMonth, month, dayOfWeek];
};

const toPattern = ([minute, hour, dayOfMonth, month, dayOfWeek]: Fields): CronPattern => ({
  minutes: toValues(minute, minuteRule),
  hours: toValues(hour, hourRule),
  daysOfMonth: toValues(dayOfMonth, dayOfMonthRule),
  months: toValues(month, monthRule),
  daysOfWeek: toValues(dayOfWeek, dayOfWeekRule),
  hasOpenDayOfMonth: isOpen(dayOfMonth),
  hasOpenDayOfWeek: isOpen(dayOfWeek),
  kind: repeatingTime.test(minute) || repeatingTime.test(hour) ? 'interval' : 'fixed_time',
});

/** Vixie's rule: a day field that starts with `*`, a step on it or not, does not count as restricted. */
const isOpen = (dayField: string): boolean => dayField.startsWith('*') || dayField === '?';

const toValues = (field: string, rule: FieldRule): ReadonlySet<number> => {
  const elements = field === '?' && rule.allowsQuestionMark ? ['*'] : field.split(',');
  return new Set(elements.flatMap((element) => elementValues(element, rule)).sort((a, b) => a - b));
};

const elementValues = (element: string, rule: FieldRule): number[] => {
  const groups = elementPattern.exec(element)?.groups;
  if (groups === undefined) {
    throw new FieldError(`${rule.name} "${element}" is no number, name, range or step; expected ${expectation(rule)}`);
  }
  const step = groups.step === undefined ? 1 : toStep(groups.step, rule);
  const from = groups.from === undefined ? rule.min : toValue(groups.from, rule);
  const isOne = groups.from !== undefined && groups.to === undefined && groups.step === undefined;
  const to = groups.to !== undefined ? toValue(groups.to, rule) : isOne ? from : rule.max;
  // A range around the end, such as 22-2, goes on counting past the end and folds back.
  const last = to < from ? to + rule.size : to;
  const values: number[] = [];
  for (let value = from; value <= last; value += step) values.push(rule.min + ((value - rule.min) % rule.size));
  return values;
};

const toValue = (text: string, rule: FieldRule): number => {
  const named = rule.names.indexOf(text.toUpperCase());
  if (named >= 0) return rule.min + named;
  if (!/^\d+$/.test(text)) {
    throw new FieldError(`${rule.name} "${text}" is unknown, expected ${expectation(rule)}`);
  }
  const value = Number(text);
  if (value < rule.min || value > rule.max) {
    throw new FieldError(`${rule.name} ${text} is outside ${rule.min}-${rule.max}`);
  }
  return value;
};

/** A step wider than the field names one value only, which is a slip of the pen: refused, as Cronos and croner do. */
const toStep = (text: string, rule: FieldRule): number => {
  const step = Number(text);
  if (step < 1 || step > rule.max) throw new FieldError(`${rule.name} step ${text} is outside 1-${rule.max}`);
  return step;
};

const expectation = (rule: FieldRule): string => {
  const names = rule.names.length > 0 ? `, ${rule.names[0]}-${rule.names.at(-1)}` : '';
  return `${rule.min}-${rule.max}${names}, *${rule.allowsQuestionMark ? ', ?' : ''}, a list, a range or a step`;
};

/** Whether the pattern fires on such a date; either day field suffices when both are restricted. */
export const matchesDate = (pattern: CronPattern, month: number, dayOfMonth: number, dayOfWeek: number): boolean => {
  if (!pattern.months.has(month)) return false;
  const isDayOfMonth = pattern.daysOfMonth.has(dayOfMonth);
  const isDayOfWeek = pattern.daysOfWeek.has(dayOfWeek);
  return pattern.hasOpenDayOfMonth || pattern.hasOpenDayOfWeek
    ? isDayOfMonth && isDayOfWeek
    : isDayOfMonth || isDayOfWeek;
};
