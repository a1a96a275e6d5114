/**
 * A second opinion on next-fire.ts: slow, minute by minute, and made of other parts. It shares no code with the
 * product: fields are predicates, offsets come from Intl and not from luxon, and no local time is ever computed ahead.
 */
export interface OracleSchedule {
  readonly minute: (value: number) => boolean;
  readonly hour: (value: number) => boolean;
  readonly dayOfMonth: (value: number) => boolean;
  readonly month: (value: number) => boolean;
  /** 0 to 6. */
  readonly dayOfWeek: (value: number) => boolean;
  readonly needsBothDayFields: boolean;
  readonly isFixedTime: boolean;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** The first fires strictly after an instant, up to and including another, at most `limit`. */
export const oracleFires = (
  schedule: OracleSchedule,
  zone: string,
  after: number,
  until: number,
  limit: number,
): number[] => {
  const fires: number[] = [];
  let furthest = Number.NEGATIVE_INFINITY;
  for (let day = startOfDay(after) - 2 * dayMs; day <= until && fires.length < limit; day += dayMs) {
    if (!isNearMatchingDate(schedule, day)) {
      furthest = Number.NEGATIVE_INFINITY;
      continue;
    }
    const offsetOf = offsetsOfDay(zone, day);
    for (let instant = day; instant < day + dayMs; instant += minuteMs) {
      const local = instant + offsetOf(instant);
      const reached = Math.max(furthest, local);
      const isFire = schedule.isFixedTime ? passesAMatch(schedule, furthest, reached) : matchesMinute(schedule, local);
      furthest = reached;
      if (isFire && instant > after && instant <= until) fires.push(instant);
    }
  }
  return fires.slice(0, limit);
};

/** Whether any minute in (from, to] matches: several of them where the wall clock jumps. Days jumped whole do not count. */
const passesAMatch = (schedule: OracleSchedule, from: number, to: number): boolean => {
  if (from === Number.NEGATIVE_INFINITY) return false;
  for (let local = from + minuteMs; local <= to; local += minuteMs) {
    const isJumpedDay = startOfDay(local) > from && startOfDay(local) + dayMs <= to;
    if (!isJumpedDay && matchesMinute(schedule, local)) return true;
  }
  return false;
};

const matchesMinute = (schedule: OracleSchedule, local: number): boolean => {
  const minuteOfDay = Math.floor((local - startOfDay(local)) / minuteMs);
  return (
    schedule.minute(minuteOfDay % 60) &&
    schedule.hour(Math.floor(minuteOfDay / 60)) &&
    matchesDate(schedule, startOfDay(local))
  );
};

const matchesDate = (schedule: OracleSchedule, day: number): boolean => {
  const date = new Date(day);
  if (!schedule.month(date.getUTCMonth() + 1)) return false;
  const first = schedule.dayOfMonth(date.getUTCDate());
  const second = schedule.dayOfWeek(date.getUTCDay());
  return schedule.needsBothDayFields ? first && second : first || second;
};

/** A local date lies within a day of the UTC date; the second day lets the wall clock run up to it. */
const isNearMatchingDate = (schedule: OracleSchedule, day: number): boolean =>
  [-2, -1, 0, 1, 2].some((days) => matchesDate(schedule, day + days * dayMs));

const startOfDay = (milliseconds: number): number => Math.floor(milliseconds / dayMs) * dayMs;

/** Asks Intl for each minute of the hour in which the offset changes. No zone changes twice in a day. */
const offsetsOfDay = (zone: string, day: number): ((instant: number) => number) => {
  const offset = zoneOffset(zone, day);
  if (offset === zoneOffset(zone, day + dayMs)) return () => offset;
  const hours = Array.from({ length: 25 }, (_, hour) => zoneOffset(zone, day + hour * hourMs));
  return (instant) => {
    const hour = Math.floor((instant - day) / hourMs);
    const atStart = hours[hour];
    return atStart !== undefined && atStart === hours[hour + 1] ? atStart : zoneOffset(zone, instant);
  };
};

const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds, from the text that Intl writes: `GMT`, `GMT+10:30`. */
export const zoneOffset = (zone: string, instant: number): number => {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, format);
  }
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d+):(\d+))?$/.exec(format.format(instant)) ?? [];
  const size = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * minuteMs;
  return sign === '-' ? -size : size;
};

/** The instants in a UTC year at which the zone's offset changes: found to three days, then the hour, the minute. */
export const changesInYear = (zone: string, year: number): number[] => {
  const changes: number[] = [];
  const stepMs = 3 * dayMs;
  let offset = zoneOffset(zone, Date.UTC(year, 0));
  for (let start = Date.UTC(year, 0); start < Date.UTC(year + 1, 0); start += stepMs) {
    const offsetAfter = zoneOffset(zone, start + stepMs);
    if (offset === offsetAfter) continue;
    let instant = start + hourMs;
    while (zoneOffset(zone, instant) === offset) instant += hourMs;
    instant -= hourMs;
    while (zoneOffset(zone, instant) === offset) instant += minuteMs;
    changes.push(instant);
    offset = offsetAfter;
  }
  return changes;
};
