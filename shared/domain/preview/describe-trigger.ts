import { parseCronExpression } from '../time/cron-expression.ts';
import { zonedTimeText } from '../time/local-time-text.ts';
import type { CustomTrigger, ScheduleTrigger, TimerTrigger, Trigger } from '../trigger.ts';
import { describeDates } from './describe-dates.ts';
import { describeTimes } from './describe-times.ts';

/**
 * When a trigger fires, in words, without a full stop. A schedule is told from the very numbers that fire it, never
 * from the text of its expression, so the words cannot say another time. Throws RangeError when expression or zone
 * cannot be read, which checkTrigger rules out.
 */
export const describeTrigger = (trigger: Trigger): string => {
  switch (trigger.type) {
    case 'schedule':
      return describeSchedule(trigger);
    case 'timer':
      return describeTimer(trigger);
    case 'github_issue':
      return `When an issue is ${trigger.issueEvent} in ${trigger.owner}/${trigger.repository} on GitHub`;
    case 'custom':
      return describeCustom(trigger);
    default:
      return trigger satisfies never;
  }
};

const describeSchedule = ({ cronExpression, timeZone }: ScheduleTrigger): string => {
  const parsed = parseCronExpression(cronExpression);
  if (!parsed.ok) throw new RangeError(parsed.message);
  return `${describeTimes(parsed.pattern)}${describeDates(parsed.pattern)}, time zone ${timeZone}`;
};

const describeTimer = ({ at, timeZone }: TimerTrigger): string =>
  `Once, at ${zonedTimeText(timeZone, at)}, time zone ${timeZone}`;

const describeCustom = ({ provider, eventName }: CustomTrigger): string => {
  if (provider === 'api') return 'Only when it is dispatched';
  const event = eventName === undefined ? 'any event' : `the event ${JSON.stringify(eventName)}`;
  return `On ${event} of ${JSON.stringify(provider)}`;
};
