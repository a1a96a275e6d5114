import type { Random } from '../simulation/random.ts';

/** Each item as often as its share of the whole says. What the shares leave of the whole goes to `otherwise`. */
export const pickByShare = <Item>(
  random: Random,
  { items, of, otherwise }: { readonly items: readonly (readonly [Item, number])[]; of: number; otherwise: Item },
): Item => {
  let rest = random.whole(1, of);
  for (const [item, share] of items) {
    if (rest <= share) return item;
    rest -= share;
  }
  return otherwise;
};
