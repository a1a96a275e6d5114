import type { CronCase } from '../unit/time/arbitrary-cron.ts';
import type { Random } from './random.ts';

interface Field {
  readonly text: string;
  readonly includes: (value: number) => boolean;
}

const any: Field = { text: '*', includes: () => true };
const only = (...values: readonly number[]): Field => ({
  text: values.join(','),
  includes: (value) => values.includes(value),
});
const between = (from: number, to: number): Field => ({
  text: `${from}-${to}`,
  includes: (value) => value >= from && value <= to,
});
const every = (step: number): Field => ({ text: `*/${step}`, includes: (value) => value % step === 0 });

interface Fields {
  readonly minute: Field;
  readonly hour: Field;
  readonly dayOfMonth?: Field;
  readonly month?: Field;
  readonly dayOfWeek?: Field;
}

const isPlain = ({ text }: Field): boolean => /^[\d,]+$/.test(text);

/** The expression and, by other means, what the oracle takes it for. */
const cron = ({ minute, hour, dayOfMonth = any, month = any, dayOfWeek = any }: Fields): CronCase => ({
  expression: [minute, hour, dayOfMonth, month, dayOfWeek].map((field) => field.text).join(' '),
  schedule: {
    minute: minute.includes,
    hour: hour.includes,
    dayOfMonth: dayOfMonth.includes,
    month: month.includes,
    dayOfWeek: dayOfWeek.includes,
    needsBothDayFields: dayOfMonth === any || dayOfWeek === any,
    isFixedTime: isPlain(minute) && isPlain(hour),
  },
});

/** Minutes and hours of a day, most of them where clocks change. */
const minuteOf = (random: Random): Field => only(random.pick([0, 0, 30, 30, 5, 59, random.whole(0, 59)]));
const hourOf = (random: Random): Field => only(random.pick([0, 0, 1, 2, 2, 3, 23, random.whole(0, 23)]));

interface Kind {
  /** How many of a thousand routines. */
  readonly share: number;
  readonly draw: (random: Random) => CronCase;
}

/** Few fire often, as with users: one routine that fires every five minutes has as many slots as 280 daily ones. */
const kinds: readonly Kind[] = [
  { share: 1, draw: () => cron({ minute: every(5), hour: any }) },
  { share: 3, draw: () => cron({ minute: every(30), hour: any }) },
  { share: 8, draw: (random) => cron({ minute: minuteOf(random), hour: any }) },
  { share: 400, draw: (random) => cron({ minute: minuteOf(random), hour: hourOf(random) }) },
  {
    share: 90,
    draw: (random) => {
      const hour = random.pick([only(1, 2, 3), only(0, 12), only(9, 13, 17), only(0, 2, 23)]);
      return cron({ minute: minuteOf(random), hour });
    },
  },
  { share: 40, draw: (random) => cron({ minute: only(0, 15, 30, 45), hour: hourOf(random) }) },
  { share: 150, draw: (random) => cron({ minute: minuteOf(random), hour: hourOf(random), dayOfWeek: between(1, 5) }) },
  {
    share: 60,
    draw: (random) => cron({ minute: minuteOf(random), hour: hourOf(random), dayOfMonth: only(random.whole(1, 28)) }),
  },
  { share: 20, draw: (random) => cron({ minute: only(30), hour: hourOf(random), dayOfMonth: only(28, 29, 30, 31) }) },
  { share: 20, draw: (random) => cron({ minute: only(0), hour: hourOf(random), dayOfMonth: only(31) }) },
  {
    share: 10,
    draw: (random) => cron({ minute: only(30), hour: hourOf(random), dayOfMonth: only(29), month: only(2) }),
  },
  {
    share: 50,
    draw: (random) => {
      const days = { dayOfMonth: only(random.whole(1, 31)), dayOfWeek: only(random.whole(0, 6)) };
      return cron({ minute: minuteOf(random), hour: hourOf(random), ...days });
    },
  },
  { share: 40, draw: (random) => cron({ minute: minuteOf(random), hour: every(6) }) },
  { share: 30, draw: (random) => cron({ minute: every(30), hour: random.pick([between(1, 3), only(2), only(0)]) }) },
];

const allShares = kinds.reduce((sum, { share }) => sum + share, 0);

export const cronKinds = kinds.length;
/** So many kinds, the first ones, fire at least hourly. */
export const frequentKinds = 3;

/** The first ones are of every kind once, so that a small mix has them all; the others are drawn by their shares. */
export const drawCron = (random: Random, index: number): CronCase => (kinds[index] ?? drawKind(random)).draw(random);

const drawKind = (random: Random): Kind => {
  let rest = random.whole(1, allShares);
  for (const kind of kinds) {
    rest -= kind.share;
    if (rest <= 0) return kind;
  }
  return random.pick(kinds);
};
