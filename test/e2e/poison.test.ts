import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { startSampleAgent } from '../../local/sample-agent/server.ts';
import { systemClock } from '../../shared/clock.ts';
import type { RoutineName } from '../../shared/domain/names.ts';
import { isEnded, type Run } from '../../shared/domain/run.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { ensureStorage } from '../../shared/storage/ensure-storage.ts';
import { anAction, aRoutine, aRun, projectName, routineName } from '../builders.ts';
import { type HostProcess, launch } from '../host/host-process.ts';
import { makeAppRoot } from './app-root.ts';
import { openStores } from './stores.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const demo = projectName('demo');
const neighbours = Array.from({ length: 10 }, (_, index) => routineName(`neighbour-${index}`));
const killer = routineName('killer');
const preload = fileURLToPath(new URL('./deadly-agent.mjs', import.meta.url));

interface Death {
  readonly of: 'worker' | 'host';
  /** When the message that ends its process comes back. */
  readonly comesBack: string;
  readonly visibilityTimeout: string;
}

const deaths: readonly Death[] = [
  {
    of: 'worker',
    comesBack: 'after visibilityTimeout, but each third time when its lock ends',
    visibilityTimeout: '00:00:01',
  },
  { of: 'host', comesBack: 'when its lock ends', visibilityTimeout: '00:00:00' },
];

let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite({ inMemory: true });
});

afterAll(() => azurite.close());

/** Starts the host again each time it dies, as the platform does, until it is told to stop. */
const supervise = async (environment: Readonly<Record<string, string>>) => {
  let current: HostProcess = await launch(environment);
  let [hostDeaths, formerWorkerDeaths] = [0, 0];
  let isStopping = false;
  const workerDeaths = () => current.log().match(/Host: The worker process \d+ ended \(SIGKILL\)/g)?.length ?? 0;
  const supervision = (async () => {
    for (;;) {
      const how = await current.ended;
      if (isStopping) return;
      if (how !== 'SIGKILL' && !/^host failed: The worker process ended 3 times/m.test(current.log())) {
        throw new Error(`The host ended by itself (${how}):\n${current.log()}`);
      }
      hostDeaths += 1;
      formerWorkerDeaths += workerDeaths();
      current = await launch(environment);
    }
  })();
  return {
    hostDeaths: () => hostDeaths,
    workerDeaths: () => formerWorkerDeaths + workerDeaths(),
    call: async (method: string, path: string): Promise<unknown> =>
      (await fetch(`${current.url}/api/${path}`, { method })).json(),
    stop: async () => {
      isStopping = true;
      await current.end('SIGKILL');
      await supervision;
    },
  };
};

