import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { type SampleAgentServer, startSampleAgent } from '../../local/sample-agent/server.ts';
import { systemClock } from '../../shared/clock.ts';
import { ensureStorage } from '../../shared/storage/ensure-storage.ts';
import { type HostProcess, launch } from '../host/host-process.ts';
import { routineCalls } from './routine-calls.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const prefix = 'cancelring';
/** By itself a call would end much later than this test waits for it. */
const workSeconds = 300;
const attemptSeconds = 200;
const patience = { timeout: 45_000, interval: 50 };

let agent: SampleAgentServer;
let host: HostProcess;
beforeAll(async () => {
  const connectionString = inject('azurite');
  agent = await startSampleAgent({ host: '127.0.0.1', port: 0, log: silent, slowSeconds: workSeconds });
  await ensureStorage({ kind: 'connection_string', connectionString, prefix }, systemClock);
  host = await launch({
    APP_ROOT: root,
    AzureWebJobsStorage: connectionString,
    STORAGE_PREFIX: prefix,
    AGENT_PROJECT_ENDPOINT: agent.url,
    AUTH_MODE: 'none',
    CONTAINER_NAME: '',
    ATTEMPT_TIMEOUT_SECONDS: String(attemptSeconds),
    // The call itself is broken off, not work that was accepted.
    AGENT_RESPONSES_BACKGROUND: 'never',
    // A delivery looks at its run every five seconds.
    DELAY_SCALE: '0.2',
  });
});
afterAll(async () => {
  await host?.end('SIGTERM');
  await agent?.close();
});

interface Run {
  readonly id: string;
  readonly status: string;
  readonly error_type?: string;
  readonly skip_reason?: string;
  readonly attempts: readonly { readonly number: number; readonly ended_at?: string; readonly error_type?: string }[];
}

const send = routineCalls(() => host.url);

const protocols = [
  { type: 'invoke_agent_invocations_api', agentName: 'streaming-agent', knowsTheWork: true },
  { type: 'invoke_agent_responses_api', agentName: 'slow-agent', knowsTheWork: false },
] as const;

describe.each(protocols)('a run that is calling $agentName by $type', ({ type, agentName, knowsTheWork }) => {
  const routine = `on-${agentName}`;
  const callsOf = () =>
    agent.calls.filter(({ path }) => path.includes(`/agents/${agentName}/`) && !path.includes('/cancel'));
  const cancels = () =>
    agent.calls.filter(({ path }) => path.includes(`/agents/${agentName}/`) && path.includes('/cancel'));
  const dispatch = async (): Promise<string> =>
    (await send<{ readonly routine_run_id: string }>('POST', `${routine}:dispatch_async`)).routine_run_id;
  const runOf = (id: string) => send<Run>('GET', `${routine}/runs/${id}`);
  const callOf = (id: string) =>
    vi.waitFor(() => {
      const call = callsOf().find(({ headers }) => headers['idempotency-key'] === id);
      if (call === undefined) throw new Error(`${agentName} was not called for run ${id}`);
      return call;
    }, patience);

  test('is broken off when it is cancelled, and lets the next one start', { timeout: 300_000 }, async () => {
    await send('PUT', routine, {
      triggers: { monthly: { type: 'schedule', cron_expression: '0 0 1 * *' } },
      action: { type, agent_name: agentName, input: 'Take your time' },
      concurrency_policy: 'skip_if_active',
    });
    const id = await dispatch();
    const call = await callOf(id);
    expect(await runOf(id)).toMatchObject({ status: 'RUNNING' });

    const cancelledAt = performance.now();
    const killed = await send<Run>('POST', `${routine}/runs/${id}:cancel`);
    const attempts = [{ number: 1, ended_at: expect.any(String), error_type: 'cancelled' }];
    expect(killed).toMatchObject({ status: 'KILLED', error_type: 'cancelled', attempts });
    // The delivery breaks it off, unless the agent was told to stop before and did.
    await vi.waitFor(() => expect(call.isOver).toBe(true), patience);
    const told = knowsTheWork ? 200 : 404;
    await vi.waitFor(() => expect(cancels()[0]).toMatchObject({ status: told }), patience);
    const seconds = (performance.now() - cancelledAt) / 1000;
    console.log(`${agentName}: broken off after ${seconds.toFixed(1)} s`);

    // Its delivery lets go of the routine when the call is over: what was asked for before that would be skipped.
    const next = await vi.waitFor(async () => {
      const asked = await dispatch();
      await vi.waitFor(async () => expect((await runOf(asked)).status).not.toBe('SCHEDULED'), patience);
      expect(await runOf(asked)).toMatchObject({ status: 'RUNNING' });
      return asked;
    }, patience);
    await callOf(next);
    expect((await runOf(id)).attempts).toHaveLength(1);
    expect(callsOf().filter(({ headers }) => headers['idempotency-key'] === id)).toHaveLength(1);
    await send('POST', `${routine}/runs/${next}:cancel`);
    await vi.waitFor(() => expect(callsOf().every(({ isOver }) => isOver)).toBe(true), patience);
  });
});
