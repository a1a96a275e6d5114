import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { type SampleAgentServer, startSampleAgent } from '../../local/sample-agent/server.ts';
import { systemClock } from '../../shared/clock.ts';
import type { StorageConfig } from '../../shared/config.ts';
import { isRunId } from '../../shared/domain/run-id.ts';
import { ensureStorage } from '../../shared/storage/ensure-storage.ts';
import { projectName, routineName } from '../builders.ts';
import { type HostProcess, launch } from '../host/host-process.ts';
import { routineCalls } from './routine-calls.ts';
import { openStores } from './stores.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const prefix = 'threadring';
/** It is over when the test has the time pass by which the agent works. */
const workSeconds = 300;
const patience = { timeout: 60_000, interval: 50 };

let agent: SampleAgentServer;
let storage: StorageConfig;
let host: HostProcess;
let passedMs = 0;

const launchApp = () =>
  launch({
    APP_ROOT: root,
    AzureWebJobsStorage: inject('azurite'),
    STORAGE_PREFIX: prefix,
    AGENT_PROJECT_ENDPOINT: agent.url,
    AUTH_MODE: 'none',
    CONTAINER_NAME: '',
    LOCAL_QUEUE_LOCK_SECONDS: '3',
    DELAY_SCALE: '0.2',
  });

beforeAll(async () => {
  const now = () => new Date(Date.now() + passedMs);
  agent = await startSampleAgent({ host: '127.0.0.1', port: 0, log: silent, slowSeconds: workSeconds, now });
  storage = { kind: 'connection_string', connectionString: inject('azurite'), prefix };
  await ensureStorage(storage, systemClock);
  host = await launchApp();
});
afterAll(async () => {
  await host?.end('SIGTERM');
  await agent?.close();
});

interface Run {
  readonly status: string;
  readonly thread_id?: string;
  readonly response_id?: string;
}

const send = routineCalls(() => host.url);

/** A run of a classic agent, begun by hand. */
const begin = async (routine: string, action: object): Promise<string> => {
  await send('PUT', routine, {
    triggers: { monthly: { type: 'schedule', cron_expression: '0 0 1 * *' } },
    action: { type: 'invoke_agent_threads_api', input: 'hello', ...action },
  });
  return (await send<{ readonly routine_run_id: string }>('POST', `${routine}:dispatch_async`)).routine_run_id;
};
const runOf = (routine: string, id: string) => send<Run>('GET', `${routine}/runs/${id}`);
const finished = (routine: string, id: string) =>
  vi.waitFor(async () => {
    const run = await runOf(routine, id);
    expect(run.status).toBe('FINISHED');
    return run;
  }, patience);
const held = async (path: string): Promise<readonly object[]> => {
  const answer = await fetch(`${agent.url.replace('{project}', 'demo')}${path}?api-version=v1`);
  return JSON.parse(await answer.text()).data;
};

test('a routine runs a classic agent on a thread of its own', { timeout: 200_000 }, async () => {
  const id = await begin('echo', { agent_id: 'asst_echo' });
  const run = await finished('echo', id);
  expect(run).toMatchObject({
    action_type: 'invoke_agent_threads_api',
    agent_id: 'asst_echo',
    thread_id: expect.stringMatching(/^thread_/),
    output_text: 'asst_echo heard: hello',
    attempts: [{ number: 1, status_code: 200 }],
  });
  const metadata = { routine_run_id: id };
  const [threadRun] = await held(`/threads/${run.thread_id}/runs`);
  expect(threadRun).toMatchObject({ status: 'completed', assistant_id: 'asst_echo', metadata });
  expect(run.response_id).toBe(`agent#${run.thread_id}#${Object(threadRun).id}`);
  const listed = await send<{ readonly value: readonly Run[] }>(
    'GET',
    `echo/runs?filter=${encodeURIComponent(`thread_id = '${run.thread_id}'`)}`,
  );
  expect(listed.value).toMatchObject([{ id }]);
});

test('a run outlives the host that is killed while the agent is at work', { timeout: 300_000 }, async () => {
  const id = await begin('slow', { agent_id: 'asst_slow' });
  if (!isRunId(id)) throw new Error(`"${id}" is no run id.`);
  const { runs } = openStores(storage);
  await vi.waitFor(async () => {
    const stored = await runs.get(projectName('demo'), routineName('slow'), id);
    expect(stored?.run.state).toMatchObject({ phase: 'polling' });
  }, patience);
  expect(await host.end('SIGKILL')).toBe('SIGKILL');
  host = await launchApp();
  expect(await runOf('slow', id)).toMatchObject({ status: 'RUNNING' });
  passedMs += workSeconds * 1000;
  const run = await finished('slow', id);
  expect(run).toMatchObject({ output_text: 'asst_slow heard: hello', attempts: [{ number: 1 }] });
  expect(await held(`/threads/${run.thread_id}/runs`)).toHaveLength(1);
  const started = agent.calls.filter(({ headers, path }) => headers['idempotency-key'] === id && /\/runs\?/.test(path));
  expect(started).toHaveLength(1);
});
