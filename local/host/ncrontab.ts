/** When a timer fires. In UTC, as in Azure. */
export interface Schedule {
  /** The first occurrence strictly after the instant; null when there is none. */
  next(after: Date): Date | null;
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const secondField: Field = { name: 'second', min: 0, max: 59 };
const minuteField: Field = { name: 'minute', min: 0, max: 59 };
const hourField: Field = { name: 'hour', min: 0, max: 23 };
const dayField: Field = { name: 'day', min: 1, max: 31 };
const monthField: Field = { name: 'month', min: 1, max: 12, names: months };
const dayOfWeekField: Field = { name: 'day of week', min: 0, max: 6, names: days };

const millisecondsPerDay = 86_400_000;

/** The calendar repeats every 28 years between 1901 and 2099, and 29 February meets each weekday within them; 40 covers 2100. */
const searchDays = 40 * 366;

/**
 * Parses the timer trigger's `{second} {minute} {hour} {day} {month} {day of week}` with `*`, lists, ranges, steps and
 * names. Unlike in cron, a day must satisfy *both* day fields (NCrontab). Throws when the expression is malformed or
 * never fires; intervals such as `00:05:00`, which need an App Service plan, are malformed too.
 */
export const parseNcrontab = (expression: string): Schedule => {
  const texts = expression.trim().split(/\s+/);
  const [second, minute, hour, day, month, dayOfWeek] = texts;
  if (dayOfWeek === undefined || texts.length !== 6) {
    throw new Error(
      `Schedule "${expression}" has ${texts.length} fields, expected 6: second minute hour day month day-of-week`,
    );
  }
  const parse = (field: Field, text = '') => parseField(expression, field, text);
  const times = {
    hours: parse(hourField, hour),
    minutes: parse(minuteField, minute),
    seconds: parse(secondField, second),
  };
  const [dayNumbers, monthNumbers] = [parse(dayField, day), parse(monthField, month)];
  const weekdays = parse(dayOfWeekField, dayOfWeek);
  const isDue = (date: Date): boolean =>
    dayNumbers.includes(date.getUTCDate()) &&
    monthNumbers.includes(date.getUTCMonth() + 1) &&
    weekdays.includes(date.getUTCDay());
  const next = (after: Date): Date | null => {
    const midnight = Math.floor(after.getTime() / millisecondsPerDay) * millisecondsPerDay;
    for (let index = 0; index < searchDays; index += 1) {
      const start = midnight + index * millisecondsPerDay;
      const time = isDue(new Date(start)) ? firstTimeOfDay(times, after.getTime() - start) : undefined;
      if (time !== undefined) return new Date(start + time);
    }
    return null;
  };
  if (next(new Date(0)) === null) throw new Error(`Schedule "${expression}" never fires`);
  return { next };
};

interface Times {
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
}

/** Milliseconds since midnight, strictly more than `after`. */
const firstTimeOfDay = ({ hours, minutes, seconds }: Times, after: number): number | undefined => {
  for (const hour of hours) {
    for (const minute of minutes) {
      const start = (hour * 60 + minute) * 60_000;
      const second = start + 59_000 > after ? seconds.find((value) => start + value * 1000 > after) : undefined;
      if (second !== undefined) return start + second * 1000;
    }
  }
  return undefined;
};

const elementPattern = /^(?:\*|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d+))?$/i;

/** The numbers that the field allows, ascending. */
const parseField = (expression: string, field: Field, text: string): number[] => {
  const allowed = new Set<number>();
  for (const element of text.split(',')) {
    const match = elementPattern.exec(element);
    if (match === null) throw new Error(`Schedule "${expression}": ${field.name} "${element}" is malformed`);
    const [, from, to, step] = match;
    const first = from === undefined ? field.min : parseNumber(expression, field, from);
    const open = from === undefined || (to === undefined && step !== undefined);
    const last = open ? field.max : to === undefined ? first : parseNumber(expression, field, to);
    const increment = Number(step ?? 1);
    if (increment === 0) throw new Error(`Schedule "${expression}": ${field.name} "${element}" has a step of 0`);
    if (last < first) throw new Error(`Schedule "${expression}": ${field.name} "${element}" ends before it begins`);
    for (let value = first; value <= last; value += increment) allowed.add(value);
  }
  return [...allowed].sort((one, other) => one - other);
};

const parseNumber = (expression: string, field: Field, text: string): number => {
  const named = field.names?.indexOf(text.toLowerCase()) ?? -1;
  const value = named >= 0 ? named + field.min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.min && value <= field.max) return value;
  throw new Error(`Schedule "${expression}": ${field.name} ${text} is outside ${field.min}-${field.max}`);
};
