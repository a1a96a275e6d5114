/** The host stops itself after so many deaths of its workers. */
export const maxDeaths = 3;

/** A death that comes later than that after the one before is the first again. */
const memoryMilliseconds = 30 * 60_000;

/** The instants of the deaths that count, in milliseconds, with one at `now`. Source: AddOrUpdateErrorBucket of the host. */
export const afterDeath = (deaths: readonly number[], now: number): readonly number[] => {
  const last = deaths.at(-1);
  return last !== undefined && now - last <= memoryMilliseconds ? [...deaths, now] : [now];
};
