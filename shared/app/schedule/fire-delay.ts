/**
 * How long a message of this slot stays invisible: whole seconds, rounded down, so that it is there in time. A delivery
 * waits out the rest.
 */
export const fireDelaySeconds = (slot: Date, now: Date): number =>
  Math.max(0, Math.floor((slot.getTime() - now.getTime()) / 1000));
