import { IANAZone } from 'luxon';
import { remember } from './bounded-cache.ts';

// Instants and local times are both milliseconds; a local time is floating, as if the zone's wall clock were UTC's.
// `zone` is what resolveTimeZone answers. Offsets are in milliseconds, positive in the east.

/** An instant at which the zone's wall clock is moved. A positive step leaves a gap, a negative one an overlap. */
export interface OffsetChange {
  readonly at: number;
  readonly offsetBefore: number;
  readonly offsetAfter: number;
}

const dayMs = 86_400_000;

/** The widest step of a wall clock: a zone that crosses the date line skips 24 hours (Samoa, 2011). */
const widestStepMs = 2 * dayMs;

/** The zone's offset at an instant. */
export const offsetAt = (zone: string, instant: number): number => {
  const year = offsetsOfYear(zone, new Date(instant).getUTCFullYear());
  return year.changes.findLast((change) => change.at <= instant)?.offsetAfter ?? year.offsetAtStart;
};

/** The changes after `from`, up to and including `until`, in order. Lazy: ask for as many as are needed. */
export function* offsetChanges(zone: string, from: number, until: number): Generator<OffsetChange> {
  const lastYear = new Date(until).getUTCFullYear();
  for (let year = new Date(from).getUTCFullYear(); year <= lastYear; year++) {
    for (const change of offsetsOfYear(zone, year).changes) {
      if (change.at > from && change.at <= until) yield change;
    }
  }
}

/** The first change after `from`, up to and including `until`; null when there is none. */
export const firstOffsetChange = (zone: string, from: number, until: number): OffsetChange | null => {
  for (const change of offsetChanges(zone, from, until)) return change;
  return null;
};

/**
 * The latest local time that the zone's wall clock has shown up to an instant. It is ahead of the clock's own time
 * while an hour repeats.
 */
export const furthestLocalTime = (zone: string, instant: number): number => {
  let furthest = instant + offsetAt(zone, instant);
  for (const change of offsetChanges(zone, instant - widestStepMs, instant)) {
    furthest = Math.max(furthest, change.at + change.offsetBefore - 1);
  }
  return furthest;
};

/**
 * The instant at which the zone's wall clock first shows a local time, or first shows a later one when it skips it:
 * the end of a gap, the first of a time that comes twice.
 */
export const firstInstantAt = (zone: string, local: number): number => {
  let offset = offsetAt(zone, local - widestStepMs);
  for (const change of offsetChanges(zone, local - widestStepMs, local + widestStepMs)) {
    if (local - offset < change.at) break;
    if (local <= change.at + change.offsetAfter) return change.at;
    offset = change.offsetAfter;
  }
  return local - offset;
};

/** The midnight that ends the day of a local time. */
export const endOfDay = (local: number): number => (Math.floor(local / dayMs) + 1) * dayMs;

/** Whether the zone's wall clock shows no time at all of the day of a local time: both its midnights pass at once. */
export const isSkippedDay = (zone: string, local: number): boolean =>
  firstInstantAt(zone, endOfDay(local) - dayMs) === firstInstantAt(zone, endOfDay(local));

interface YearOfOffsets {
  readonly offsetAtStart: number;
  readonly changes: readonly OffsetChange[];
}

// luxon tells the offset of an instant, not where it changes, so a year is sampled and each change found by bisection.
// The closest two changes of any zone since 1970 are 6 days and 23 hours apart (Recife 2000, Gaza 2040).
const sampleMs = 5 * dayMs;
const secondMs = 1000;

const offsetsOfYear = (zone: string, year: number): YearOfOffsets => rememberedYears(`${year} ${zone}`);

const rememberedYears = remember((key: string): YearOfOffsets => {
  const [year = '', zone = ''] = key.split(' ');
  const luxonZone = IANAZone.create(zone);
  const offset = (instant: number) => luxonZone.offset(instant) * 60_000;
  const start = Date.UTC(Number(year), 0);
  // A change at the very start of the next year is this year's last.
  const end = Date.UTC(Number(year) + 1, 0);
  const changes: OffsetChange[] = [];
  let offsetBefore = offset(start);
  for (let from = start; from < end; from += sampleMs) {
    const to = Math.min(from + sampleMs, end);
    const offsetAfter = offset(to);
    if (offsetAfter === offsetBefore) continue;
    changes.push({ at: bisect(from, to, (instant) => offset(instant) === offsetAfter), offsetBefore, offsetAfter });
    offsetBefore = offsetAfter;
  }
  return { offsetAtStart: offset(start), changes };
}, 10_000);

/** The first whole second in (from, to] at which it holds; it does not at `from`, does at `to`, and turns once. */
const bisect = (from: number, to: number, holds: (instant: number) => boolean): number => {
  let before = from / secondMs;
  let after = to / secondMs;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (holds(middle * secondMs)) after = middle;
    else before = middle;
  }
  return after * secondMs;
};
