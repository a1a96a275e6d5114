import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { type SampleAgentServer, startSampleAgent } from '../../local/sample-agent/server.ts';
import { systemClock } from '../../shared/clock.ts';
import type { StorageConfig } from '../../shared/config.ts';
import type { Routine } from '../../shared/domain/routine.ts';
import { isEnded, type Run } from '../../shared/domain/run.ts';
import { ensureStorage } from '../../shared/storage/ensure-storage.ts';
import { routineName } from '../builders.ts';
import { launch } from '../host/host-process.ts';
import { pastDueTimerStatus, seedRoutine, slotsUntil } from './seeded-routine.ts';
import { openStores } from './stores.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const kills = 10;
const folder = mkdtempSync(join(tmpdir(), 'crash-'));

let azurite: Azurite;
let agent: SampleAgentServer;
let storage: StorageConfig & { readonly kind: 'connection_string' };

beforeAll(async () => {
  azurite = await startAzurite({ inMemory: true });
  agent = await startSampleAgent({ host: '127.0.0.1', port: 0, log: silent });
  storage = { kind: 'connection_string', connectionString: azurite.connectionString, prefix: 'crash' };
  await ensureStorage(storage, systemClock);
});

afterAll(async () => {
  await agent.close();
  await azurite.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The built app on the local host, its tick past due, its waits short: a killed host's locks and leases end soon. */
const launchApp = () => {
  const timerStatus = join(folder, 'timer-status.json');
  writeFileSync(timerStatus, pastDueTimerStatus(new Date()));
  return launch({
    APP_ROOT: root,
    AzureWebJobsStorage: storage.connectionString,
    STORAGE_PREFIX: storage.prefix,
    AGENT_PROJECT_ENDPOINT: agent.url,
    TIMER_STATUS_FILE: timerStatus,
    AUTH_MODE: 'none',
    CONTAINER_NAME: '',
    LOCAL_QUEUE_LOCK_SECONDS: '3',
    ATTEMPT_TIMEOUT_SECONDS: '2',
    // A machine that stands still costs an attempt, or makes a slot late: neither is what is looked for here.
    MAX_ATTEMPTS: '20',
    MISFIRE_GRACE_SECONDS: '3600',
    DELAY_SCALE: '0.1',
  });
};

const until = async <Value>(
  what: string,
  seconds: number,
  probe: () => Promise<Value | false> | Value | false,
): Promise<Value> => {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await probe();
    if (value !== false) return value;
    if (Date.now() > deadline) throw new Error(`Not in ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

it('leaves each slot with exactly one run, when the host is killed ten times between tick and delivery', async () => {
  const { routines, schedule, runs, clients } = openStores(storage);
  const runsOf = async ({ project, name }: Routine): Promise<readonly Run[]> =>
    (await runs.list(project, name, { order: 'asc', limit: 1000 })).items;
  const seeded: Routine[] = [];
  // Where each kill strikes: as soon as the tick has sent something, as soon as an agent is called, as soon as a run is there.
  const strikes = [
    async () => ((await clients.queues.delivery.getProperties()).approximateMessagesCount ?? 0) > 0,
    async (_routine: Routine, calls: number) => agent.calls.length > calls,
    async (routine: Routine) => (await runsOf(routine)).length > 0,
  ];
  for (let kill = 0; kill < kills; kill += 1) {
    const since = new Date(Date.now() - 4 * 60_000);
    const routine = await seedRoutine({ routines, schedule }, routineName(`killed-${kill}`), since);
    seeded.push(routine);
    const calls = agent.calls.length;
    const host = await launchApp();
    const strike = strikes[kill % strikes.length] ?? strikes[0];
    await until('the kill can strike', 40, async () => (await strike?.(routine, calls)) ?? false);
    expect(await host.end('SIGKILL')).toBe('SIGKILL');
  }

  const host = await launchApp();
  const end = new Date();
  const expected = seeded.map((routine) => slotsUntil(routine.createdAt, end).map((slot) => slot.toISOString()));
  await until('every slot has a run that has ended', 180, async () => {
    for (const [index, routine] of seeded.entries()) {
      const ended = (await runsOf(routine)).filter((run) => isEnded(run.state) && run.triggeredAt <= end);
      if (ended.length < (expected[index]?.length ?? 0)) return false;
    }
    return true;
  });
  expect(await host.end('SIGTERM')).toBe(0);

  const all = (await Promise.all(seeded.map(runsOf))).flat().filter((run) => run.triggeredAt <= end);
  for (const [index, routine] of seeded.entries()) {
    const slots = all.filter((run) => run.routine === routine.name).map((run) => run.triggeredAt.toISOString());
    expect(slots, routine.name).toEqual(expected[index]);
  }
  expect(new Set(all.map((run) => run.state.phase))).toEqual(new Set(['completed']));
  const keys = agent.calls.map(({ headers }) => headers['idempotency-key']);
  for (const run of all) expect(keys).toContain(run.id);
  console.log(`${kills} kills, ${all.length} slots, ${all.length} runs, ${keys.length} agent calls`);
}, 600_000);
