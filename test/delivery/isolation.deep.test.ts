import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { withConcurrency } from '../../shared/app/schedule/with-concurrency.ts';
import { systemClock } from '../../shared/clock.ts';
import type { RoutineName } from '../../shared/domain/names.ts';
import { isEnded, type Run } from '../../shared/domain/run.ts';
import { createPoisonedStore } from '../../shared/storage/tables/poisoned-store.ts';
import { demo } from '../app/world.ts';
import { makeAppRoot } from '../e2e/app-root.ts';
import { pastDueTimerStatus } from '../e2e/seeded-routine.ts';
import { openStores } from '../e2e/stores.ts';
import { launch } from '../host/host-process.ts';
import { silent } from '../service-ports.ts';
import { createTestStorage } from '../storage/test-storage.ts';
import { untilAnswered } from './live-service.ts';
import { type Ailment, dueKeyOf, hangingAgent, lostZone, runIdOfDue, seedDueRoutines } from './many-routines.ts';

const count = 1000;
const ofEachAilment = 25;
const restSeconds = 400;

/** The built app, whose platform gives a failed message again after a second instead of thirty. */
const anImpatientApp = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'isolation-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'timer-status.json'), pastDueTimerStatus(new Date()));
  return makeAppRoot(folder, { visibilityTimeout: '00:00:01' });
};

