/** Draws that follow from a seed alone, so that a failure repeats. */
export interface Random {
  /** From 0 up to, not including, 1. */
  fraction(): number;
  /** A whole number, both ends included. */
  whole(from: number, to: number): number;
  /** A whole number, as often near the one end as near the other in orders of magnitude. `from` is at least 1. */
  spread(from: number, to: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

/** mulberry32, by Tommy Ettinger: 32 bits of state, good enough to mix a simulation. */
export const createRandom = (seed: number): Random => {
  let state = seed | 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (from: number, to: number) => from + Math.floor(fraction() * (to - from + 1));
  return {
    fraction,
    whole,
    spread: (from, to) => Math.round(from * (to / from) ** fraction()),
    pick: (items) => {
      const item = items[whole(0, items.length - 1)];
      if (item === undefined) throw new Error('pick: there are no items, expected at least one');
      return item;
    },
  };
};
