import type { Problem } from '../errors.ts';
import type { ScheduleDraft } from '../routine-draft.ts';
import { parseCronExpression } from '../time/cron-expression.ts';
import { closestFires } from '../time/cron-interval.ts';
import { hasDates, maxWaitYears } from '../time/cron-walk.ts';
import { nextFireAfter } from '../time/next-fire.ts';
import { resolveTimeZone } from '../time/time-zone.ts';
import type { ScheduleTrigger } from '../trigger.ts';
import type { TriggerCheck, TriggerContext } from './trigger-kind.ts';
import { defaultTimeZone, zoneProblemOf } from './trigger-zone.ts';

/** Checks expression, zone and the interval between fires. Expression and zone stay as they were written. */
export const checkSchedule = (draft: ScheduleDraft, context: TriggerContext): TriggerCheck<ScheduleTrigger> => {
  const { type, cronExpression, timeZone = defaultTimeZone } = draft;
  const trigger: ScheduleTrigger = { type, cronExpression, timeZone };
  const isZone = resolveTimeZone(timeZone) !== null;
  const cronProblem =
    findCronProblem(cronExpression, context) ?? (isZone ? findNeverFiringProblem(trigger, context) : null);
  const found = [cronProblem, isZone ? null : zoneProblemOf(timeZone, context)];
  const [first, ...more] = found.filter((problem) => problem !== null);
  return first === undefined ? { ok: true, trigger } : { ok: false, problems: [first, ...more] };
};

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
