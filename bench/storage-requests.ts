import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startAzurite } from '../local/azurite.ts';
import { type SampleAgentServer, startSampleAgent } from '../local/sample-agent/server.ts';
import { systemClock } from '../shared/clock.ts';
import { isEnded } from '../shared/domain/run.ts';
import { ensureStorage } from '../shared/storage/ensure-storage.ts';
import { anAction, projectName, routineName } from '../test/builders.ts';
import { pastDueTimerStatus, seedRoutine } from '../test/e2e/seeded-routine.ts';
import { openStores } from '../test/e2e/stores.ts';
import { startStorageProxy } from '../test/storage/storage-proxy.ts';

/**
 * Counts storage requests at the HTTP level between the built app and Azurite: of a tick without work, of the API's
 * operations, and of scheduled fires alone and in a burst: of an agent that answers at once, of one that ends what it
 * accepts within seconds, and of one that takes a minute. Empty queue polls are left out: they depend on time.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const burst = 640;
const prefix = 'bench';
const demo = projectName('demo');
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const folder = mkdtempSync(join(tmpdir(), 'bench-'));

const azurite = await startAzurite({ inMemory: true });
const startAgent = (slowSeconds: number) => startSampleAgent({ host: '127.0.0.1', port: 0, log: silent, slowSeconds });
/** Their agents take a second and a minute. */
const [quick, slow] = await Promise.all([startAgent(1), startAgent(60)]);
const direct = { kind: 'connection_string', connectionString: azurite.connectionString, prefix } as const;
await ensureStorage(direct, systemClock);
const stores = openStores(direct);
const proxy = await startStorageProxy(azurite.connectionString);

/** Runs the built app with a tick that is past due, so that it ticks at once. */
const withHost = async (agent: SampleAgentServer, work: (url: string) => Promise<void>): Promise<void> => {
  const timerStatus = join(folder, 'timer-status.json');
  writeFileSync(timerStatus, pastDueTimerStatus(new Date()));
  const child = spawn(process.execPath, ['local/host/main.ts'], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      AzureWebJobsStorage: proxy.connectionString,
      STORAGE_PREFIX: prefix,
      AGENT_PROJECT_ENDPOINT: agent.url,
      TIMER_STATUS_FILE: timerStatus,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [chunk] = await once(child.stdout, 'data');
  await work(/host ready (\S+)/.exec(String(chunk))?.[1] ?? '');
  child.kill('SIGTERM');
  await once(child, 'close');
};

const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** The tick's 16 queries and its heartbeat stand whether anything is due or not; the host asks once for its account. */
const isTickOrNothing =
  (isWanted: boolean) =>
  (request: string): boolean => {
    const operation = withoutKeys(request);
    const isTick = operation === `GET ${prefix}schedule()` || operation === `PATCH ${prefix}schedule(…)`;
    return isTick === isWanted && !operation.endsWith('devstoreaccount1');
  };

/** Prints and forgets what was counted, by method and by what is addressed, without keys. */
const report = (title: string, count = 1, isCounted = (_: string) => true): void => {
  const work = proxy.requests.filter((request) => !request.endsWith('(empty)')).filter(isCounted);
  const counts = new Map<string, number>();
  for (const request of work) {
    const operation = withoutKeys(request);
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
  }
  console.log(`\n${title}: ${count === 1 ? work.length : `${(work.length / count).toFixed(2)} each (${work.length})`}`);
  for (const [operation, times] of [...counts].sort()) console.log(`  ${String(times).padStart(5)}  ${operation}`);
  proxy.reset();
};

const withoutKeys = (request: string): string =>
  request
    .replace('/devstoreaccount1/', '')
    .replace(/\(.+\)/, '(…)')
    .replace(/messages\/.+/, 'messages/…');

/** Routines that fire daily, and whose only slot up to the horizon was due one to two minutes ago. */
const seedDue = async (count: number, name: string, agentName: string) => {
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  const names = Array.from({ length: count }, (_, i) => routineName(`${name}-${i}`));
  const due = new Date(minute - 60_000);
  const cronExpression = `${due.getUTCMinutes()} ${due.getUTCHours()} * * *`;
  const seed = { cronExpression, action: anAction({ agentName }) };
  for (const routine of names) await seedRoutine(stores, routine, new Date(minute - 90_000), seed);
  return names;
};

const waitForEnded = async (names: ReturnType<typeof routineName>[]): Promise<void> => {
  for (const name of names) {
    for (;;) {
      const { items } = await stores.runs.list(demo, name, { order: 'asc', limit: 1 });
      if (items[0] !== undefined && isEnded(items[0].state)) break;
      await sleep(0.1);
    }
  }
  await sleep(1);
};

await withHost(quick, async (url) => {
  await sleep(2);
  report('A tick without work', 1, isTickOrNothing(true));
  const call = async (title: string, method: string, path: string, body?: unknown): Promise<void> => {
    const json =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${url}/api/projects/demo/routines${path}`, { method, ...json });
    await response.arrayBuffer();
    report(`${title} (${response.status})`);
  };
  const yearly = (cron: string, description = '') => ({
    description,
    triggers: { main: { type: 'schedule', cron_expression: cron } },
    action: { type: 'invoke_agent_responses_api', agent_name: 'echo-agent', input: 'x' },
  });
  await call('PUT of a new routine', 'PUT', '/api', yearly('0 0 1 1 *'));
  await call('PUT that changes what fires', 'PUT', '/api', yearly('0 0 2 1 *'));
  await call('PUT that changes the description', 'PUT', '/api', yearly('0 0 2 1 *', 'other'));
  await call('GET', 'GET', '/api');
  await call('List of routines', 'GET', '');
  await call('Dispatch', 'POST', '/api:dispatch_async');
  await waitForEnded([routineName('api')]);
  report('Delivery of that dispatch');
  await call('List of runs', 'GET', '/api/runs');
  await call('DELETE', 'DELETE', '/api');
});

interface Fires {
  readonly name: string;
  readonly what: string;
  readonly agent: SampleAgentServer;
  readonly agentName: string;
  readonly counts: readonly number[];
}

const fires: readonly Fires[] = [
  { name: 'echo', what: 'answers at once', agent: quick, agentName: 'echo-agent', counts: [1, burst] },
  { name: 'quick', what: 'accepts, and ends in a second', agent: quick, agentName: 'slow-agent', counts: [1, burst] },
  { name: 'slow', what: 'accepts, and ends in a minute', agent: slow, agentName: 'slow-agent', counts: [1, 64] },
];
for (const { name, what, agent, agentName, counts } of fires) {
  for (const count of counts) {
    const names = await seedDue(count, `due-${name}-${count}`, agentName);
    proxy.reset();
    await withHost(agent, () => waitForEnded(names));
    const title =
      count === 1
        ? `One scheduled fire of an agent that ${what}, alone`
        : `A burst of ${count} fires of an agent that ${what}`;
    report(title, count, isTickOrNothing(false));
  }
}

await proxy.close();
await quick.close();
await slow.close();
await azurite.close();
rmSync(folder, { recursive: true, force: true });
