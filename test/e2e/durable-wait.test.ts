import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { type SampleAgentServer, startSampleAgent } from '../../local/sample-agent/server.ts';
import { systemClock } from '../../shared/clock.ts';
import type { StorageConfig } from '../../shared/config.ts';
import { isEnded, type Run } from '../../shared/domain/run.ts';
import { ensureStorage } from '../../shared/storage/ensure-storage.ts';
import { projectName, routineName } from '../builders.ts';
import { type HostProcess, launch, workerOf } from '../host/host-process.ts';
import { makeAppRoot } from './app-root.ts';
import { openStores } from './stores.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** It is over when the test has the time pass by which the agent works. */
const workSeconds = 300;
const folder = mkdtempSync(join(tmpdir(), 'durable-wait-'));
const root = join(folder, 'app');
const project = projectName('demo');

let azurite: Azurite;
let agent: SampleAgentServer;
let storage: StorageConfig & { readonly kind: 'connection_string' };
let host: HostProcess | undefined;
let passedMs = 0;

beforeAll(async () => {
  mkdirSync(root);
  // What a worker that died was working on comes back soon.
  makeAppRoot(root, { visibilityTimeout: '00:00:01' });
  azurite = await startAzurite({ inMemory: true });
  const now = () => new Date(Date.now() + passedMs);
  agent = await startSampleAgent({ host: '127.0.0.1', port: 0, log: silent, slowSeconds: workSeconds, now });
  storage = { kind: 'connection_string', connectionString: azurite.connectionString, prefix: 'durable' };
  await ensureStorage(storage, systemClock);
});
afterAll(async () => {
  await host?.end('SIGKILL');
  await agent.close();
  await azurite.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Its waits are short: the locks and leases of a killed host end soon, and polls follow one another quickly. */
const launchApp = () =>
  launch({
    APP_ROOT: root,
    AzureWebJobsStorage: storage.connectionString,
    STORAGE_PREFIX: storage.prefix,
    AGENT_PROJECT_ENDPOINT: agent.url,
    AUTH_MODE: 'none',
    CONTAINER_NAME: '',
    LOCAL_QUEUE_LOCK_SECONDS: '3',
    LOCAL_WORKER_PROCESS: 'true',
    DELAY_SCALE: '0.2',
  });

const until = async <Value>(what: string, seconds: number, probe: () => Promise<Value | false>): Promise<Value> => {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await probe();
    if (value !== false) return value;
    if (Date.now() > deadline) throw new Error(`Not in ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const send = async (method: string, path: string, body?: object): Promise<void> => {
  const answer = await fetch(`${host?.url}/api/projects/demo/routines/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  expect(answer.status, await answer.text()).toBe(200);
};

const aRoutine = (type: string) => ({
  triggers: { monthly: { type: 'schedule', cron_expression: '0 0 1 * *' } },
  action: { type, agent_name: 'background-agent', input: 'Take your time' },
});

const protocols = ['invoke_agent_invocations_api', 'invoke_agent_responses_api'] as const;

describe.each(protocols)('a wait for accepted work by %s', (type) => {
  const routine = routineName(type.replaceAll('_', '-'));

  test('survives the death of its worker and that of its host, and begins nothing twice', {
    timeout: 300_000,
  }, async () => {
    const { runs } = openStores(storage);
    const readRun = async (): Promise<Run | undefined> =>
      (await runs.list(project, routine, { order: 'asc', limit: 10 })).items[0];
    const pollsOf = (run: Run | undefined): number => (run?.state.phase === 'polling' ? run.state.polls : -1);
    const pollsAreMoreThan = (count: number) =>
      until('the work is polled on', 40, async () => {
        const run = await readRun();
        return pollsOf(run) > count && run;
      });
    host = await launchApp();
    await send('PUT', routine, aRoutine(type));
    await send('POST', `${routine}:dispatch_async`);

    const first = await pollsAreMoreThan(0);
    const worker = workerOf(host);
    process.kill(worker ?? Number.NaN, 'SIGKILL');
    const second = await pollsAreMoreThan(pollsOf(first));
    expect(workerOf(host)).not.toBe(worker);
    expect(await host.end('SIGKILL')).toBe('SIGKILL');
    host = await launchApp();
    await pollsAreMoreThan(pollsOf(second));
    passedMs += workSeconds * 1000;

    const ended = await until('the run has ended', 60, async () => {
      const run = await readRun();
      return run !== undefined && isEnded(run.state) ? run : false;
    });
    expect(ended).toMatchObject({
      state: { phase: 'completed', answer: { outputText: 'background-agent has finished' } },
      attempts: [{ number: 1 }],
      work: first?.work,
    });
    const calls = agent.calls.filter(({ headers }) => headers['idempotency-key'] === ended.id);
    expect(calls).toHaveLength(1);
    const seconds = ((ended.attempts[0]?.endedAt.getTime() ?? 0) - (ended.startedAt?.getTime() ?? 0)) / 1000;
    console.log(`${type}: both deaths, ended after ${seconds.toFixed(1)} s, one call`);
    await host.end('SIGTERM');
  });

  test('that is cancelled is stopped at the agent', { timeout: 200_000 }, async () => {
    const { runs } = openStores(storage);
    const cancelled = routineName(`${routine}-cancelled`);
    const readRun = async (): Promise<Run | undefined> =>
      (await runs.list(project, cancelled, { order: 'asc', limit: 10 })).items[0];
    host = await launchApp();
    await send('PUT', cancelled, aRoutine(type));
    await send('POST', `${cancelled}:dispatch_async`);
    const run = await until('the work was accepted', 40, async () => {
      const stored = await readRun();
      return stored?.state.phase === 'polling' ? stored : false;
    });
    await send('POST', `${cancelled}/runs/${run.id}:cancel`);
    const [id = ''] = Object.values(run.work?.ids ?? {});
    await until('the agent is told', 40, async () =>
      agent.calls.some(({ path, status }) => path.includes(`${id}/cancel`) && status === 200),
    );
    expect(await readRun()).toMatchObject({ state: { phase: 'killed' }, attempts: [{ error: { type: 'cancelled' } }] });
    await host.end('SIGTERM');
  });
});
