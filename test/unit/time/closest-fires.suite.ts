import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CronPattern, parseCronExpression } from '../../../shared/domain/time/cron-expression.ts';
import { closestFires } from '../../../shared/domain/time/cron-interval.ts';
import { hasDates } from '../../../shared/domain/time/cron-walk.ts';
import { nextFireAfter } from '../../../shared/domain/time/next-fire.ts';
import { caseCount, searchTimeout, seed } from '../../case-counts.ts';
import { arbitraryCron } from './arbitrary-cron.ts';
import { aSchedule } from './expect-fires.ts';

export const patternOf = (expression: string): CronPattern => {
  const parsed = parseCronExpression(expression);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.pattern;
};

/** Holds the closest two fires of any expression against the fires themselves. */
export const describeClosestFires = (): void => {
  it('no two fires of any expression are closer than its closest two, on a clock that never changes', {
    timeout: searchTimeout,
  }, () => {
    fc.assert(
      fc.property(arbitraryCron, fc.integer({ min: 0, max: 146_097 }), ({ expression }, day) => {
        const pattern = patternOf(expression);
        if (!hasDates(pattern)) return;
        const closestMs = (closestFires(pattern)?.seconds ?? 2 * 86_400) * 1000;
        const trigger = aSchedule(expression);
        let last = nextFireAfter(trigger, new Date(Date.UTC(2000, 0, 1) + day * 86_400_000));
        for (let count = 0; count < 8 && last !== null; count++) {
          const next = nextFireAfter(trigger, last);
          if (next !== null) expect(next.getTime() - last.getTime()).toBeGreaterThanOrEqual(closestMs);
          last = next;
        }
      }),
      { numRuns: caseCount('closestFires'), seed },
    );
  });
};
