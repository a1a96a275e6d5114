import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { withConcurrency } from '../../shared/app/schedule/with-concurrency.ts';
import { systemClock } from '../../shared/clock.ts';
import { ensureStorage } from '../../shared/storage/ensure-storage.ts';
import { type HostProcess, launch } from '../host/host-process.ts';
import { routineCalls } from './routine-calls.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const prefix = 'manyruns';
const runs = 200;
const latencySeconds = 5;
const { queues } = JSON.parse(readFileSync(`${root}/host.json`, 'utf8')).extensions;
const maxInFlight = queues.batchSize + queues.newBatchThreshold;
const mebibyte = 1024 * 1024;

/** An agent of five seconds that counts its callers. */
const startSlowAgent = async () => {
  const seen = { calls: 0, inFlight: 0, most: 0 };
  const keys = new Set<string>();
  const server = createServer((incoming, outgoing) => {
    seen.calls += 1;
    keys.add(String(incoming.headers['idempotency-key']));
    seen.inFlight += 1;
    seen.most = Math.max(seen.most, seen.inFlight);
    outgoing.once('close', () => {
      seen.inFlight -= 1;
    });
    incoming.resume();
    setTimeout(() => outgoing.end('{"output":"done"}'), latencySeconds * 1000);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const close = () => server.close().closeAllConnections();
  return { url: `http://127.0.0.1:${port}/api/projects/{project}`, seen, keys, close };
};

let agent: Awaited<ReturnType<typeof startSlowAgent>>;
let host: HostProcess;
beforeAll(async () => {
  const connectionString = inject('azurite');
  agent = await startSlowAgent();
  await ensureStorage({ kind: 'connection_string', connectionString, prefix }, systemClock);
  host = await launch({
    APP_ROOT: root,
    AzureWebJobsStorage: connectionString,
    STORAGE_PREFIX: prefix,
    AGENT_PROJECT_ENDPOINT: agent.url,
    AGENT_VALIDATION: 'off',
    AUTH_MODE: 'none',
    CONTAINER_NAME: '',
  });
});
afterAll(async () => {
  await host?.end('SIGTERM');
  agent?.close();
});

const send = routineCalls(() => host.url);

interface RunList {
  readonly value: readonly { readonly status: string; readonly attempts: readonly unknown[] }[];
}

const memoryOf = (pid = 0): number =>
  (Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / mebibyte;

test('200 runs at once complete, with no more calls in flight than the host takes messages', {
  timeout: 480_000,
}, async () => {
  await send('PUT', 'slow', {
    triggers: { monthly: { type: 'schedule', cron_expression: '0 0 1 * *' } },
    action: { type: 'invoke_agent_invocations_api', agent_name: 'five-seconds', input: 'Take your time' },
  });
  const startedAt = performance.now();
  await withConcurrency(Array.from({ length: runs }), 20, () => send('POST', 'slow:dispatch_async'));
  const dispatchedAt = performance.now();

  const samples: number[] = [];
  const list = await vi.waitFor(
    async () => {
      // Up to here; the list that the test asks for takes memory of its own.
      if (agent.keys.size < runs) samples.push(memoryOf(host.child.pid));
      expect(agent.keys.size).toBe(runs);
      const listed = await send<RunList>('GET', `slow/runs?limit=${runs}`);
      expect(listed.value.filter(({ status }) => status === 'FINISHED')).toHaveLength(runs);
      return listed.value;
    },
    { timeout: 400_000, interval: 500 },
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const half = Math.ceil(samples.length / 2);
  const [early, late] = [Math.max(...samples.slice(0, half)), Math.max(...samples.slice(half))];
  console.log(
    `${runs} runs of ${latencySeconds} s: dispatched in ${((dispatchedAt - startedAt) / 1000).toFixed(1)} s, ` +
      `complete after ${seconds.toFixed(1)} s; at most ${agent.seen.most} calls in flight; ` +
      `memory of the host ${samples[0]?.toFixed(0)} MiB at first, then at most ${early.toFixed(0)} and ${late.toFixed(0)} in its halves`,
  );
  expect(agent.seen.calls).toBe(runs);
  for (const run of list) expect(run.attempts).toHaveLength(1);
  expect(agent.seen.most).toBeLessThanOrEqual(maxInFlight);
  // Flat: the second hundred runs leave no more behind than the first did.
  expect(late - early).toBeLessThan(60);
});
