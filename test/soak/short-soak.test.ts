import { expect, test } from 'vitest';
import { runSoak } from './soak.ts';

test('a minute of mixed load, faults, restarts and an outage leaves every promise kept', async () => {
  const { violations, counts } = await runSoak({ seconds: 60, seed: 1, clients: 4, say: console.log });
  console.log(counts);
  expect(violations).toEqual([]);
  for (const blow of ['kill_app', 'restart_app', 'restart_storage', 'throttle', 'reset_connections']) {
    expect(counts[blow], blow).toBeGreaterThan(0);
  }
  expect(counts.runs_of_slots).toBeGreaterThan(0);
}, 900_000);
