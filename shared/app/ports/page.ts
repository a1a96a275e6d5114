/** `desc` is newest first, the default everywhere. `asc` is its exact reverse. */
export type ListOrder = 'asc' | 'desc';

export interface PageRequest {
  readonly order: ListOrder;
  /** 1 to 1000. */
  readonly limit: number;
  /** The position that an earlier page gave as `next`. */
  readonly after?: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** The position of the last item; only when there is another page. Letters, digits and `.`, `_`, `-`, `!`. */
  readonly next?: string;
}
