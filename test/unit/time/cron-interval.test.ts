import { describe, expect, it } from 'vitest';
import { closestFires } from '../../../shared/domain/time/cron-interval.ts';
import { describeClosestFires, patternOf } from './closest-fires.suite.ts';

describe('the closest two fires', () => {
  it.each([
    ['*/5 * * * *', 300],
    ['*/7 * * * *', 240],
    ['0,3 9 * * *', 180],
    ['0,59 0,23 * * *', 60],
    ['0,59 0,23 * * 1', 59 * 60],
    ['0,59 0,23 * * 1,3,5', 59 * 60],
    ['0,59 0,23 * * 0,6', 60],
    ['0,59 0,23 1,31 1,12 *', 60],
    ['0,59 0,23 1,30 1,12 *', 59 * 60],
    ['0,59 0,23 28 2 *', 59 * 60],
    ['0,59 0,23 28,29 2 *', 60],
    ['0,59 0,23 1,28 2,3 *', 60],
    ['0,59 0,23 1,30 4,5 *', 60],
    ['0,59 0,23 1,31 4,5 *', 59 * 60],
    ['0,59 0,23 1,31 5,6 *', 60],
    ['0,59 0,23 1,31 3,5 *', 59 * 60],
    ['0,59 0,23 13 * 5', 60],
    ['0,59 0,23 */2 * 5', 59 * 60],
    ['0 9 * * *', 24 * 3600],
    ['0 9,10 * * *', 3600],
  ])('of %s are %i seconds apart', (expression, seconds) => {
    expect(closestFires(patternOf(expression))?.seconds).toBe(seconds);
  });

  it('are named as the wall clock shows them', () => {
    expect(closestFires(patternOf('0,59 0,23 1,31 1,12 *'))).toEqual({
      seconds: 60,
      first: '23:59',
      second: '00:00',
      isNextDay: true,
    });
  });

  it('do not exist within two days when the dates lie further apart and have one time each', () => {
    expect(closestFires(patternOf('0 9 1 * *'))).toBeNull();
    expect(closestFires(patternOf('0 9 * * 1'))).toBeNull();
  });
});

describeClosestFires();
