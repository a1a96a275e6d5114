import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createRandom } from '../simulation/random.ts';
import { comeToRest } from '../soak/come-to-rest.ts';
import type { Start } from '../soak/ledger.ts';
import { withRig } from '../soak/rig.ts';
import { createSteady, dispatchSteadily, steadyNames } from '../soak/steady-load.ts';
import { turnAway } from '../soak/turn-away.ts';
import type { Answer, Fault, ProxiedRequest } from '../storage/storage-fault.ts';

const retryAfterSeconds = 1;
const throttledSeconds = 30;

const pause = (seconds: number) => setTimeout(seconds * 1000);

/** How long the repeats of table requests have waited; they keep the request's id. Queues are polled by the host too. */
const recordRepeats = () => {
  const turnedAwayAt = new Map<string, number>();
  const waitsMs: number[] = [];
  return {
    waitsMs,
    see: ({ service, requestId }: ProxiedRequest): void => {
      if (service !== 'table') return;
      const before = turnedAwayAt.get(requestId);
      if (before !== undefined) waitsMs.push(performance.now() - before);
      turnedAwayAt.delete(requestId);
    },
    note: ({ requestId }: ProxiedRequest): void => void turnedAwayAt.set(requestId, performance.now()),
  };
};

test('storage that turns half of all requests away for a while slows the app down and loses nothing', async () => {
  const repeats = recordRepeats();
  const random = createRandom(1);
  const throttle = (request: ProxiedRequest): Fault | Answer => {
    repeats.see(request);
    if (random.whole(1, 2) === 1) return 'none';
    repeats.note(request);
    return turnAway(random.pick([429, 503]), retryAfterSeconds);
  };
  const { violations, before, during } = await withRig({ seed: 1, routines: steadyNames(4) }, async (rig) => {
    const { proxy, client, ledger } = rig;
    const { routines } = ledger;
    await createSteady(client, routines);
    const ended = new AbortController();
    const load = dispatchSteadily({ client, routines, everyMs: 400, signal: ended.signal });
    await pause(10);
    const from = Date.now();
    proxy.interfere({ faultOf: throttle });
    await pause(throttledSeconds);
    proxy.interfere({ faultOf: () => 'none' });
    const to = Date.now();
    await pause(5);
    ended.abort();
    await load;
    const starts = routines.flatMap((one) => one.starts);
    return {
      ...(await comeToRest(rig, Date.now())),
      before: medianMs(starts.filter((one) => one.to < from)),
      during: medianMs(starts.filter((one) => one.from > from && one.to < to)),
    };
  });
  expect(violations).toEqual([]);
  // Most dispatches were turned away at least once.
  expect(during).toBeGreaterThan(retryAfterSeconds * 1000);
  expect(repeats.waitsMs.length).toBeGreaterThan(50);
  // Timers may be a millisecond early.
  expect(Math.min(...repeats.waitsMs)).toBeGreaterThan(retryAfterSeconds * 1000 - 5);
  console.log(`${repeats.waitsMs.length} repeats seen; a dispatch took ${before} ms before, ${during} ms meanwhile`);
}, 900_000);

const medianMs = (dispatches: readonly Start[]): number =>
  dispatches.map(({ from, to }) => to - from).toSorted((a, b) => a - b)[Math.floor(dispatches.length / 2)] ?? 0;
