import * as z from 'zod';
import type { NothingLeft } from '../every-field.ts';
import { describeDates } from '../preview/describe-dates.ts';
import { describeTimes } from '../preview/describe-times.ts';
import { scheduleWarnings } from '../preview/schedule-warnings.ts';
import type { ScheduleDraft } from '../routine-draft.ts';
import { storedObject } from '../schema/stored-fields.ts';
import { flag, text } from '../schema/wire-fields.ts';
import { parseCronExpression } from '../time/cron-expression.ts';
import type { ScheduleTrigger } from '../trigger.ts';
import { checkSchedule } from './check-schedule.ts';
import type { TriggerKind } from './trigger-kind.ts';

const wire = z.object({
  type: z.literal('schedule'),
  enabled: flag,
  cron_expression: text(1, 1024),
  time_zone: text(1, 256).optional(),
});

/** Told from the very numbers that fire it, never from the text of its expression: the words cannot say another time. */
const describe = ({ cronExpression, timeZone }: ScheduleTrigger): string => {
  const parsed = parseCronExpression(cronExpression);
  if (!parsed.ok) throw new RangeError(parsed.message);
  return `${describeTimes(parsed.pattern)}${describeDates(parsed.pattern)}, time zone ${timeZone}`;
};

export const scheduleTrigger = {
  wire,
  aliases: { cron_expression: ['cron'] },
  fromWire: ({ type, cron_expression, time_zone }) => ({ type, cronExpression: cron_expression, timeZone: time_zone }),
  check: checkSchedule,
  toWire: ({ type, cronExpression, timeZone, ...rest }) => {
    rest satisfies NothingLeft;
    return { type, cron_expression: cronExpression, time_zone: timeZone };
  },
  stored: storedObject({ type: z.literal('schedule'), cronExpression: z.string(), timeZone: z.string() }),
  attemptSource: 'schedule_delivery',
  firing: ({ cronExpression, timeZone }) => JSON.stringify([cronExpression, timeZone]),
  localTime: () => null,
  describe,
  warnings: scheduleWarnings,
} satisfies TriggerKind<ScheduleTrigger, ScheduleDraft, typeof wire>;
