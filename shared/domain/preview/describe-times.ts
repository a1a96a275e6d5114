import type { CronPattern } from '../time/cron-expression.ts';
import { clockText } from '../time/local-time-text.ts';
import { chainsOf, enumerate, numbersInWords } from './enumeration.ts';

/** As many times of day are told one by one; more of them as ranges. */
const maxListed = 6;

/** Ranges and single times that a sentence can hold. */
const maxParts = 4;

/** The times of day of a pattern, in words: `At 07:00 and 19:00`, `Every 15 minutes from 09:00 to 17:45`. */
export const describeTimes = ({ minutes, hours }: CronPattern): string => {
  const times = [...hours].flatMap((hour) => [...minutes].map((minute) => hour * 60 + minute));
  if (times.length <= maxListed) return `At ${enumerate(times.map(timeText))}`;
  if (hours.size === 24) return describeMinutesOfEveryHour([...minutes]);
  return describeRuns(times) ?? `At ${minutesInWords([...minutes])} of the hours ${numbersInWords([...hours])}`;
};

/** Only what is as far apart from one hour to the next as within it is called `every … minutes`. */
const describeMinutesOfEveryHour = (minutes: readonly number[]): string => {
  const [first, second] = minutes;
  if (second === undefined) return first === 0 ? 'Every hour on the hour' : `Every hour at ${minutesInWords(minutes)}`;
  const isEven = first === 0 && minutes.length * second === 60 && chainsOf(minutes, second).length === 1;
  return isEven ? everyInWords(second) : `At ${minutesInWords(minutes)} of every hour`;
};

/** Null when the times do not fall into a few runs of the same step. */
const describeRuns = (times: readonly number[]): string | null => {
  const step = Math.min(...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
  const runs = chainsOf(times, step).flatMap((chain) => (chain.length < 3 ? chain.map((time) => [time]) : [chain]));
  if (runs.length > maxParts || (runs[0]?.length ?? 0) < 2) return null;
  const parts = runs.map(([first = 0, ...more]) => {
    const last = more.at(-1);
    return last === undefined ? `at ${timeText(first)}` : `from ${timeText(first)} to ${timeText(last)}`;
  });
  return `${everyInWords(step)} ${enumerate(parts)}`;
};

const everyInWords = (minutes: number): string => {
  if (minutes === 1) return 'Every minute';
  if (minutes === 60) return 'Every hour';
  return minutes % 60 === 0 ? `Every ${minutes / 60} hours` : `Every ${minutes} minutes`;
};

const minutesInWords = (minutes: readonly number[]): string =>
  `${minutes.length === 1 ? 'minute' : 'minutes'} ${numbersInWords(minutes)}`;

const timeText = (minutesOfDay: number): string => clockText(minutesOfDay * 60_000);
