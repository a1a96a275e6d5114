import type { FireWindow } from '../../domain/planning/plan-fires.ts';
import type { ScheduleWindow } from '../settings.ts';

/** What the settings mean at that instant. */
export const fireWindow = ({ lookaheadSeconds, misfireGraceSeconds }: ScheduleWindow, now: Date): FireWindow => ({
  now,
  horizon: new Date(now.getTime() + lookaheadSeconds * 1000),
  misfireGraceSeconds,
});
