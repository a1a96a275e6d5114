import { parseCronExpression } from '../time/cron-expression.ts';
import { changedTimes, matchesBetween } from '../time/cron-matches.ts';
import { firstOffsetChange, isSkippedDay, type OffsetChange, offsetAt, offsetChanges } from '../time/local-time.ts';
import { resolveTimeZone, unknownTimeZoneMessage } from '../time/time-zone.ts';
import type { TimedTrigger } from '../trigger.ts';

/**
 * What a change of the clock did to a fire. `shifted`: it stands for local times that the clock skips. `merged`: it
 * has its own time and stands for skipped ones besides. `repeated_hour`: the clock shows its time twice.
 */
export type FireNote =
  /** Floating local times in milliseconds, in order, at least one. */
  | { readonly kind: 'shifted' | 'merged'; readonly skipped: readonly number[] }
  | { readonly kind: 'repeated_hour'; readonly occurrence: 'first' | 'second' };

/**
 * The note on a fire of the trigger; null when no change of the clock touched it. `writtenAt` is the local time that
 * a timer was written with, when it was one (localTimeOf): the trigger holds only what became of it.
 * Throws RangeError when expression or zone cannot be read, like nextFireAfter.
 */
export const fireNote = (trigger: TimedTrigger, fire: Date, writtenAt: number | null = null): FireNote | null => {
  const zone = resolveTimeZone(trigger.timeZone);
  if (zone === null) throw new RangeError(unknownTimeZoneMessage(trigger.timeZone));
  const instant = fire.getTime();
  const change = firstOffsetChange(zone, instant - 1, instant);
  const isAfterGap = change !== null && change.offsetAfter > change.offsetBefore;
  if (isAfterGap) return noteAfterGap(trigger, zone, change, writtenAt);
  const occurrence = occurrenceOf(zone, instant);
  return occurrence === null ? null : { kind: 'repeated_hour', occurrence };
};

/** Only the first instant after a gap stands for what the gap skips. */
const noteAfterGap = (
  trigger: TimedTrigger,
  zone: string,
  change: OffsetChange,
  writtenAt: number | null,
): FireNote | null => {
  const [gapStart, gapEnd] = changedTimes(change);
  if (trigger.type === 'timer') {
    const isSkipped = writtenAt !== null && writtenAt >= gapStart && writtenAt < gapEnd;
    return isSkipped ? { kind: 'shifted', skipped: [writtenAt] } : null;
  }
  const parsed = parseCronExpression(trigger.cronExpression);
  if (!parsed.ok) throw new RangeError(parsed.message);
  if (parsed.pattern.kind === 'interval') return null;
  const skipped = matchesBetween(parsed.pattern, gapStart, gapEnd).filter((local) => !isSkippedDay(zone, local));
  if (skipped.length === 0) return null;
  const hasOwnTime = matchesBetween(parsed.pattern, gapEnd, gapEnd + 1).length > 0;
  return { kind: hasOwnTime ? 'merged' : 'shifted', skipped };
};

const dayMs = 86_400_000;

/** No clock was set back by more than a day since 1970, so the other occurrence lies within one. */
const occurrenceOf = (zone: string, instant: number): 'first' | 'second' | null => {
  const local = instant + offsetAt(zone, instant);
  for (const change of offsetChanges(zone, instant - dayMs, instant + dayMs)) {
    if (change.offsetAfter > change.offsetBefore) continue;
    const [from, until] = changedTimes(change);
    if (local >= from && local < until) return instant < change.at ? 'first' : 'second';
  }
  return null;
};
