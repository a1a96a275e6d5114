import type { CronPattern } from './cron-expression.ts';
import { toNextLocalTime } from './cron-walk.ts';
import type { OffsetChange } from './local-time.ts';

/** The local times from `from` on and before `until` that a pattern matches, in order. Both in milliseconds. */
export const matchesBetween = (pattern: CronPattern, from: number, until: number): number[] => {
  const nextLocalTime = toNextLocalTime(pattern);
  const matches: number[] = [];
  let local = nextLocalTime(from - 1);
  while (local !== null && local < until) {
    matches.push(local);
    local = nextLocalTime(local);
  }
  return matches;
};

/** The local times that the wall clock skips or shows twice at a change, from the first on and before the second. */
export const changedTimes = ({ at, offsetBefore, offsetAfter }: OffsetChange): readonly [number, number] => [
  at + Math.min(offsetBefore, offsetAfter),
  at + Math.max(offsetBefore, offsetAfter),
];
