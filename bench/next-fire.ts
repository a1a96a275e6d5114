import { CronExpressionParser } from 'cron-parser';
import { nextFireAfter } from '../shared/domain/time/next-fire.ts';
import type { ScheduleTrigger } from '../shared/domain/trigger.ts';

// What one nextFireAfter costs, against cron-parser's own time on UTC for the same expression:
//   node bench/next-fire.ts
// Limits: twice cron-parser's time, and `0 0 29 2 */7` within 50 times `0 9 * * 1-5`. Exits with 1 when one is missed.

const expressions = ['0 9 * * 1-5', '*/5 * * * *', '0 9 1 * *', '30 2 * * 0', '0 0 29 2 *', '0 0 1 1 *', '0 9 13 * 5'];
const zones = ['UTC', 'America/New_York', 'Australia/Lord_Howe'];

const starts = Array.from(
  { length: 200 },
  (_, index) => Date.UTC(2026, 0, 1) + index * 37 * 3_600_000 + index * 61_000,
);

type Search = (start: number) => void;

const ours = (cronExpression: string, timeZone: string): Search => {
  const trigger: ScheduleTrigger = { type: 'schedule', cronExpression, timeZone };
  return (start) => nextFireAfter(trigger, new Date(start));
};

/** The parsed expression is kept, as we keep it: only the search is measured. */
const theirs = (expression: string): Search => {
  const parsed = CronExpressionParser.parse(expression, { tz: 'UTC', currentDate: new Date(0) });
  return (start) => {
    parsed.reset(new Date(start));
    parsed.next();
  };
};

const measureRound = (search: Search): number => {
  const begin = performance.now();
  for (const start of starts) search(start);
  return ((performance.now() - begin) * 1000) / starts.length;
};

/** Microseconds of each for one start. In turns, and the best of the rounds: other processes only ever add time. */
const compare = (one: Search, other: Search): readonly [number, number] => {
  let best: readonly [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < 15; round++) {
    best = [Math.min(best[0], measureRound(one)), Math.min(best[1], measureRound(other))];
  }
  return best;
};

let misses = 0;
const report = (label: string, one: Search, other: Search, limit: number): void => {
  const [microseconds, reference] = compare(one, other);
  const ratio = microseconds / reference;
  if (ratio > limit) misses++;
  const times = `${microseconds.toFixed(1).padStart(7)} µs against ${reference.toFixed(1).padStart(7)} µs`;
  console.log(`${label.padEnd(36)} ${times}: ${ratio.toFixed(2)} of ${limit}${ratio > limit ? '  MISSED' : ''}`);
};

for (const expression of expressions) {
  for (const zone of zones) report(`${expression} ${zone}`, ours(expression, zone), theirs(expression), 2);
}
for (const zone of zones) report(`0 0 29 2 */7 ${zone}`, ours('0 0 29 2 */7', zone), ours('0 9 * * 1-5', zone), 50);
process.exitCode = misses === 0 ? 0 : 1;
