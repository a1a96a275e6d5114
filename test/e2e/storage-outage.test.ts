import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { comeToRest } from '../soak/come-to-rest.ts';
import type { Interval, Start } from '../soak/ledger.ts';
import { type Rig, withRig } from '../soak/rig.ts';
import { createSteady, dispatchSteadily, steadyNames } from '../soak/steady-load.ts';

const outageSeconds = 120;
const restartAfterSeconds = 70;

const pause = (seconds: number) => setTimeout(seconds * 1000);

test('two minutes without storage under load, the app restarted meanwhile, lose nothing', async () => {
  const { violations, world, starts, outage, failedStarts } = await withRig(
    { seed: 1, routines: steadyNames(6) },
    async (rig) => {
      const { app, proxy, client, ledger } = rig;
      const { routines } = ledger;
      await createSteady(client, routines);
      const ended = new AbortController();
      const load = dispatchSteadily({ client, routines, everyMs: 300, signal: ended.signal });
      await pause(10);
      proxy.resetConnections();
      await pause(5);
      expect(await client.health()).toBe(200);
      const outage = await takeStorageAway(rig);
      await pause(10);
      proxy.resetConnections();
      await pause(5);
      ended.abort();
      await load;
      const rest = await comeToRest(rig, Date.now());
      return { ...rest, starts: routines.flatMap((one) => one.starts), outage, failedStarts: app.failedStarts };
    },
  );
  expect(violations).toEqual([]);
  const during = starts.filter(({ from, to }) => from > outage.from && to < outage.to);
  expect(countOf(during, 'acknowledged')).toBe(0);
  expect(countOf(during, 'unknown')).toBeGreaterThan(100);
  expect(countOf(starts, 'acknowledged')).toBeGreaterThan(20);
  expect(failedStarts).toBeGreaterThan(0);
  const slots = world.runs.filter(({ scheduledFireAt }) => scheduledFireAt !== undefined);
  expect(slots.filter(({ missed }) => missed !== undefined)).toEqual([]);
  console.log(`${slots.length} slots; ${starts.length} dispatches, ${during.length} of them in the outage`);
}, 900_000);

/** Requests fail clearly meanwhile. An app that starts without storage ends, and is started again until there is one. */
const takeStorageAway = async ({ app, azurite, client, ledger }: Rig): Promise<Interval> => {
  await azurite.stop();
  const from = Date.now();
  await pause(20);
  expect(await client.health()).toBe(503);
  for (const routine of ledger.routines.slice(0, 1)) {
    expect(await client.change(routine, 'enable')).toMatchObject({ status: 500 });
  }
  await pause(restartAfterSeconds - 20);
  await app.end('SIGTERM');
  const restarted = app.start();
  await pause(outageSeconds - restartAfterSeconds);
  const to = Date.now();
  await azurite.start();
  await restarted;
  return { from, to };
};

const countOf = (dispatches: readonly Start[], outcome: Start['outcome']): number =>
  dispatches.filter((dispatch) => dispatch.outcome === outcome).length;
