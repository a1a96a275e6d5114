import { describe, expect, it } from 'vitest';
import { type PreviewRequest, previewTriggers } from '../../shared/app/routines/preview-triggers.ts';
import { InvalidRequestError } from '../../shared/domain/errors.ts';
import type { NamedTriggerDraft, TriggerDraft } from '../../shared/domain/routine-draft.ts';
import { at, triggerName } from '../builders.ts';

const now = at('2026-01-01T00:00:30Z');

const named = (name: string, trigger: TriggerDraft, enabled = true): NamedTriggerDraft => ({
  name: triggerName(name),
  enabled,
  trigger,
});
const schedule = (cronExpression: string, timeZone?: string): TriggerDraft => ({
  type: 'schedule',
  cronExpression,
  timeZone,
});
const event: TriggerDraft = { type: 'custom', provider: 'shop', parameters: {} };

const preview = (triggers: readonly NamedTriggerDraft[], over: Partial<PreviewRequest> = {}) =>
  previewTriggers({ minIntervalSeconds: 300 }, { triggers, from: now, count: 10, now, ...over });

const firesOf = (...input: Parameters<typeof preview>): readonly string[] =>
  preview(...input).fires.map(({ triggerName, localTime }) => `${triggerName} ${localTime}`);

describe('the fires of a preview', () => {
  it('are strictly after from, and as many as wanted', () => {
    expect(firesOf([named('a', schedule('0 * * * *'))], { from: at('2027-05-01T10:00:00Z'), count: 2 })).toEqual([
      'a 2027-05-01T11:00:00+00:00',
      'a 2027-05-01T12:00:00+00:00',
    ]);
  });

  it('of several triggers come in order of time, then of name, each in its own zone, and are counted together', () => {
    const triggers = [
      named('tokyo', schedule('0 9 * * *', 'Asia/Tokyo')),
      named('hourly', schedule('0 */12 * * *')),
      named('once', { type: 'timer', at: '2026-01-02T00:00:00Z' }),
    ];
    expect(firesOf(triggers, { count: 6 })).toEqual([
      'hourly 2026-01-01T12:00:00+00:00',
      'hourly 2026-01-02T00:00:00+00:00',
      'once 2026-01-02T00:00:00+00:00',
      'tokyo 2026-01-02T09:00:00+09:00',
      'hourly 2026-01-02T12:00:00+00:00',
      'hourly 2026-01-03T00:00:00+00:00',
    ]);
  });

  it('leave out a disabled trigger and one that waits for an event, which are described all the same', () => {
    const triggers = [
      named('b', event),
      named('c', schedule('0 9 * * *'), false),
      named('a', { type: 'timer', at: '1h' }),
    ];
    expect(firesOf(triggers)).toEqual(['a 2026-01-01T01:00:30+00:00']);
    expect(preview(triggers).triggers).toMatchObject([
      { name: 'a', enabled: true, description: 'Once, at 2026-01-01T01:00:30+00:00, time zone UTC' },
      { name: 'b', enabled: true, description: 'On any event of "shop"' },
      { name: 'c', enabled: false, description: 'At 09:00 every day, time zone UTC' },
    ]);
  });

  it('have none of a timer when from is its instant', () => {
    const timer = named('a', { type: 'timer', at: '2026-02-01T00:00:00Z' });
    expect(firesOf([timer], { from: at('2026-01-31T23:59:59Z') })).toHaveLength(1);
    expect(firesOf([timer], { from: at('2026-02-01T00:00:00Z') })).toEqual([]);
  });

  it('say that a timer was written as a time that the clock skips', () => {
    const draft: TriggerDraft = { type: 'timer', at: '2026-03-08T02:30:00', timeZone: 'America/New_York' };
    expect(preview([named('a', draft)]).fires).toMatchObject([
      {
        localTime: '2026-03-08T03:00:00-04:00',
        note: { kind: 'shifted', skipped: [Date.parse('2026-03-08T02:30:00Z')] },
      },
    ]);
  });

  it('end after a hundred years, however many are wanted, but always have the first', () => {
    const rare = named('a', schedule('0 0 29 2 */7', 'America/New_York'));
    expect(firesOf([rare], { count: 100 })).toEqual([
      'a 2032-02-29T00:00:00-05:00',
      'a 2060-02-29T00:00:00-05:00',
      'a 2088-02-29T00:00:00-05:00',
    ]);
    expect(firesOf([named('a', { type: 'timer', at: '2300-01-01T00:00:00Z' })])).toHaveLength(1);
  });

  it('carry warnings of what lies ahead of from', () => {
    const nightly = named('a', schedule('30 2 * * *', 'Europe/Paris'));
    expect(preview([nightly], { from: at('2029-01-01T00:00:00Z') }).triggers).toMatchObject([
      { warnings: ['On 2029-03-25 the clock skips 02:30; it fires at 03:00 instead.'] },
    ]);
  });
});

describe('a preview', () => {
  it('is refused with every problem that a PUT would be refused with', () => {
    const wrong = [
      named('a', schedule('*/4 * * * *')),
      named('b', schedule('0 9 * * *', 'Mars/Base')),
      named('c', { type: 'timer', at: '2025-12-31T00:00:00Z' }),
    ];
    const refusal = (() => {
      try {
        return preview(wrong, { from: at('2020-01-01T00:00:00Z') });
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(InvalidRequestError);
    expect(refusal).toMatchObject({
      problems: [
        { code: 'interval_too_short', param: 'triggers.a.cron_expression' },
        { code: 'invalid_time_zone', param: 'triggers.b.time_zone' },
        { code: 'timer_in_past', param: 'triggers.c.at' },
      ],
    });
  });
});
