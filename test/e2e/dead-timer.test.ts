import { expect, it } from 'vitest';
import { z } from 'zod';
import { startAzurite } from '../../local/azurite.ts';
import { startSampleAgent } from '../../local/sample-agent/server.ts';
import { systemClock } from '../../shared/clock.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { ensureStorage } from '../../shared/storage/ensure-storage.ts';
import { createWorkQueue } from '../../shared/storage/queues/work-queue.ts';
import { aRun, routineName } from '../builders.ts';
import { aFolder, launchForTest, until } from '../host/host-process.ts';
import { makeAppRoot } from './app-root.ts';
import { seedRoutine, slotsUntil } from './seeded-routine.ts';
import { openStores } from './stores.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** What is asserted by more than its equality. */
const figures = z.looseObject({
  last_tick_age_seconds: z.number().default(Number.NaN),
  fired: z.number().default(Number.NaN),
  lag_seconds: z.number().default(Number.NaN),
  last_scan: z.looseObject({ lost_runs: z.number() }).optional(),
});

const keys = {
  everywhere: 'operator-of-everything',
  demo: 'operator-of-demo-only',
};

it('where the platform’s timer is dead, a tick by hand fires what is due and heals the health; the scan finds a lost run', async () => {
  const azurite = await startAzurite({ inMemory: true });
  const agent = await startSampleAgent({ host: '127.0.0.1', port: 0, log: silent });
  const config = { kind: 'connection_string', connectionString: azurite.connectionString, prefix: 'timer' } as const;
  try {
    await ensureStorage(config, systemClock);
    const stores = openStores(config);
    // Its last tick was ten minutes ago.
    const longAgo = new Date(Date.now() - 600_000);
    await stores.schedule.writeHeartbeat({ at: longAgo, durationMs: 1, lagSeconds: 0, unusable: 0 });
    // Its first slot is a minute old or two: what the tick finds is late, and far from three minutes, which is ill health.
    const since = new Date(Math.floor(Date.now() / 60_000 - 1) * 60_000 - 1);
    const routine = await seedRoutine(stores, routineName('due'), since);
    const host = await launchForTest({
      APP_ROOT: makeAppRoot(aFolder(), { without: ['tick'] }),
      AzureWebJobsStorage: config.connectionString,
      STORAGE_PREFIX: config.prefix,
      AGENT_PROJECT_ENDPOINT: agent.url,
      AUTH_MODE: 'key',
      API_KEYS: JSON.stringify([
        { name: 'ops', key: keys.everywhere, role: 'operator', project: '*' },
        { name: 'demo', key: keys.demo, role: 'operator', project: 'demo' },
      ]),
      CONTAINER_NAME: '',
    });
    const call = async (path: string, method = 'GET', key = keys.everywhere) => {
      const response = await fetch(`${host.url}/api/${path}`, { method, headers: { 'api-key': key } });
      return { status: response.status, body: await response.json() };
    };
    const ended = async () =>
      (await stores.runs.list(routine.project, routine.name, { order: 'asc', limit: 100 })).items;

    expect(await call('health')).toEqual({ status: 503, body: { status: 'degraded' } });
    const before = await call('projects/demo/status', 'GET', keys.demo);
    expect(before).toMatchObject({ status: 200, body: { runs_last_hour: { completed: 0, failed: 0, killed: 0 } } });
    expect(figures.parse(before.body).last_tick_age_seconds).toBeGreaterThanOrEqual(600);
    expect(await call('tick', 'POST', keys.demo)).toMatchObject({
      status: 403,
      body: { error: { code: 'forbidden' } },
    });
    expect(await ended()).toEqual([]);

    const asked = new Date();
    const { status, body } = await call('tick', 'POST');
    expect(status).toBe(200);
    expect(body).toMatchObject({ missed: 0, failed: 0, broken: 0 });
    const ticked = figures.parse(body);
    expect(ticked.fired).toBeGreaterThanOrEqual(slotsUntil(since, asked).length);
    expect(ticked.lag_seconds).toBeGreaterThanOrEqual(60);
    const due = slotsUntil(since, asked).map((slot) => slot.toISOString());
    await until('all that was due has completed', async () => {
      const completed = (await ended()).filter(({ state }) => state.phase === 'completed');
      return due.every((slot) => completed.some(({ triggeredAt }) => triggeredAt.toISOString() === slot));
    });
    await until('the health is well again', async () => (await call('health')).status === 200);
    expect((await call('projects/demo/status')).body).toMatchObject({ due_lag_seconds: ticked.lag_seconds });

    // The daily scan, as its timer begins it: it finds a run that has not come to an end for two days.
    const lost = new Date(Date.now() - 2 * 86_400_000);
    const id = dispatchRunId(lost, 'a'.repeat(19));
    await stores.runs.create(aRun({ routine: routine.name, id, triggeredAt: lost }));
    const found = { routines: 0, lostRuns: 0, repairedSchedules: 0, unreadableRoutines: 0 };
    await createWorkQueue(stores).send({ kind: 'scan', startedAt: Date.now(), found }, 0);
    await until('the scan has ended', async () => {
      const { body: after } = await call('projects/demo/status');
      return figures.parse(after).last_scan?.lost_runs === 1;
    });
    const state = (await stores.runs.get(routine.project, routine.name, id))?.run.state;
    expect(state).toMatchObject({ phase: 'failed', error: { type: 'lost' } });
  } finally {
    await agent.close();
    await azurite.close();
  }
}, 240_000);
