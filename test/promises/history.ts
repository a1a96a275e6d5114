import { isFireOf, nextFireAfter } from '../../shared/domain/time/next-fire.ts';
import type { PastTrigger, Stretch } from './evidence.ts';

/** A slot of a trigger of one routine, in milliseconds since 1970. */
export interface PastSlot {
  readonly triggerName: string;
  readonly slot: number;
}

interface Settling {
  readonly until: number;
  readonly settleMs: number;
}

/**
 * Slots up to `until` that have a run, for certain: all that the routine may have been owned them, and still did so
 * `settleMs` later. (A change also stops a slot that is due and was not started.) The stretches are of one routine.
 */
export const certainSlots = (stretches: readonly Stretch[], { until, settleMs }: Settling): readonly PastSlot[] => {
  const candidates = new Map(stretches.flatMap((stretch) => slotsIn(stretch, until)).map((one) => [keyOf(one), one]));
  const isCertain = ({ triggerName, slot }: PastSlot): boolean =>
    stretches
      .filter(({ from, to }) => from <= Math.min(slot + settleMs, until) && to >= slot)
      .every(({ possible }) =>
        possible.every((triggers) => triggers.some((one) => owns(one, triggerName, slot, one.since.to))),
      );
  return [...candidates.values()].filter(isCertain).sort((a, b) => a.slot - b.slot);
};

/** Whether there was a moment at which this slot could start. `startedAt`: when it did. */
export const mayHaveOwned = (
  stretches: readonly Stretch[],
  { triggerName, slot, startedAt = Number.POSITIVE_INFINITY }: PastSlot & { readonly startedAt?: number },
): boolean =>
  stretches.some(
    ({ from, to, possible }) =>
      from <= startedAt &&
      to >= slot &&
      possible.some((triggers) => triggers.some((one) => owns(one, triggerName, slot, one.since.from))),
  );

const keyOf = ({ triggerName, slot }: PastSlot): string => `${triggerName} ${slot}`;

const owns = ({ name, trigger }: PastTrigger, triggerName: string, slot: number, since: number): boolean =>
  name === triggerName && slot > since && isFireOf(trigger, new Date(slot));

const slotsIn = ({ from, to, possible }: Stretch, until: number): readonly PastSlot[] =>
  possible.flat().flatMap(({ name: triggerName, trigger, since }) => {
    const slots: PastSlot[] = [];
    let slot = nextFireAfter(trigger, new Date(Math.max(from, since.to)));
    for (; slot !== null && slot.getTime() <= Math.min(to, until); slot = nextFireAfter(trigger, slot)) {
      slots.push({ triggerName, slot: slot.getTime() });
    }
    return slots;
  });
