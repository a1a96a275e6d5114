/** What the words of a schedule say, read by a reader who knows English and no cron. */
export interface Meaning {
  /** Minutes since midnight. */
  readonly times: ReadonlySet<number>;
  /** Month 1 to 12, day of month, day of week with Sunday as 0. */
  readonly isDate: (month: number, dayOfMonth: number, dayOfWeek: number) => boolean;
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const monthNames = 'January February March April May June July August September October November December'.split(' ');

/** Reads `times dates[, in months], time zone Z`. Throws on anything that it does not understand. */
export const readDescription = (description: string): Meaning => {
  const [, body = '', months] = match(description, /^(.+?)(?:, in ([A-Z][a-z]+.*?))?, time zone \S+$/);
  const isMonth = months === undefined ? () => true : includes(readNames(months, monthNames, 1));
  const { times, isDay } = readBody(body);
  return { times, isDate: (month, dayOfMonth, dayOfWeek) => isMonth(month) && isDay(dayOfMonth, dayOfWeek) };
};

type IsDay = (dayOfMonth: number, dayOfWeek: number) => boolean;

const readBody = (body: string): { times: ReadonlySet<number>; isDay: IsDay } => {
  const weekdayWords = '((?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day.*?)';
  const dayWords = 'days? ([^A-Z]+) of the month';
  const isWeekday = (words: string) => includes(readWeekdays(words));
  const isNumber = (words: string) => includes(readNumbers(words));
  const forms: readonly [RegExp, (first: string, second: string) => IsDay][] = [
    [
      new RegExp(`^(.+) either on ${weekdayWords} or on ${dayWords}$`),
      (week, month, ofWeek = isWeekday(week), ofMonth = isNumber(month)) =>
        (d, w) =>
          ofWeek(w) || ofMonth(d),
    ],
    [
      new RegExp(`^(.+) on ${weekdayWords}, only on ${dayWords}$`),
      (week, month, ofWeek = isWeekday(week), ofMonth = isNumber(month)) =>
        (d, w) =>
          ofWeek(w) && ofMonth(d),
    ],
    [
      new RegExp(`^(.+) on ${weekdayWords}$`),
      (week, _, ofWeek = isWeekday(week)) =>
        (_d, w) =>
          ofWeek(w),
    ],
    [new RegExp(`^(.+) on ${dayWords}$`), (month) => isNumber(month)],
    [/^(.+) every day$/, () => () => true],
  ];
  for (const [form, toIsDay] of forms) {
    const [, times, first = '', second = ''] = form.exec(body) ?? [];
    if (times !== undefined) return { times: readTimes(times), isDay: toIsDay(first, second) };
  }
  return { times: readTimes(body), isDay: () => true };
};

const readTimes = (words: string): ReadonlySet<number> => {
  const [, listed] = /^At (\d\d:\d\d.*)$/.exec(words) ?? [];
  if (listed !== undefined) return new Set(items(listed).map(readClock));
  const [, minutes, hours] =
    /^(?:At|Every hour at) minutes? (.+?)(?: of every hour| of the hours (.+))?$/.exec(words) ?? [];
  if (minutes !== undefined) {
    const inHours = hours === undefined ? range(0, 23, 1) : readNumbers(hours);
    return new Set(inHours.flatMap((hour) => readNumbers(minutes).map((minute) => hour * 60 + minute)));
  }
  const [, count = '1', unit = '', parts] = match(
    words,
    /^Every (?:(\d+) )?(minute|hour)s?(?: on the hour)?(?: ((?:from|at) .+))?$/,
  );
  const step = Number(count) * (unit === 'hour' ? 60 : 1);
  if (parts === undefined) return new Set(range(0, 24 * 60 - 1, step));
  return new Set(items(parts).flatMap((part) => readPart(part, step)));
};

const readPart = (part: string, step: number): readonly number[] => {
  const [, from, to, at] = match(part, /^(?:from (\S+) to (\S+)|at (\S+))$/);
  return from !== undefined && to !== undefined ? range(readClock(from), readClock(to), step) : [readClock(at ?? '')];
};

const readClock = (text: string): number => {
  const [, hours, minutes] = match(text, /^(\d\d):(\d\d)$/);
  return Number(hours) * 60 + Number(minutes);
};

const readNumbers = (words: string): readonly number[] =>
  items(words).flatMap((item) => {
    const [, from, to = from, step = '1'] = match(item, /^(\d+)(?: to (\d+)(?: \(in steps of (\d+)\))?)?$/);
    return range(Number(from), Number(to), Number(step));
  });

const readWeekdays = (words: string): readonly number[] =>
  readNames(words.replaceAll('Sunday', 'Someday'), ['', ...weekdays.slice(1), 'Someday'], 0).map((day) => day % 7);

const readNames = (words: string, names: readonly string[], first: number): readonly number[] =>
  items(words).flatMap((item) => {
    const [from, to = from] = item.split(' to ').map((name) => {
      const index = names.indexOf(name);
      if (index < 0) throw new Error(`"${name}" in "${words}" is none of ${names.join(' ')}`);
      return index + first;
    });
    return range(from ?? 0, to ?? 0, 1);
  });

const items = (words: string): readonly string[] => words.split(/, | and /);

const includes = (values: readonly number[]): ((value: number) => boolean) => {
  const set = new Set(values);
  return (value) => set.has(value);
};

const range = (from: number, to: number, step: number): readonly number[] => {
  if (to < from) throw new Error(`${from} to ${to} runs backwards`);
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
};

const match = (text: string, pattern: RegExp): RegExpExecArray => {
  const found = pattern.exec(text);
  if (found === null) throw new Error(`"${text}" is no sentence of the form ${pattern}`);
  return found;
};
