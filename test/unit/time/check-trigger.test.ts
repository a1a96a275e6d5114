import { describe, expect, it } from 'vitest';
import type { TriggerContext } from '../../../shared/domain/kinds/trigger-kind.ts';
import { checkTrigger } from '../../../shared/domain/kinds/trigger-kinds.ts';
import type { TriggerDraft } from '../../../shared/domain/routine-draft.ts';

const context: TriggerContext = {
  path: 'triggers.weekday-morning',
  now: new Date('2026-08-01T12:00:00Z'),
  minIntervalSeconds: 300,
};
const check = (draft: TriggerDraft, changed: Partial<TriggerContext> = {}) =>
  checkTrigger(draft, { ...context, ...changed });
const problemsOf = (draft: TriggerDraft, changed: Partial<TriggerContext> = {}) => {
  const checked = check(draft, changed);
  return checked.ok ? [] : checked.problems.map(({ code, param }) => [code, param]);
};

describe('a schedule', () => {
  it('is kept as it was written', () => {
    const draft = { type: 'schedule', cronExpression: ' 0 7 * * mon-FRI', timeZone: 'pacific standard time' } as const;
    expect(check(draft)).toEqual({ ok: true, trigger: draft });
  });

  it('has the time zone UTC when none is given', () => {
    expect(check({ type: 'schedule', cronExpression: '0 7 * * 1-5' })).toEqual({
      ok: true,
      trigger: { type: 'schedule', cronExpression: '0 7 * * 1-5', timeZone: 'UTC' },
    });
  });

  it.each(['61 * * * *', '', '@reboot', '0 0 30 2 *', '0 0 31 2,4,6 *'])('"%s" is an invalid expression', (cron) => {
    expect(problemsOf({ type: 'schedule', cronExpression: cron })).toEqual([
      ['invalid_cron_expression', 'triggers.weekday-morning.cron_expression'],
    ]);
  });

  it('that has no date says so', () => {
    expect(check({ type: 'schedule', cronExpression: '0 0 30 2 *' })).toMatchObject({
      problems: [{ message: 'Cron "0 0 30 2 *" never fires: no date matches its day of month and month' }],
    });
  });

  it('that lies in the skipped hour of every year never fires, and says so', () => {
    expect(check({ type: 'schedule', cronExpression: '*/5 2 8-14 3 */7', timeZone: 'America/New_York' })).toMatchObject(
      {
        problems: [
          {
            code: 'invalid_cron_expression',
            message: 'Cron "*/5 2 8-14 3 */7" never fires: no date matches in America/New_York within 50 years',
          },
        ],
      },
    );
  });

  it.each(['*/7 * * * *', '0,3 9 * * *', '0,59 0,23 1,31 1,12 *', '* * * * *', '*/4 * * * *'])(
    '"%s" fires too often',
    (cron) => {
      expect(problemsOf({ type: 'schedule', cronExpression: cron })).toEqual([
        ['interval_too_short', 'triggers.weekday-morning.cron_expression'],
      ]);
    },
  );

  it.each(['*/5 * * * *', '0,59 0,23 * * 1', '0 0 29 2 */7', '@hourly'])('"%s" does not fire too often', (cron) => {
    expect(problemsOf({ type: 'schedule', cronExpression: cron })).toEqual([]);
  });

  it('that fires too often says which two fires are too close', () => {
    expect(check({ type: 'schedule', cronExpression: '0,59 0,23 1,31 1,12 *' })).toMatchObject({
      problems: [
        {
          message:
            'Cron "0,59 0,23 1,31 1,12 *" fires at 23:59 and at 00:00 of the next day, 60 seconds apart, expected at least 300',
        },
      ],
    });
  });

  it('may fire as often as the setting allows', () => {
    const everyMinute = { type: 'schedule', cronExpression: '* * * * *' } as const;
    expect(problemsOf(everyMinute, { minIntervalSeconds: 60 })).toEqual([]);
    const daily = { type: 'schedule', cronExpression: '@daily' } as const;
    expect(problemsOf(daily, { minIntervalSeconds: 86_400 })).toEqual([]);
  });

  it('with a bad expression and a bad zone has two problems', () => {
    expect(problemsOf({ type: 'schedule', cronExpression: '61 * * * *', timeZone: 'Mars/Base' })).toEqual([
      ['invalid_cron_expression', 'triggers.weekday-morning.cron_expression'],
      ['invalid_time_zone', 'triggers.weekday-morning.time_zone'],
    ]);
  });
});

describe('a timer', () => {
  it('holds the resolved instant and the zone as it was written', () => {
    expect(check({ type: 'timer', at: '2026-09-01T09:00:00', timeZone: 'america/los_angeles' })).toEqual({
      ok: true,
      trigger: { type: 'timer', at: new Date('2026-09-01T16:00:00Z'), timeZone: 'america/los_angeles' },
    });
  });

  it('has the time zone UTC when none is given', () => {
    expect(check({ type: 'timer', at: '2026-09-01T09:00:00' })).toEqual({
      ok: true,
      trigger: { type: 'timer', at: new Date('2026-09-01T09:00:00Z'), timeZone: 'UTC' },
    });
  });

  it('in the past is refused, unless it is the stored one', () => {
    const past = { type: 'timer', at: '2026-07-01T09:00:00Z' } as const;
    expect(problemsOf(past)).toEqual([['timer_in_past', 'triggers.weekday-morning.at']]);
    expect(
      problemsOf(past, { before: { type: 'timer', at: new Date('2026-07-01T09:00:00Z'), timeZone: 'UTC' } }),
    ).toEqual([]);
  });

  it('that is no time is an invalid request', () => {
    expect(problemsOf({ type: 'timer', at: 'soon' })).toEqual([['invalid_request', 'triggers.weekday-morning.at']]);
  });

  it('with an unknown zone is refused, whatever the form of its instant', () => {
    expect(problemsOf({ type: 'timer', at: 1_788_253_200, timeZone: 'Mars/Base' })).toEqual([
      ['invalid_time_zone', 'triggers.weekday-morning.time_zone'],
    ]);
  });
});

it('an event trigger has nothing to check', () => {
  const draft = { type: 'custom', provider: 'teams', parameters: {} } as const;
  expect(check(draft)).toEqual({ ok: true, trigger: draft });
});
