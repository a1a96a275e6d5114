import { expect, test } from 'vitest';
import { afterDeath } from '../../local/host/worker-deaths.ts';

test.each<[readonly number[], number]>([
  [[0], 1],
  [[0, 1], 2],
  [[0, 1, 2], 3],
  // Each within half an hour of the one before, however long ago the first one was.
  [[0, 30, 60], 3],
  [[0, 31], 1],
  [[0, 1, 32], 1],
  [[0, 31, 32], 2],
])('workers that die in the minutes %j leave %i deaths that count', (minutes, count) => {
  const deaths = minutes.reduce<readonly number[]>((known, minute) => afterDeath(known, minute * 60_000), []);
  expect(deaths).toHaveLength(count);
});
