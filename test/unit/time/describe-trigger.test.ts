import { describe, expect, it } from 'vitest';
import { describeTrigger } from '../../../shared/domain/kinds/trigger-kinds.ts';
import { nextFireAfter } from '../../../shared/domain/time/next-fire.ts';
import type { Trigger } from '../../../shared/domain/trigger.ts';
import { describeDescriptions } from './descriptions.suite.ts';
import { aSchedule } from './expect-fires.ts';
import { type Meaning, readDescription } from './read-description.ts';

const dayMs = 86_400_000;

const matchesMeaning = ({ times, isDate }: Meaning, instant: number): boolean => {
  const date = new Date(instant);
  return (
    times.has(date.getUTCHours() * 60 + date.getUTCMinutes()) &&
    isDate(date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCDay())
  );
};

// Across 29 February of a leap year and the ends of three months.
const from = Date.UTC(2028, 1, 20);
const until = from + 80 * dayMs;

describe('a schedule in words', () => {
  it.each([
    ['0 7 * * *', 'At 07:00 every day'],
    ['0 7 * * 1-5', 'At 07:00 on Monday to Friday'],
    ['0 7 * * MON-fri', 'At 07:00 on Monday to Friday'],
    ['30 8 * * 0', 'At 08:30 on Sunday'],
    ['30 8 * * 7', 'At 08:30 on Sunday'],
    ['30 8 * * 6,7', 'At 08:30 on Saturday and Sunday'],
    ['30 8 * * 5-7', 'At 08:30 on Friday to Sunday'],
    ['30 8 * * FRI-MON', 'At 08:30 on Monday and Friday to Sunday'],
    ['30 8 * * 1,3,5', 'At 08:30 on Monday, Wednesday and Friday'],
    ['30 8 * * 1/2', 'At 08:30 on Monday, Wednesday, Friday and Sunday'],
    ['0 0 * * */2', 'At 00:00 on Tuesday, Thursday, Saturday and Sunday'],
    ['0 9 ? * 2', 'At 09:00 on Tuesday'],
    ['0 9 1 * ?', 'At 09:00 on day 1 of the month'],
    ['0 9 ? * ?', 'At 09:00 every day'],
    ['0 9 1,15 * *', 'At 09:00 on days 1 and 15 of the month'],
    ['0 9 1-7 * *', 'At 09:00 on days 1 to 7 of the month'],
    ['0 9 28-3 * *', 'At 09:00 on days 1 to 3 and 28 to 31 of the month'],
    ['0 9 */2 * *', 'At 09:00 on days 1 to 31 (in steps of 2) of the month'],
    ['0 9 31 * *', 'At 09:00 on day 31 of the month'],
    ['0 9 29 2 *', 'At 09:00 on day 29 of the month, in February'],
    ['0 9 13 * 5', 'At 09:00 either on Friday or on day 13 of the month'],
    ['0 9 1-7 3,4 1', 'At 09:00 either on Monday or on days 1 to 7 of the month, in March and April'],
    ['0 9 1-31 * 1', 'At 09:00 every day'],
    ['0 9 1 * 0-6', 'At 09:00 every day'],
    ['0 9 */2 * 1', 'At 09:00 on Monday, only on days 1 to 31 (in steps of 2) of the month'],
    ['0 9 1-7 * */7', 'At 09:00 on Sunday, only on days 1 to 7 of the month'],
    ['0 9 */1 * 1', 'At 09:00 on Monday'],
    ['0 9 * 1-3,6 *', 'At 09:00 every day, in January to March and June'],
    ['0 9 * NOV-feb *', 'At 09:00 every day, in January, February, November and December'],
    ['* * * * *', 'Every minute'],
    ['*/5 * * * *', 'Every 5 minutes'],
    ['0/5 * * * *', 'Every 5 minutes'],
    ['0-59/30 * * * *', 'Every 30 minutes'],
    ['*/15 * * 6 1', 'Every 15 minutes on Monday, in June'],
    ['*/15 * * 3 *', 'Every 15 minutes, in March'],
    ['5/15 * * * *', 'At minutes 5, 20, 35 and 50 of every hour'],
    ['*/45 * * * *', 'At minutes 0 and 45 of every hour'],
    ['*/7 * * * *', 'At minutes 0 to 56 (in steps of 7) of every hour'],
    ['55-5/5 * * * *', 'At minutes 0, 5 and 55 of every hour'],
    ['0 * * * *', 'Every hour on the hour'],
    ['30 * * * *', 'Every hour at minute 30'],
    ['30 0-23 * * *', 'Every hour at minute 30'],
    ['0 */2 * * *', 'Every 2 hours from 00:00 to 22:00 every day'],
    ['0 1/2 * * *', 'Every 2 hours from 01:00 to 23:00 every day'],
    ['0 */5 * * *', 'At 00:00, 05:00, 10:00, 15:00 and 20:00 every day'],
    ['*/15 9-17 * * 1-5', 'Every 15 minutes from 09:00 to 17:45 on Monday to Friday'],
    ['*/15 22-2 * * *', 'Every 15 minutes from 00:00 to 02:45 and from 22:00 to 23:45 every day'],
    ['0 9-17,20 * * *', 'Every hour from 09:00 to 17:00 and at 20:00 every day'],
    ['0,20,45 9-17,20 * * *', 'At minutes 0, 20 and 45 of the hours 9 to 17 and 20 every day'],
    ['*/7 2 * * *', 'Every 7 minutes from 02:00 to 02:56 every day'],
    ['30 6,18 * * *', 'At 06:30 and 18:30 every day'],
    ['@hourly', 'Every hour on the hour'],
    ['@Daily', 'At 00:00 every day'],
    ['@midnight', 'At 00:00 every day'],
    ['@weekly', 'At 00:00 on Sunday'],
    ['@monthly', 'At 00:00 on day 1 of the month'],
    ['@yearly', 'At 00:00 on day 1 of the month, in January'],
  ])('%s: %s; and it fires exactly when the words say', (expression, words) => {
    const trigger = aSchedule(expression);
    const description = describeTrigger(trigger);
    expect(description).toBe(`${words}, time zone UTC`);
    const meaning = readDescription(description);
    const said: number[] = [];
    for (let instant = from + 60_000; instant <= until && said.length < 500; instant += 60_000) {
      if (matchesMeaning(meaning, instant)) said.push(instant);
    }
    const fired: number[] = [];
    let fire = nextFireAfter(trigger, new Date(from));
    while (fire !== null && fire.getTime() <= until && fired.length < 500) {
      fired.push(fire.getTime());
      fire = nextFireAfter(trigger, fire);
    }
    expect(fired).toEqual(said);
  });
});

describeDescriptions();

describe('another trigger in words', () => {
  it.each<[string, Trigger, string]>([
    [
      'a timer',
      { type: 'timer', at: new Date('2026-09-01T09:00:00Z'), timeZone: 'Europe/Paris' },
      'Once, at 2026-09-01T11:00:00+02:00, time zone Europe/Paris',
    ],
    [
      'a GitHub issue',
      { type: 'github_issue', connectionId: 'c', owner: 'octo', repository: 'tools', issueEvent: 'closed' },
      'When an issue is closed in octo/tools on GitHub',
    ],
    [
      'an event',
      { type: 'custom', provider: 'shop', eventName: 'sold', parameters: {} },
      'On the event "sold" of "shop"',
    ],
    ['any event', { type: 'custom', provider: 'shop', parameters: {} }, 'On any event of "shop"'],
    ['the provider api', { type: 'custom', provider: 'api', parameters: {} }, 'Only when it is dispatched'],
  ])('%s', (_, trigger, words) => {
    expect(describeTrigger(trigger)).toBe(words);
  });
});