/** Answers at once, but for the agent that never does. */
const startAgent = async () => {
  const calls: string[] = [];
  const server = createServer((incoming, outgoing) => {
    calls.push(String(incoming.headers['idempotency-key']));
    if (incoming.url?.includes(hangingAgent)) return;
    const output = [{ type: 'message', content: [{ type: 'output_text', text: 'done' }] }];
    const body = { id: 'resp_1', object: 'response', status: 'completed', output };
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/api/projects/{project}`, calls };
};

/** All routines are due, the app runs, and its platform found it away for two minutes: it ticks at once. */
const startStage = async () => {
  const { config } = await createTestStorage();
  const stores = openStores(config);
  const poisoned = createPoisonedStore({ clients: stores.clients, log: silent });
  const due = new Date(Math.floor(Date.now() / 60_000) * 60_000);
  const seeds = await seedDueRoutines(stores, { count, ofEachAilment, due });
  const agent = await startAgent();
  const appRoot = anImpatientApp();
  const startedAt = Date.now();
  const host = await launch({
    APP_ROOT: appRoot,
    AzureWebJobsStorage: config.connectionString,
    STORAGE_PREFIX: config.prefix,
    AGENT_PROJECT_ENDPOINT: agent.url,
    TIMER_STATUS_FILE: join(appRoot, 'timer-status.json'),
    AUTH_MODE: 'none',
    CONTAINER_NAME: '',
    // A machine that stands still for less neither costs a sound run its attempt nor makes a slot a missed one.
    ATTEMPT_TIMEOUT_SECONDS: '20',
    MISFIRE_GRACE_SECONDS: '3600',
    MAX_ATTEMPTS: '1',
    DELAY_SCALE: '0.1',
  });
  onTestFinished(async () => void (await host.end('SIGKILL')));
  const namesOf = (ailment: Ailment): readonly RoutineName[] =>
    [...seeds].flatMap(([name, itsAilment]) => (itsAilment === ailment ? [name] : []));
  const runsOf = (ailment: Ailment): Promise<readonly (Run | undefined)[]> =>
    withConcurrency(
      namesOf(ailment),
      8,
      async (name) => (await untilAnswered(() => stores.runs.get(demo, name, runIdOfDue(name, due))))?.run,
    );
  const keptMessages = () => untilAnswered(() => poisoned.list({ limit: count }));
  return { stores, due, agent, host, startedAt, namesOf, runsOf, keptMessages };
};

type Stage = Awaited<ReturnType<typeof startStage>>;

const untilAllIsSaid = async ({ agent, host, runsOf, keptMessages }: Stage): Promise<void> => {
  const deadline = Date.now() + restSeconds * 1000;
  const isOver = async (): Promise<boolean> => {
    if (new Set(agent.calls).size < count - 3 * ofEachAilment) return false;
    if ((await keptMessages()).length < ofEachAilment) return false;
    const runs = await Promise.all((['none', 'agent hangs', 'zone unknown'] as const).map(runsOf));
    return runs.flat().every((run) => run !== undefined && isEnded(run.state));
  };
  while (!(await isOver())) {
    if (Date.now() > deadline) throw new Error(`Not all is said ${restSeconds} s after the start.\n${host.log()}`);
    await systemClock.sleep(500);
  }
};

/** A due row that cannot be read fires nothing: the log names it, and the tick counts it. */
const expectLoggedRows = async ({ stores, due, host, namesOf }: Stage): Promise<void> => {
  const lines = host.log().split('\n');
  const errors = lines.filter((line) => line.includes('Due row cannot be read'));
  for (const name of namesOf('due row damaged')) {
    const own = errors.find((line) => line.includes(dueKeyOf(name, due)));
    expect(own, name).toContain('trigger');
  }
  // The zones that are lost are broken triggers too; none of them makes the due index look late.
  const heartbeat = await stores.schedule.readHeartbeat();
  expect(heartbeat?.unusable).toBe(2 * ofEachAilment);
  expect(heartbeat?.lagSeconds).toBeLessThan(restSeconds);
};

/** A slot whose routine cannot be read ends as a kept message, to be replayed when the row is repaired. */
const expectKeptMessages = async ({ namesOf, keptMessages }: Stage): Promise<void> => {
  const kept = await keptMessages();
  expect(kept.map(({ of }) => of?.routine).toSorted()).toEqual(namesOf('routine row damaged').toSorted());
  for (const { reason } of kept) expect(reason).toContain('cannot be read');
};

const statesOf = (runs: readonly (Run | undefined)[]) => runs.map((run) => run?.state);

/** Milliseconds below which that share of them lies. */
const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

const reportStarts = (runs: readonly (Run | undefined)[], hostStartedAt: number): void => {
  const starts = runs.flatMap((run) => run?.startedAt?.getTime() ?? []).toSorted((a, b) => a - b);
  const after = (share: number, since: number) => ((percentile(starts, share) - since) / 1000).toFixed(1);
  const first = percentile(starts, 0);
  console.log(
    `${count} routines due at once, ${count - runs.length} of them broken: the other ${runs.length} began within ${after(1, hostStartedAt)} s of the host's start; after the first of them p50 ${after(0.5, first)} s, p99 ${after(0.99, first)} s`,
  );
};

it('of 1,000 routines that are due at once and 100 of them broken, 900 complete and 100 say why', async () => {
  const stage = await startStage();
  await untilAllIsSaid(stage);
  expect(await stage.host.end('SIGTERM')).toBe(0);

  const sound = await stage.runsOf('none');
  expect(sound).toHaveLength(count - 4 * ofEachAilment);
  expect(statesOf(sound).filter((state) => state?.phase !== 'completed')).toEqual([]);
  const hung = await stage.runsOf('agent hangs');
  for (const state of statesOf(hung)) expect(state).toMatchObject({ phase: 'failed', error: { type: 'timeout' } });
  for (const state of statesOf(await stage.runsOf('zone unknown'))) {
    const message = expect.stringContaining(lostZone);
    expect(state).toMatchObject({ phase: 'failed', error: { type: 'internal_error', message } });
  }
  await expectLoggedRows(stage);
  await expectKeptMessages(stage);
  // One call for each run that has begun, none for the others.
  const begun = [...sound, ...hung].map((run) => run?.id);
  expect(stage.agent.calls.toSorted()).toEqual(begun.toSorted());
  reportStarts(sound, stage.startedAt);
}, 700_000);
