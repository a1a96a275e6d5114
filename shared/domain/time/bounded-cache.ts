/** Remembers the answers of a pure function of a string; the oldest answer is forgotten when there are too many. */
export const remember = <Value>(compute: (key: string) => Value, maxEntries: number): ((key: string) => Value) => {
  const known = new Map<string, { readonly value: Value }>();
  return (key) => {
    const hit = known.get(key);
    if (hit !== undefined) return hit.value;
    const value = compute(key);
    const [oldest] = known.keys();
    if (known.size >= maxEntries && oldest !== undefined) known.delete(oldest);
    known.set(key, { value });
    return value;
  };
};
