import { UnusableTriggerError } from '../errors.ts';
import type { ScheduleTrigger, TimedTrigger } from '../trigger.ts';
import { remember } from './bounded-cache.ts';
import { type CronPattern, parseCronExpression } from './cron-expression.ts';
import { maxWaitYears, type NextLocalTime, toNextLocalTime } from './cron-walk.ts';
import {
  endOfDay,
  firstInstantAt,
  firstOffsetChange,
  furthestLocalTime,
  isSkippedDay,
  offsetAt,
} from './local-time.ts';
import { resolveTimeZone, unknownTimeZoneMessage } from './time-zone.ts';

const maxWaitMs = maxWaitYears * 366 * 86_400_000;

/**
 * The first fire strictly after an instant; null when there is none: the timer is spent, or the schedule never fires
 * again (within 50 years). Pure and bounded. The answers for a trigger are the same whatever instant one starts from.
 *
 * Clock changes. A fixed time (minute and hour are plain numbers or lists) fires once: when it is skipped, at the
 * first instant after the gap, where several skipped times are one fire; when it comes twice, the first time; on a day
 * that the zone skips, not at all. An interval follows elapsed time: nothing in the gap, both times in the overlap.
 *
 * Throws UnusableTriggerError when expression or zone cannot be read, which checkTrigger rules out: a zone can be taken
 * out of the runtime's data later.
 */
export const nextFireAfter = (trigger: TimedTrigger, after: Date): Date | null => {
  switch (trigger.type) {
    case 'timer':
      return trigger.at.getTime() > after.getTime() ? trigger.at : null;
    case 'schedule': {
      const fire = nextScheduledFire(trigger, after.getTime());
      return fire === null ? null : new Date(fire);
    }
    default:
      return trigger satisfies never;
  }
};

/** Whether the trigger fires at exactly this instant. Throws like nextFireAfter. */
export const isFireOf = (trigger: TimedTrigger, instant: Date): boolean =>
  nextFireAfter(trigger, new Date(instant.getTime() - 1))?.getTime() === instant.getTime();

interface PreparedCron {
  readonly pattern: CronPattern;
  readonly nextLocalTime: NextLocalTime;
}

const prepareCron = remember((expression: string): PreparedCron => {
  const parsed = parseCronExpression(expression);
  if (!parsed.ok) throw new UnusableTriggerError(parsed.message);
  return { pattern: parsed.pattern, nextLocalTime: toNextLocalTime(parsed.pattern) };
}, 1000);

const nextScheduledFire = (trigger: ScheduleTrigger, after: number): number | null => {
  const { pattern, nextLocalTime } = prepareCron(trigger.cronExpression);
  const zone = resolveTimeZone(trigger.timeZone);
  if (zone === null) throw new UnusableTriggerError(unknownTimeZoneMessage(trigger.timeZone));
  switch (pattern.kind) {
    case 'fixed_time':
      return nextFixedTime(nextLocalTime, zone, after);
    case 'interval':
      return nextOfInterval(nextLocalTime, zone, after);
    default:
      return pattern.kind satisfies never;
  }
};

/**
 * A fixed time is due when the wall clock first shows or passes it. So what the clock has passed already, also before
 * it was set back, has had its fire. A day that the zone skips as a whole (Samoa, 30 December 2011) has no fires.
 */
const nextFixedTime = (nextLocalTime: NextLocalTime, zone: string, after: number): number | null => {
  let local = nextLocalTime(furthestLocalTime(zone, after));
  while (local !== null) {
    const fire = firstInstantAt(zone, local);
    const isShown = fire + offsetAt(zone, fire) === local;
    if (isShown || !isSkippedDay(zone, local)) return fire;
    local = nextLocalTime(endOfDay(local) - 1);
  }
  return null;
};

/**
 * Walks from one change of the clock to the next. Between two of them the clock runs evenly and the next local time
 * is the next fire. Invariant: nothing matches between `searchedFrom` and `local`, both exclusive.
 */
const nextOfInterval = (nextLocalTime: NextLocalTime, zone: string, after: number): number | null => {
  let evenSince = after;
  let offset = offsetAt(zone, after);
  let searchedFrom = after + offset;
  let local = nextLocalTime(searchedFrom);
  while (local !== null && local - offset <= after + maxWaitMs) {
    const change = firstOffsetChange(zone, evenSince, local - offset);
    if (change === null) return local - offset;
    evenSince = change.at;
    offset = change.offsetAfter;
    const resumed = change.at + offset;
    const isSkipped = local < resumed;
    const comesBackTo = resumed <= searchedFrom;
    if (isSkipped || comesBackTo) {
      searchedFrom = resumed - 1;
      local = nextLocalTime(searchedFrom);
    }
  }
  return null;
};
