const minimumMilliseconds = 100;

/**
 * How long to wait after that many polls in a row found nothing (1 or more): 100 ms first, then growing exponentially by
 * 100, 200, 400 ms …, each spread by 20 % either way, up to the maximum. `random` is from 0 to 1.
 * Source: RandomizedExponentialBackoffStrategy of the storage queue extension.
 */
export const nextPollDelay = (emptyPolls: number, random: number, maxMilliseconds: number): number => {
  if (emptyPolls <= 1) return Math.min(minimumMilliseconds, maxMilliseconds);
  const increment = 2 ** (emptyPolls - 2) * minimumMilliseconds * (0.8 + 0.4 * random);
  return Math.min(minimumMilliseconds + increment, maxMilliseconds);
};
