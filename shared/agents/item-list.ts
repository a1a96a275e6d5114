import * as z from 'zod';

/** More than any caller in this service asks for at once. */
const maxItems = 1000;

export interface ItemList<Item> {
  readonly items: readonly Item[];
  /** The list is longer than what was looked at. */
  readonly isCut: boolean;
}

/**
 * A list and those of its first thousand items that are of a shape; what is not is left out. An answer may hold
 * millions of items, and each that a schema does not fit takes it microseconds in which the process does nothing else.
 */
export const itemList = <Schema extends z.ZodType>(item: Schema) =>
  z.custom<readonly unknown[]>(Array.isArray, 'expected a list').transform(
    (list): ItemList<z.output<Schema>> => ({
      items: list.slice(0, maxItems).flatMap((one) => {
        const parsed = item.safeParse(one);
        return parsed.success ? [parsed.data] : [];
      }),
      isCut: list.length > maxItems,
    }),
  );
