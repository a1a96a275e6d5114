import { describe, expect, it } from 'vitest';
import type { CatchUp } from '../../shared/domain/catch-up.ts';
import { planCatchUp } from '../../shared/domain/planning/plan-catch-up.ts';
import { aSchedule, at } from '../builders.ts';

const trigger = aSchedule('*/5 * * * *');
const slot = (time: string) => at(`2026-03-01T${time}:00Z`);
/** 12:00, 12:05 … 12:20 */
const missed = { count: 5, firstAt: slot('12:00'), lastAt: slot('12:20') };

describe('planCatchUp of five missed slots', () => {
  it.each([
    { catchUp: { policy: 'skip_missed' }, dropped: [5, '12:00', '12:20'], fires: null },
    { catchUp: { policy: 'enqueue_latest' }, dropped: [4, '12:00', '12:15'], fires: ['12:20', '12:20'] },
    {
      catchUp: { policy: 'enqueue_missed_with_cap', cap: 1 },
      dropped: [4, '12:00', '12:15'],
      fires: ['12:20', '12:20'],
    },
    {
      catchUp: { policy: 'enqueue_missed_with_cap', cap: 3 },
      dropped: [2, '12:00', '12:05'],
      fires: ['12:10', '12:20'],
    },
    {
      catchUp: { policy: 'enqueue_missed_with_cap', cap: 4 },
      dropped: [1, '12:00', '12:00'],
      fires: ['12:05', '12:20'],
    },
    { catchUp: { policy: 'enqueue_missed_with_cap', cap: 5 }, dropped: null, fires: ['12:00', '12:20'] },
    { catchUp: { policy: 'enqueue_missed_with_cap', cap: 100 }, dropped: null, fires: ['12:00', '12:20'] },
  ] satisfies { catchUp: CatchUp; dropped: unknown; fires: unknown }[])(
    'under $catchUp drops $dropped and fires $fires',
    ({ catchUp, dropped, fires }) => {
      const plan = planCatchUp(trigger, missed, catchUp);
      const time = (instant: Date) => instant.toISOString().slice(11, 16);
      expect(plan.dropped && [plan.dropped.count, time(plan.dropped.firstAt), time(plan.dropped.lastAt)]).toEqual(
        dropped,
      );
      expect(plan.fires && [time(plan.fires.firstAt), time(plan.fires.lastAt)]).toEqual(fires);
    },
  );
});
