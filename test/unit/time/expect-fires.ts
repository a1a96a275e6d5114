import { expect } from 'vitest';
import { isFireOf, nextFireAfter } from '../../../shared/domain/time/next-fire.ts';
import type { ScheduleTrigger } from '../../../shared/domain/trigger.ts';

export const aSchedule = (cronExpression: string, timeZone = 'UTC'): ScheduleTrigger => ({
  type: 'schedule',
  cronExpression,
  timeZone,
});

/** ISO text without milliseconds, as the tests write instants. */
export const iso = (instant: Date | null): string | null =>
  instant === null ? null : instant.toISOString().replace('.000Z', 'Z');

/** The fires that follow an instant, one after the other: exactly these, with nothing in between. */
export const expectFires = (trigger: ScheduleTrigger, from: string, expected: readonly string[]): void => {
  const fires: (string | null)[] = [];
  let last = new Date(from);
  for (const _ of expected) {
    const fire = nextFireAfter(trigger, last);
    fires.push(iso(fire));
    if (fire === null) break;
    expect(isFireOf(trigger, fire)).toBe(true);
    last = fire;
  }
  expect(fires).toEqual(expected);
};
