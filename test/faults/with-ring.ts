import { afterAll, beforeAll } from 'vitest';
import { type Emulator, startEmulator } from '../emulator.ts';
import { openLanes } from './lanes.ts';
import { startRingAgent } from './ring-agent.ts';
import type { RingServices } from './stage.ts';

/** `npm run test:faults` plays everything; every test run what the promises rest on most. */
export const isWholeRing = process.env.FAULTS === 'all';

/**
 * Storage and agent for the scenarios of one test file. So many points are played at the same time as leave the
 * processor something to do while most of them wait.
 */
export const withRing = (title: string, laneCount: number): (() => RingServices) => {
  let running: (RingServices & { readonly emulator: Emulator }) | undefined;
  const startedAt = performance.now();
  beforeAll(async () => {
    const emulator = await startEmulator();
    const lanes = await openLanes(emulator.connectionString, laneCount);
    running = { emulator, lanes, agent: await startRingAgent(), tally: { points: 0 } };
  }, 180_000);
  afterAll(async () => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    console.log(`Fault ring, ${title}: ${running?.tally.points} points tried in ${seconds} s`);
    await running?.lanes.close();
    await running?.agent.close();
    await running?.emulator.close();
  });
  return () => {
    if (running === undefined) throw new Error('The ring is used before its tests run');
    return running;
  };
};
