import type { CatchUp } from '../catch-up.ts';
import type { MissedSlots } from '../run.ts';
import { nextFireAfter } from '../time/next-fire.ts';
import type { TimedTrigger } from '../trigger.ts';

export interface CatchUpPlan {
  /** The slots that are given up, oldest first; null when all of them fire. */
  readonly dropped: MissedSlots | null;
  /** The missed slots that fire all the same, from the first to the last; null when none does. */
  readonly fires: { readonly firstAt: Date; readonly lastAt: Date } | null;
}

/** Of the slots of one outage the latest fire, as many as the policy allows; an agent has most use for fresh ones. */
export const planCatchUp = (trigger: TimedTrigger, missed: MissedSlots, catchUp: CatchUp): CatchUpPlan => {
  const allowed = allowedBy(catchUp);
  if (allowed === 0) return { dropped: missed, fires: null };
  const droppedCount = Math.max(0, missed.count - allowed);
  let firstAt = missed.firstAt;
  let lastDropped = missed.firstAt;
  for (let dropped = 0; dropped < droppedCount; dropped += 1) {
    lastDropped = firstAt;
    firstAt = nextFireAfter(trigger, firstAt) ?? missed.lastAt;
  }
  return {
    dropped: droppedCount === 0 ? null : { count: droppedCount, firstAt: missed.firstAt, lastAt: lastDropped },
    fires: { firstAt, lastAt: missed.lastAt },
  };
};

const allowedBy = (catchUp: CatchUp): number => {
  switch (catchUp.policy) {
    case 'skip_missed':
      return 0;
    case 'enqueue_latest':
      return 1;
    case 'enqueue_missed_with_cap':
      return catchUp.cap;
    default:
      return catchUp satisfies never;
  }
};
