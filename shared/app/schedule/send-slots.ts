import type { DueSlot } from '../ports/schedule-store.ts';
import type { Uses } from '../uses.ts';

/** Puts a message on the delivery queue for each of a trigger's slots, earliest first. Throws StorageUnavailableError. */
export const sendSlots = async (
  { deliveries, clock }: Uses<'deliveries' | 'clock'>,
  { project, routine, triggerName: trigger }: Pick<DueSlot, 'project' | 'routine' | 'triggerName'>,
  slots: readonly Date[],
): Promise<void> => {
  for (const slot of slots) {
    const message = { kind: 'fire', project, routine, trigger, nominal: slot.getTime() } as const;
    await deliveries.send(message, delaySeconds(slot, clock.now()));
  }
};

/** Whole seconds, rounded down, so that the message is there in time: a delivery waits out the rest. */
const delaySeconds = (slot: Date, now: Date): number =>
  Math.max(0, Math.floor((slot.getTime() - now.getTime()) / 1000));
