import { offsetAt } from './local-time.ts';
import { resolveTimeZone, unknownTimeZoneMessage } from './time-zone.ts';

/** `HH:MM` of a local time, or of a time since midnight, in milliseconds; `HH:MM:SS` within a minute. */
export const clockText = (local: number): string =>
  new Date(local).toISOString().slice(11, local % 60_000 === 0 ? 16 : 19);

/** `YYYY-MM-DD` of a local time. */
export const dateText = (local: number): string => new Date(local).toISOString().slice(0, 10);

/**
 * An instant as the wall clock of a time zone shows it: `2026-11-01T01:30:00-07:00`. Whole seconds, rounded down.
 * Throws RangeError for an unknown zone.
 */
export const zonedTimeText = (timeZone: string, instant: Date): string => {
  const zone = resolveTimeZone(timeZone);
  if (zone === null) throw new RangeError(unknownTimeZoneMessage(timeZone));
  const offset = offsetAt(zone, instant.getTime());
  const local = new Date(instant.getTime() + offset).toISOString().slice(0, 19);
  // Liberia's -00:44:30 of 1971 is the last offset with seconds; ISO 8601 has no room for them.
  const wholeMinutes = Math.floor(Math.abs(offset) / 60_000) * 60_000;
  return `${local}${offset < 0 ? '-' : '+'}${clockText(wholeMinutes)}`;
};
