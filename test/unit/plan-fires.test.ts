import { describe, expect, it } from 'vitest';
import { planFires } from '../../shared/domain/planning/plan-fires.ts';
import { aSchedule, aTimer, at } from '../builders.ts';

const window = (now: string, lookaheadSeconds = 300) => ({
  now: at(now),
  horizon: new Date(at(now).getTime() + lookaheadSeconds * 1000),
  misfireGraceSeconds: 300,
});
const iso = (dates: readonly Date[]) => dates.map((date) => date.toISOString().slice(0, 16));

describe('planFires', () => {
  it.each([
    {
      state: 'the next slot lies beyond the horizon',
      nominal: '2026-03-01T12:10:00Z',
      now: '2026-03-01T12:04:59Z',
      fires: [],
      missed: null,
      next: '2026-03-01T12:10',
    },
    {
      state: 'the next slot lies exactly on the horizon',
      nominal: '2026-03-01T12:10:00Z',
      now: '2026-03-01T12:05:00Z',
      fires: ['2026-03-01T12:10'],
      missed: null,
      next: '2026-03-01T12:15',
    },
    {
      state: 'a slot is late by exactly the grace',
      nominal: '2026-03-01T12:10:00Z',
      now: '2026-03-01T12:15:00Z',
      fires: ['2026-03-01T12:10', '2026-03-01T12:15', '2026-03-01T12:20'],
      missed: null,
      next: '2026-03-01T12:25',
    },
    {
      state: 'a slot is late by a millisecond more than the grace',
      nominal: '2026-03-01T12:10:00Z',
      now: '2026-03-01T12:15:00.001Z',
      fires: ['2026-03-01T12:15', '2026-03-01T12:20'],
      missed: { count: 1, firstAt: '2026-03-01T12:10', lastAt: '2026-03-01T12:10' },
      next: '2026-03-01T12:25',
    },
    {
      state: 'the service was away for a day',
      nominal: '2026-03-01T12:10:00Z',
      now: '2026-03-02T12:12:00Z',
      fires: ['2026-03-02T12:10', '2026-03-02T12:15'],
      missed: { count: 288, firstAt: '2026-03-01T12:10', lastAt: '2026-03-02T12:05' },
      next: '2026-03-02T12:20',
    },
  ])('of a schedule every five minutes, when $state', ({ nominal, now, fires, missed, next }) => {
    const plan = planFires(aSchedule('*/5 * * * *'), at(nominal), window(now));
    expect(iso(plan.fires)).toEqual(fires);
    expect(
      plan.missed && { ...plan.missed, firstAt: iso([plan.missed.firstAt])[0], lastAt: iso([plan.missed.lastAt])[0] },
    ).toEqual(missed);
    expect(plan.next && iso([plan.next])[0]).toBe(next);
  });

  it('fires a timer however late it is, once, and is then spent', () => {
    const plan = planFires(aTimer('2026-03-01T12:10:00Z'), at('2026-03-01T12:10:00Z'), window('2026-03-09T00:00:00Z'));
    expect(iso(plan.fires)).toEqual(['2026-03-01T12:10']);
    expect(plan.missed).toBeNull();
    expect(plan.next).toBeNull();
  });

  it('finds the same slots whoever plans and whenever: one plan over a long window equals many over short ones', () => {
    const trigger = aSchedule('7 */3 * * 1-5', 'America/New_York');
    const first = at('2026-03-06T05:07:00Z');
    const whole = planFires(trigger, first, {
      ...window('2026-03-06T05:00:00Z', 7 * 86_400),
      misfireGraceSeconds: 300,
    });
    const pieces: Date[] = [];
    let nominal: Date | null = first;
    for (let minute = 0; minute <= 7 * 24 * 60 && nominal !== null; minute += 1) {
      const now = new Date(at('2026-03-06T05:00:00Z').getTime() + minute * 60_000).toISOString();
      const plan = planFires(trigger, nominal, window(now, 0));
      pieces.push(...plan.fires);
      nominal = plan.next;
    }
    expect(iso(pieces)).toEqual(iso(whole.fires));
    expect(pieces.length).toBeGreaterThan(30);
  });
});