const until = async <Value>(what: string, seconds: number, probe: () => Promise<Value | false>): Promise<Value> => {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await probe().catch(() => false as const);
    if (value !== false) return value;
    if (Date.now() > deadline) throw new Error(`Not in ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const title =
  'a message that kills the $of and comes back $comesBack, and messages that are none, end where an operator finds and replays them; their neighbours complete';

it.each(deaths)(title, { timeout: 600_000 }, async (death) => {
  const folder = mkdtempSync(join(tmpdir(), 'poison-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const agent = await startSampleAgent({ host: '127.0.0.1', port: 0, log: silent });
  onTestFinished(() => agent.close());
  const { connectionString } = azurite;
  const storage = { kind: 'connection_string', connectionString, prefix: `poison${death.of}` } as const;
  await ensureStorage(storage, systemClock);
  const stores = openStores(storage);
  const runsOf = async (routine: RoutineName): Promise<readonly Run[]> =>
    (await stores.runs.list(demo, routine, { order: 'asc', limit: 100 })).items;
  const deadly = join(folder, 'deadly');
  writeFileSync(deadly, '');
  const root = join(folder, 'app');
  mkdirSync(root);
  makeAppRoot(root, { visibilityTimeout: death.visibilityTimeout });

  // All in the queue before the first host starts: they share its process.
  const send = (text: string | Buffer) =>
    stores.clients.queues.delivery.sendMessage(Buffer.from(text).toString('base64'));
  for (const name of [killer, ...neighbours]) {
    const action = anAction({ input: name === killer ? 'deadly' : 'harmless' });
    await stores.routines.put(aRoutine({ name, concurrencyPolicy: 'skip_if_active', action }), null);
    const now = new Date();
    const id = dispatchRunId(now, systemRandomness.hex(10));
    await stores.runs.create(aRun({ routine: name, id, action, triggeredAt: now, exclusive: 'skip_if_active' }));
    await send(JSON.stringify({ kind: 'dispatch', project: demo, routine: name, runId: id, sentAt: now.getTime() }));
  }
  const garbage = ['hello', '{"kind":"nonsense"}', '{"kind":"fire","dequeueCount":"many","popReceipt":7}'];
  for (const text of garbage) await send(text);
  await send(Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x7b]));

  const app = await supervise({
    APP_ROOT: root,
    AzureWebJobsStorage: storage.connectionString,
    STORAGE_PREFIX: storage.prefix,
    AGENT_PROJECT_ENDPOINT: agent.url,
    AUTH_MODE: 'none',
    CONTAINER_NAME: '',
    LOCAL_QUEUE_LOCK_SECONDS: '3',
    LOCAL_WORKER_PROCESS: String(death.of === 'worker'),
    ATTEMPT_TIMEOUT_SECONDS: '2',
    // A machine that stands still costs an attempt, not a run.
    MAX_ATTEMPTS: '20',
    DELAY_SCALE: '0.05',
    NODE_OPTIONS: `--import ${pathToFileURL(preload).href}`,
    DEADLY_WHILE: deadly,
  });
  const status = () => app.call('GET', 'projects/demo/status');
  try {
    await until('everything has come to rest', 400, async () => {
      const runs = (await Promise.all([killer, ...neighbours].map(runsOf))).flat();
      return runs.every(({ state }) => isEnded(state)) && (await stores.poisoned.countAll()) === garbage.length + 2;
    });
    for (const name of neighbours) expect((await runsOf(name)).map(({ state }) => state.phase)).toEqual(['completed']);
    const [killed] = await runsOf(killer);
    expect(killed).toMatchObject({ attempts: [], state: { phase: 'failed', error: { type: 'poison' } } });
    expect(await stores.runs.readHold(demo, killer)).not.toHaveProperty('active');
    const rest = {
      poisoned_messages: 1,
      unattributed_poisoned_messages: garbage.length + 1,
      queues: { delivery: 0, delivery_poison: 0 },
    };
    // A message goes when all that it brought is written.
    await vi.waitFor(async () => expect(await status()).toMatchObject(rest), { timeout: 40_000, interval: 200 });
    const [hosts, workers] = [app.hostDeaths(), app.workerDeaths()];
    if (death.of === 'host') expect([workers, hosts > 1]).toEqual([0, true]);
    // Each third death of a worker, and no other, is one of its host.
    else expect([workers > 1, hosts]).toEqual([true, Math.floor(workers / 3)]);
    const completed = (await Promise.all(neighbours.map(runsOf))).flat().map(({ id }) => id);
    expect(new Set(agent.calls.map(({ headers }) => headers['idempotency-key']))).toEqual(new Set(completed));

    rmSync(deadly);
    expect(await app.call('POST', 'poisoned:discard')).toMatchObject({ discarded: { length: garbage.length + 1 } });
    expect(await app.call('POST', 'poisoned:replay')).toEqual({ replayed: 1, discarded: [], failed: [], remaining: 0 });
    await until('the replayed run completes', 60, async () => (await runsOf(killer))[1]?.state.phase === 'completed');
    expect((await runsOf(killer))[1]).toMatchObject({ retryOf: killed?.id, attemptSource: 'manual_dispatch' });
    expect(await status()).toMatchObject({ poisoned_messages: 0, unattributed_poisoned_messages: 0 });
    expect([app.hostDeaths(), app.workerDeaths()]).toEqual([hosts, workers]);
    console.log(
      `Deaths: ${hosts} of a host, ${workers} of a worker; ${neighbours.length} neighbours completed; ${agent.calls.length} agent calls`,
    );
  } finally {
    await app.stop();
  }
});
