import type { CronPattern } from '../time/cron-expression.ts';
import { changedTimes, matchesBetween } from '../time/cron-matches.ts';
import { isSkippedDay, type OffsetChange, offsetChanges } from '../time/local-time.ts';
import { clockText, dateText } from '../time/local-time-text.ts';
import { resolveTimeZone } from '../time/time-zone.ts';
import { enumerate } from './enumeration.ts';

/** The next of a yearly change: the second Sunday of March can be 371 days away. */
const aheadMs = 400 * 86_400_000;
const minuteMs = 60_000;

/** More times than these are told by their number. */
const maxListed = 4;

/**
 * What the clock changes of the next 400 days do to a pattern: one sentence for the first skip that costs it times and
 * one for the first repetition that doubles some.
 */
export const clockChangeWarnings = (pattern: CronPattern, timeZone: string, from: Date): readonly string[] => {
  const zone = resolveTimeZone(timeZone);
  if (zone === null) return [];
  const start = from.getTime();
  let skip: string | null = null;
  let repetition: string | null = null;
  for (const change of offsetChanges(zone, start, start + aheadMs)) {
    if (change.offsetAfter > change.offsetBefore) skip ??= skipWarning(pattern, zone, change);
    else repetition ??= repetitionWarning(pattern, change);
  }
  return [skip, repetition].filter((warning) => warning !== null);
};

const skipWarning = (pattern: CronPattern, zone: string, change: OffsetChange): string | null => {
  const [gapStart, gapEnd] = changedTimes(change);
  const skipped = matchesBetween(pattern, gapStart, gapEnd);
  if (skipped.length === 0 || keepsPace(pattern, change)) return null;
  const what = `On ${dateText(gapStart)} the clock skips ${timesInWords(skipped)}`;
  const isLost = pattern.kind === 'interval' || skipped.every((local) => isSkippedDay(zone, local));
  if (isLost) return `${what}, and nothing fires then.`;
  const own = matchesBetween(pattern, gapEnd, gapEnd + 1);
  if (own.length + skipped.length > 1) return `${what}; one fire at ${clockText(gapEnd)} stands for all.`;
  return `${what}; it fires at ${clockText(gapEnd)} instead.`;
};

/** A fixed time that is repeated fires once, as a user expects. */
const repetitionWarning = (pattern: CronPattern, change: OffsetChange): string | null => {
  if (pattern.kind === 'fixed_time' || keepsPace(pattern, change)) return null;
  const [from, until] = changedTimes(change);
  const repeated = matchesBetween(pattern, from, until);
  if (repeated.length === 0) return null;
  return `On ${dateText(from)} the clock shows ${timesInWords(repeated)} twice, and it fires both times.`;
};

/**
 * Whether an interval goes on across the change as if nothing had happened: it fires in every hour, at minutes that
 * are the same again after the step of the clock.
 */
const keepsPace = ({ kind, hours, minutes }: CronPattern, { offsetBefore, offsetAfter }: OffsetChange): boolean => {
  const step = Math.abs(offsetAfter - offsetBefore) / minuteMs;
  return kind === 'interval' && hours.size === 24 && [...minutes].every((minute) => minutes.has((minute + step) % 60));
};

const timesInWords = (times: readonly number[]): string => {
  const [first = 0] = times;
  return times.length > maxListed
    ? `${times.length} of its times from ${clockText(first)} on`
    : enumerate(times.map(clockText));
};
