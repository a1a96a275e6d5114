import { firstInstantAt } from './local-time.ts';

export type TimerAtResult =
  | { readonly ok: true; readonly at: Date }
  | { readonly ok: false; readonly code: 'invalid_request' | 'timer_in_past'; readonly message: string };

export interface TimerAtContext {
  /** What resolveTimeZone answers: the zone of a local time. */
  readonly zone: string;
  readonly now: Date;
  /** The instant that the routine holds for this trigger already: it may be in the past. */
  readonly storedAt?: Date;
}

const secondMs = 1000;

/** Numbers above it are milliseconds: as seconds it is the year 5138, as milliseconds 1973. */
const largestSeconds = 1e11;

/** Later ones could not be read back: as unix seconds they would look like milliseconds. */
const latestMs = largestSeconds * secondMs;

const maxTextLength = 100;

const forms =
  'expected unix seconds, an ISO 8601 time such as 2026-09-01T09:00:00Z or, with time_zone, 2026-09-01T09:00:00, or a duration such as 30m, 2h, 1h30m, PT30M';

/**
 * Resolves `at` of a timer to an instant, rounded up to the second. Forms: whole unix seconds (milliseconds above
 * 1e11), ISO 8601 with an offset, local ISO 8601 in the zone of the context, a positive duration from now.
 * A local time that the clock skips is the first instant after the gap; one that comes twice is the first.
 * An instant that is not after now is refused, unless it is the stored one.
 */
export const resolveTimerAt = (at: string | number, context: TimerAtContext): TimerAtResult => {
  if (typeof at === 'string' && at.length > maxTextLength) {
    return refuse('invalid_request', `Timer has ${at.length} characters, expected at most ${maxTextLength}`);
  }
  const instant = typeof at === 'number' ? instantOfNumber(at) : instantOfText(at, context);
  if (instant === null) return refuse('invalid_request', `Timer ${JSON.stringify(at)} is no time; ${forms}`);
  const rounded = Math.ceil(instant / secondMs) * secondMs;
  if (rounded > latestMs) {
    return refuse('invalid_request', `Timer ${JSON.stringify(at)} is too late, expected a time up to the year 5138`);
  }
  const storedMs = context.storedAt?.getTime();
  const isStored = storedMs !== undefined && Math.ceil(storedMs / secondMs) * secondMs === rounded;
  if (rounded <= context.now.getTime() && !isStored) {
    return refuse(
      'timer_in_past',
      `Timer ${JSON.stringify(at)} is ${isoText(rounded)}, expected a time after ${context.now.toISOString()} (now)`,
    );
  }
  return { ok: true, at: new Date(rounded) };
};

/** The local time that `at` names, in floating milliseconds; null when it names an instant, a duration or no time. */
export const localTimeOf = (at: string | number): number | null => {
  const text = typeof at === 'string' ? at.trim() : '';
  const isLocal = isoTime.exec(text)?.groups?.offset === undefined;
  return isLocal ? parseIsoTime(text, 'UTC') : null;
};

const refuse = (code: 'invalid_request' | 'timer_in_past', message: string): TimerAtResult => ({
  ok: false,
  code,
  message,
});

/** Also for instants before the first that a Date can hold. */
const isoText = (instant: number): string => {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? 'before all time' : date.toISOString();
};

const instantOfNumber = (at: number): number | null => {
  if (!Number.isSafeInteger(at)) return null;
  return at > largestSeconds ? at : at * secondMs;
};

const instantOfText = (at: string, { zone, now }: TimerAtContext): number | null => {
  const text = at.trim();
  const durationMs = parseDuration(text);
  return durationMs === null ? parseIsoTime(text, zone) : now.getTime() + durationMs;
};

const shortDuration = /^(?=\d)(?:(?<days>\d+)d)?(?:(?<hours>\d+)h)?(?:(?<minutes>\d+)m)?(?:(?<seconds>\d+)s)?$/;
const isoDuration =
  /^P(?=[\dT])(?:(?<weeks>\d+)W)?(?:(?<days>\d+)D)?(?:T(?=\d)(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?(?:(?<seconds>\d+)S)?)?$/;

/** Milliseconds of a positive duration; null for anything else. Months and years have no fixed length: no duration. */
const parseDuration = (text: string): number | null => {
  const groups = (shortDuration.exec(text) ?? isoDuration.exec(text))?.groups;
  if (groups === undefined) return null;
  const count = (unit: string) => Number(groups[unit] ?? 0);
  const hours = (count('weeks') * 7 + count('days')) * 24 + count('hours');
  const seconds = (hours * 60 + count('minutes')) * 60 + count('seconds');
  return seconds > 0 ? seconds * secondMs : null;
};

const isoTime =
  /^(?<date>\d{4}-\d{2}-\d{2})[Tt ](?<time>\d{2}:\d{2})(?::(?<seconds>\d{2})(?:[.,](?<fraction>\d+))?)?(?<offset>[Zz]|[+-]\d{2}(?::?\d{2})?)?$/;

const parseIsoTime = (text: string, zone: string): number | null => {
  const groups = isoTime.exec(text)?.groups;
  if (groups === undefined) return null;
  const { date = '', time = '', seconds = '00', fraction = '', offset } = groups;
  const floatingText = `${date}T${time}:${seconds}.000Z`;
  const floating = Date.parse(floatingText);
  // Date.parse takes 30 February for 1 March, and 24:00 for the next midnight.
  if (Number.isNaN(floating) || new Date(floating).toISOString() !== floatingText) return null;
  const whole = offset === undefined ? firstInstantAt(zone, floating) : floating - offsetMs(offset);
  if (Number.isNaN(whole)) return null;
  // However small, a fraction makes the time later than its second: it is rounded up.
  return /[1-9]/.test(fraction) ? whole + 1 : whole;
};

/** Milliseconds of `Z`, `+02`, `+0200`, `-03:30`; NaN when it is a whole day or more. */
const offsetMs = (text: string): number => {
  if (text === 'Z' || text === 'z') return 0;
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.slice(1).replace(':', '').padEnd(4, '0');
  const hours = Number(digits.slice(0, 2));
  const minutes = Number(digits.slice(2));
  return hours > 23 || minutes > 59 ? Number.NaN : sign * (hours * 60 + minutes) * 60_000;
};
