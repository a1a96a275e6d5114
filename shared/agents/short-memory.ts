import type { Clock } from '../clock.ts';

export interface ShortMemoryOptions<Value> {
  readonly clock: Clock;
  readonly maxEntries: number;
  readonly lastsSeconds: (value: Value) => number;
}

/**
 * Remembers answers for a while. Who asks while an answer is on its way waits for that one. The oldest question is
 * forgotten when there are too many. A failure to answer is not remembered.
 */
export const createShortMemory = <Value>({ clock, maxEntries, lastsSeconds }: ShortMemoryOptions<Value>) => {
  const entries = new Map<string, { readonly value: Promise<Value>; validUntilMs: number }>();
  return (key: string, ask: () => Promise<Value>): Promise<Value> => {
    const hit = entries.get(key);
    if (hit !== undefined && clock.now().getTime() < hit.validUntilMs) return hit.value;
    const entry = { value: ask(), validUntilMs: Number.POSITIVE_INFINITY };
    // Deleted first, so that the map's order is the order of the questions.
    entries.delete(key);
    const [oldest] = entries.keys();
    if (entries.size >= maxEntries && oldest !== undefined) entries.delete(oldest);
    entries.set(key, entry);
    entry.value.then(
      (value) => {
        entry.validUntilMs = clock.now().getTime() + lastsSeconds(value) * 1000;
      },
      () => {
        entry.validUntilMs = 0;
      },
    );
    return entry.value;
  };
};
