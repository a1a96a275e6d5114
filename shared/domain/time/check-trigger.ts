import type { Problem } from '../errors.ts';
import type { TriggerDraft } from '../routine-draft.ts';
import type { ScheduleTrigger, Trigger } from '../trigger.ts';
import { parseCronExpression } from './cron-expression.ts';
import { closestFires } from './cron-interval.ts';
import { hasDates, maxWaitYears } from './cron-walk.ts';
import { nextFireAfter } from './next-fire.ts';
import { resolveTimeZone, unknownTimeZoneMessage } from './time-zone.ts';
import { resolveTimerAt } from './timer-at.ts';

export interface TriggerContext {
  /** Where the trigger stands in the body, such as `triggers.weekday-morning`: the beginning of each `param`. */
  readonly path: string;
  readonly now: Date;
  readonly minIntervalSeconds: number;
  /** The instant that the routine as it stands holds for this timer; it may be written again when it is past. */
  readonly storedAt?: Date;
}

export type TriggerCheck =
  | { readonly ok: true; readonly trigger: Trigger }
  | { readonly ok: false; readonly problems: readonly [Problem, ...Problem[]] };

const defaultTimeZone = 'UTC';

/**
 * Says whether what a caller wrote can be fired, and makes it a trigger: cron expression, time zone, the interval
 * between fires and the instant of a timer. All problems come together. Expression and zone stay as they were written.
 */
export const checkTrigger = (draft: TriggerDraft, context: TriggerContext): TriggerCheck => {
  switch (draft.type) {
    case 'schedule':
      return checkSchedule(draft, context);
    case 'timer':
      return checkTimer(draft, context);
    case 'github_issue':
    case 'custom':
      return { ok: true, trigger: draft };
    default:
      return draft satisfies never;
  }
};

type ScheduleDraft = Extract<TriggerDraft, { type: 'schedule' }>;
type TimerDraft = Extract<TriggerDraft, { type: 'timer' }>;

const checkSchedule = (draft: ScheduleDraft, context: TriggerContext): TriggerCheck => {
  const { cronExpression, timeZone = defaultTimeZone } = draft;
  const trigger: ScheduleTrigger = { type: 'schedule', cronExpression, timeZone };
  const zoneProblem = findZoneProblem(timeZone, context);
  const cronProblem =
    findCronProblem(cronExpression, context) ??
    (zoneProblem === null ? findNeverFiringProblem(trigger, context) : null);
  return toCheck(trigger, cronProblem, zoneProblem);
};

const checkTimer = (draft: TimerDraft, context: TriggerContext): TriggerCheck => {
  const { at, timeZone = defaultTimeZone } = draft;
  const zone = resolveTimeZone(timeZone);
  if (zone === null) return { ok: false, problems: [zoneProblemOf(timeZone, context)] };
  const resolved = resolveTimerAt(at, { zone, now: context.now, storedAt: context.storedAt });
  if (resolved.ok) return { ok: true, trigger: { type: 'timer', at: resolved.at, timeZone } };
  return { ok: false, problems: [{ code: resolved.code, message: resolved.message, param: `${context.path}.at` }] };
};

const toCheck = (trigger: Trigger, ...found: readonly (Problem | null)[]): TriggerCheck => {
  const [first, ...more] = found.filter((problem) => problem !== null);
  return first === undefined ? { ok: true, trigger } : { ok: false, problems: [first, ...more] };
};

const findZoneProblem = (timeZone: string, context: TriggerContext): Problem | null =>
  resolveTimeZone(timeZone) === null ? zoneProblemOf(timeZone, context) : null;

const zoneProblemOf = (timeZone: string, { path }: TriggerContext): Problem => ({
  code: 'invalid_time_zone',
  message: unknownTimeZoneMessage(timeZone),
  param: `${path}.time_zone`,
});

const findCronProblem = (expression: string, { path, minIntervalSeconds }: TriggerContext): Problem | null => {
  const param = `${path}.cron_expression`;
  const parsed = parseCronExpression(expression);
  if (!parsed.ok) return { code: 'invalid_cron_expression', message: parsed.message, param };
  if (!hasDates(parsed.pattern)) {
    const message = `Cron "${expression}" never fires: no date matches its day of month and month`;
    return { code: 'invalid_cron_expression', message, param };
  }
  const closest = closestFires(parsed.pattern);
  if (closest === null || closest.seconds >= minIntervalSeconds) return null;
  const second = `${closest.second}${closest.isNextDay ? ' of the next day' : ''}`;
  return {
    code: 'interval_too_short',
    message: `Cron "${expression}" fires at ${closest.first} and at ${second}, ${closest.seconds} seconds apart, expected at least ${minIntervalSeconds}`,
    param,
  };
};

/** A pattern that has dates may still lie in the hour that its zone skips every year. */
const findNeverFiringProblem = (trigger: ScheduleTrigger, { path, now }: TriggerContext): Problem | null =>
  nextFireAfter(trigger, now) === null
    ? {
        code: 'invalid_cron_expression',
        message: `Cron "${trigger.cronExpression}" never fires: no date matches in ${trigger.timeZone} within ${maxWaitYears} years`,
        param: `${path}.cron_expression`,
      }
    : null;
