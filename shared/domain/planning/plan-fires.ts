import type { MissedSlots } from '../run.ts';
import { nextFireAfter } from '../time/next-fire.ts';
import type { TimedTrigger } from '../trigger.ts';

export interface FireWindow {
  readonly now: Date;
  /** Slots up to here, inclusive, are sent ahead as messages. */
  readonly horizon: Date;
  /** A slot that is later than this is missed. */
  readonly misfireGraceSeconds: number;
  /** Slots up to here were judged before: they fire however late. */
  readonly catchUpUntil?: Date;
}

export interface FirePlan {
  /** Slots to send, earliest first. */
  readonly fires: readonly Date[];
  /** Slots that are too late to fire. A timer is never among them. */
  readonly missed: MissedSlots | null;
  /** The first slot beyond the horizon; null when there is none. */
  readonly next: Date | null;
}

/**
 * What to do with a trigger whose next slot is `nominal`. Every slot follows from the one before it and never from the
 * wall clock, so a tick, a PUT and a reconcile find the same slots, however late they plan.
 */
export const planFires = (trigger: TimedTrigger, nominal: Date, window: FireWindow): FirePlan => {
  const fires: Date[] = [];
  let slot: Date | null = nominal;
  while (slot !== null && window.catchUpUntil !== undefined && slot <= window.catchUpUntil) {
    fires.push(slot);
    slot = nextFireAfter(trigger, slot);
  }
  // Another outage since: what it missed is judged by itself, when these are on their way.
  if (fires.length > 0 && slot !== null && isMissed(trigger, slot, window)) return { fires, missed: null, next: slot };
  let missed: MissedSlots | null = null;
  for (let count = 1; slot !== null && isMissed(trigger, slot, window); count += 1) {
    missed = { count, firstAt: nominal, lastAt: slot };
    slot = nextFireAfter(trigger, slot);
  }
  while (slot !== null && slot <= window.horizon) {
    fires.push(slot);
    slot = nextFireAfter(trigger, slot);
  }
  return { fires, missed, next: slot };
};

const isMissed = (trigger: TimedTrigger, slot: Date, window: FireWindow): boolean =>
  trigger.type !== 'timer' && window.now.getTime() - slot.getTime() > window.misfireGraceSeconds * 1000;
