import { describe, expect, it } from 'vitest';
import { type CronPattern, parseCronExpression } from '../../../shared/domain/time/cron-expression.ts';

const patternOf = (expression: string): CronPattern => {
  const parsed = parseCronExpression(expression);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.pattern;
};

const messageOf = (expression: string): string => {
  const parsed = parseCronExpression(expression);
  return parsed.ok ? 'accepted' : parsed.message;
};

describe('values of a field', () => {
  it.each([
    ['5', [5]],
    ['05', [5]],
    ['1,3,2,3', [1, 2, 3]],
    ['10-13', [10, 11, 12, 13]],
    ['10-20/5', [10, 15, 20]],
    ['*/20', [0, 20, 40]],
    ['50/5', [50, 55]],
    ['58-1', [0, 1, 58, 59]],
    ['56-4/4', [0, 4, 56]],
    ['7-7', [7]],
  ])('minute %s', (minute, expected) => {
    expect([...patternOf(`${minute} * * * *`).minutes]).toEqual(expected);
  });

  it.each([
    ['SUN', [0]],
    ['7', [0]],
    ['mon-Fri', [1, 2, 3, 4, 5]],
    ['thu-sun', [0, 4, 5, 6]],
    ['FRI-MON', [0, 1, 5, 6]],
    ['sat-tue/2', [1, 6]],
    ['1/2', [0, 1, 3, 5]],
    ['7-2', [0, 1, 2]],
    ['0-7', [0, 1, 2, 3, 4, 5, 6]],
    ['*/7', [0]],
    ['?', [0, 1, 2, 3, 4, 5, 6]],
  ])('day of week %s', (dayOfWeek, expected) => {
    expect([...patternOf(`0 0 * * ${dayOfWeek}`).daysOfWeek]).toEqual(expected);
  });

  it.each([
    ['jan', [1]],
    ['NOV-FEB', [1, 2, 11, 12]],
    ['*/5', [1, 6, 11]],
  ])('month %s', (month, expected) => {
    expect([...patternOf(`0 0 1 ${month} *`).months]).toEqual(expected);
  });

  it.each([
    ['28-3', [1, 2, 3, 28, 29, 30, 31]],
    ['20-5/5', [4, 20, 25, 30]],
    ['*/10', [1, 11, 21, 31]],
  ])('day of month %s', (dayOfMonth, expected) => {
    expect([...patternOf(`0 0 ${dayOfMonth} * *`).daysOfMonth]).toEqual(expected);
  });
});

describe('macros', () => {
  it.each([
    ['@hourly', '0 * * * *'],
    ['@daily', '0 0 * * *'],
    ['@midnight', '0 0 * * *'],
    ['@weekly', '0 0 * * 0'],
    ['@monthly', '0 0 1 * *'],
    ['@yearly', '0 0 1 1 *'],
    ['@annually', '0 0 1 1 *'],
    [' @Daily ', '0 0 * * *'],
  ])('%s means %s', (macro, expression) => {
    expect(parseCronExpression(macro)).toEqual(parseCronExpression(expression));
  });
});

describe('fixed time or interval', () => {
  it.each([
    ['0 9 * * *', 'fixed_time'],
    ['0,30 9,17 * * *', 'fixed_time'],
    ['0 9 */2 1-6 MON-FRI', 'fixed_time'],
    ['@daily', 'fixed_time'],
    ['0 * * * *', 'interval'],
    ['*/30 9 * * *', 'interval'],
    ['0 9-17 * * *', 'interval'],
    ['0 0/6 * * *', 'interval'],
    ['5-5 9 * * *', 'interval'],
    ['@hourly', 'interval'],
  ])('%s is %s', (expression, kind) => {
    expect(patternOf(expression).kind).toBe(kind);
  });
});

describe('what is refused, and how it is said', () => {
  it.each([
    ['61 * * * *', 'Cron "61 * * * *": minute 61 is outside 0-59'],
    ['0 24 * * *', 'Cron "0 24 * * *": hour 24 is outside 0-23'],
    ['0 0 0 * *', 'Cron "0 0 0 * *": day of month 0 is outside 1-31'],
    ['0 0 * 13 *', 'Cron "0 0 * 13 *": month 13 is outside 1-12'],
    ['0 0 * * 8', 'Cron "0 0 * * 8": day of week 8 is outside 0-7'],
    ['*/0 * * * *', 'Cron "*/0 * * * *": minute step 0 is outside 1-59'],
    ['*/60 * * * *', 'Cron "*/60 * * * *": minute step 60 is outside 1-59'],
    ['@reboot', 'Cron "@reboot": unknown macro, expected one of @hourly @daily'],
    ['@minutely', 'unknown macro'],
    ['0 0 * * * *', 'Cron "0 0 * * * *": 6 fields, expected 5'],
    ['* * * *', 'Cron "* * * *": 4 fields, expected 5'],
    ['', 'Cron "": 0 fields, expected 5'],
    ['H * * * *', 'minute "H" is unknown, expected 0-59'],
    ['0 0 * * MONDAY', 'day of week "MONDAY" is unknown, expected 0-7, SUN-SAT, *, ?'],
    ['0 0 * MON *', 'month "MON" is unknown, expected 1-12, JAN-DEC'],
    ['0 0 L * *', 'day of month "L" is unknown'],
    ['0 0 * * 5#2', 'day of week "5#2" is no number, name, range or step'],
    ['0 0 15W * *', 'day of month "15W" is unknown'],
    ['? * * * *', 'minute "?" is no number'],
    ['0 0 ?/2 * *', 'day of month "?/2" is no number'],
    ['0 0 1,,2 * *', 'day of month "" is no number'],
    ['-1 * * * *', 'minute "-1" is no number'],
    ['1.5 * * * *', 'minute "1.5" is no number'],
    [`${'0,'.repeat(500)}0 * * * *`, 'Cron expression has 1009 characters, expected at most 1000'],
  ])('%s', (expression, message) => {
    expect(messageOf(expression)).toContain(message);
  });
});

it('any white space separates fields, and surrounds them', () => {
  expect(parseCronExpression('  0\t9  *  * 1-5 ')).toEqual(parseCronExpression('0 9 * * 1-5'));
});
