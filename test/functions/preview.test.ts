import { describe, expect, it } from 'vitest';
import { previewTriggers } from '../../shared/app/routines/preview-triggers.ts';
import { call } from './call.ts';
import { aFake } from './fake-services.ts';

const newYork = 'America/New_York';

/** Asks the function with the use case itself behind it: neither touches any storage. */
const ask = (body: object, query = '') => {
  const { services } = aFake({ service: { previewTriggers: (request) => previewTriggers(schedule, request) } });
  const schedule = { ...services.config.schedule, maxTriggers: 3 };
  return call(
    'routines-preview',
    { ...services, config: { ...services.config, schedule } },
    { method: 'POST', path: `projects/demo/routines:preview${query}`, params: { project: 'demo' }, body },
  );
};

describe('POST of a preview', () => {
  it('answers with fires, words and warnings', async () => {
    const triggers = { nightly: { type: 'schedule', cron_expression: '30 2 * * *', time_zone: newYork } };
    expect(await ask({ triggers, from: '2026-03-07T12:00:00Z', count: 2 })).toMatchObject({
      status: 200,
      body: {
        data: [
          {
            trigger_name: 'nightly',
            fire_at: '2026-03-08T07:00:00Z',
            local_time: '2026-03-08T03:00:00-04:00',
            note: 'shifted: the clock skips 02:30',
          },
          { trigger_name: 'nightly', fire_at: '2026-03-09T06:30:00Z', local_time: '2026-03-09T02:30:00-04:00' },
        ],
        description: 'At 02:30 every day, time zone America/New_York.',
        warnings: ['On 2026-03-08 the clock skips 02:30; it fires at 03:00 instead.'],
      },
    });
  });

  it('has the instants of its dialect, and no field without a value', async () => {
    const triggers = { once: { type: 'timer', at: '2026-09-01T09:00:00Z', time_zone: 'Asia/Kolkata' } };
    const answer = await ask({ triggers }, '?api-version=v1');
    expect(answer.body).toEqual({
      data: [{ trigger_name: 'once', fire_at: 1788253200, local_time: '2026-09-01T14:30:00+05:30' }],
      description: 'Once, at 2026-09-01T14:30:00+05:30, time zone Asia/Kolkata.',
    });
  });

  it.each([
    ['*/30 1 * * *', '2026-11-01T05:30:00Z', 'repeated hour: second'],
    ['*/30 1 * * *', '2026-11-01T05:00:00Z', 'repeated hour: first'],
    ['0,30 2,3 * * *', '2026-03-08T05:00:00Z', 'merged: also for 02:00 and 02:30, which the clock skips'],
    ['0,30 2 * * *', '2026-03-08T05:00:00Z', 'shifted: the clock skips 02:00 and 02:30'],
  ])('notes on %s after %s: %s', async (cron, from, note) => {
    const triggers = { t: { type: 'schedule', cron, time_zone: newYork } };
    expect((await ask({ triggers, from, count: 1 })).body).toMatchObject({ data: [{ note }] });
  });

  it('tells several triggers apart by name in words and warnings', async () => {
    const triggers = {
      odd: { type: 'schedule', cron: '0 9 13 * 5' },
      bought: { type: 'custom', provider: 'shop', parameters: {} },
      night: { type: 'schedule', cron: '0 0 31 * *', enabled: false },
    };
    expect((await ask({ triggers, count: 1 })).body).toEqual({
      data: [{ trigger_name: 'odd', fire_at: '2026-01-02T09:00:00Z', local_time: '2026-01-02T09:00:00+00:00' }],
      description:
        'bought: On any event of "shop". ' +
        'night: At 00:00 on day 31 of the month, time zone UTC (disabled). ' +
        'odd: At 09:00 either on Friday or on day 13 of the month, time zone UTC.',
      warnings: [
        'night: It never fires in February, April, June, September and November: there is no day 31.',
        'odd: Both day fields are restricted, so a day that matches either of them is enough; where one starts with "*", both must match.',
      ],
    });
  });

  it('refuses what a PUT refuses, in the same words', async () => {
    const triggers = { t: { type: 'schedule', cron: '61 * * * *' } };
    expect(await ask({ triggers })).toMatchObject({
      status: 400,
      body: {
        error: {
          code: 'invalid_cron_expression',
          param: 'triggers.t.cron_expression',
          message: 'Cron "61 * * * *": minute 61 is outside 0-59',
        },
      },
    });
  });
});
