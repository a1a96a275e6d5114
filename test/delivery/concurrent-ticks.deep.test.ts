import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { startSampleAgent } from '../../local/sample-agent/server.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Routine } from '../../shared/domain/routine.ts';
import { isEnded, type Run } from '../../shared/domain/run.ts';
import { demo } from '../app/world.ts';
import { routineName } from '../builders.ts';
import { pastDueTimerStatus, seedRoutine, slotsUntil } from '../e2e/seeded-routine.ts';
import { openStores } from '../e2e/stores.ts';
import { launch } from '../host/host-process.ts';
import { silent } from '../service-ports.ts';
import { createTestStorage } from '../storage/test-storage.ts';
import { untilAnswered } from './live-service.ts';

const slotsOf = (runs: readonly Run[]): readonly string[] => runs.map((run) => run.triggeredAt.toISOString());

describe('two processes over one storage', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const count = 40;
  const restSeconds = 240;

  it('that tick at the same moment and share the deliveries bring one run and one call for each slot', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'two-processes-'));
    const agent = await startSampleAgent({ host: '127.0.0.1', port: 0, log: silent });
    onTestFinished(async () => {
      await agent.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const { config } = await createTestStorage(inject('azurite'));
    const stores = openStores(config);
    const since = new Date(Date.now() - 4 * 60_000);
    const routines = await Promise.all(
      Array.from({ length: count }, (_, index) => seedRoutine(stores, routineName(`shared-${index}`), since)),
    );
    const hosts = await Promise.all(
      ['one', 'two'].map((name) => {
        const timerStatus = join(folder, `${name}.json`);
        writeFileSync(timerStatus, pastDueTimerStatus(new Date()));
        return launch({
          APP_ROOT: root,
          AzureWebJobsStorage: config.connectionString,
          STORAGE_PREFIX: config.prefix,
          AGENT_PROJECT_ENDPOINT: agent.url,
          TIMER_STATUS_FILE: timerStatus,
          AUTH_MODE: 'none',
          CONTAINER_NAME: '',
          // Setting the stage may take its time.
          MISFIRE_GRACE_SECONDS: '3600',
        });
      }),
    );
    onTestFinished(async () => void (await Promise.all(hosts.map((host) => host.end('SIGKILL')))));

    const end = new Date();
    const expected = slotsUntil(since, end).map((slot) => slot.toISOString());
    const runsOf = async ({ name }: Routine): Promise<readonly Run[]> =>
      (await untilAnswered(() => stores.runs.list(demo, name, { order: 'asc', limit: 1000, until: end }))).items;
    const deadline = Date.now() + restSeconds * 1000;
    const isDone = async () =>
      new Set(agent.calls.map(({ headers }) => headers['idempotency-key'])).size >= count * expected.length &&
      (await Promise.all(routines.map(runsOf))).every(
        (runs) => runs.filter(({ state }) => isEnded(state)).length >= expected.length,
      );
    while (!(await isDone())) {
      if (Date.now() > deadline) throw new Error(`Not every slot has a run that has ended, after ${restSeconds} s.`);
      await systemClock.sleep(500);
    }
    expect(await Promise.all(hosts.map((host) => host.end('SIGTERM')))).toEqual([0, 0]);

    const ticks = hosts.map((host) => /\bTick\b/.test(host.log()));
    const runs = (await Promise.all(routines.map(runsOf))).flat();
    for (const { name } of routines)
      expect(slotsOf(runs.filter((run) => run.routine === name)), name).toEqual(expected);
    expect(new Set(runs.map(({ state }) => state.phase))).toEqual(new Set(['completed']));
    const ids = new Set<string>(runs.map(({ id }) => id));
    const keys = agent.calls.map(({ headers }) => String(headers['idempotency-key'])).filter((key) => ids.has(key));
    expect(keys.toSorted()).toEqual([...ids].toSorted());
    console.log(
      `2 processes, ${ticks.filter(Boolean).length} of them fired in a tick; ${runs.length} slots, ${runs.length} runs, ${keys.length} calls`,
    );
  }, 400_000);
});
