/**
 * Every table and queue of the service, by what the code calls it; clients and their creation follow from this list. The
 * platform names a poison queue after its queue. Table names are letters and digits only; `infra/` creates the same names.
 */
export const storageNames = (prefix: string) => ({
  tables: { routines: `${prefix}routines`, schedule: `${prefix}schedule`, runs: `${prefix}runs` },
  queues: {
    delivery: `${prefix}-delivery`,
    deliveryPoison: `${prefix}-delivery-poison`,
    work: `${prefix}-work`,
    workPoison: `${prefix}-work-poison`,
  },
});

type StorageNames = Readonly<ReturnType<typeof storageNames>>;
export type TableKey = keyof StorageNames['tables'];
export type QueueKey = keyof StorageNames['queues'];

/** Each entry made into something else. The keys stay what they are, which `Object.entries` does not know. */
export const mapEntries = <Key extends string, From, To>(
  entries: Readonly<Record<Key, From>>,
  map: (entry: From) => To,
): Readonly<Record<Key, To>> =>
  Object.fromEntries(Object.entries<From>(entries).map(([key, entry]) => [key, map(entry)])) as Record<Key, To>;
