import { getEventListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { limitCall } from '../../shared/agents/call-limit.ts';
import type { CallEnd } from '../../shared/app/ports/agent-caller.ts';
import type { Log } from '../../shared/app/ports/log.ts';
import { unscaledTimings } from '../../shared/app/timings.ts';
import type { Action } from '../../shared/domain/action.ts';
import {
  callAgent,
  holdTime,
  invocations,
  project,
  responses,
  runId,
  sendJson,
  serveAgent,
  silentLog,
  watchHeaders,
} from './http-agent.ts';

const cancelled = {
  kind: 'retryable',
  error: {
    type: 'cancelled',
    message: 'The call was broken off: its run was cancelled, or another delivery has it now',
  },
};
const timedOut = (seconds: number) => ({
  kind: 'retryable',
  error: { type: 'timeout', message: `The agent did not answer in full within ${seconds} s` },
});

/** The other end of a connection hears late of its end. */
const patience = { timeout: 30_000 };

const isCancel = (url: string): boolean => url.includes('/cancel');

/** Begins an answer and never ends it. `asked`: it has the request; `closed`: how many callers have gone. */
const serveEndless = async (
  begin: (outgoing: ServerResponse) => void,
  cancel: (outgoing: ServerResponse) => void = (outgoing) => sendJson(outgoing, { status: 'cancelled' }),
) => {
  let closed = 0;
  let begun = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const agent = await serveAgent((outgoing, { url }) => {
    if (isCancel(url)) return cancel(outgoing);
    outgoing.once('close', () => {
      closed += 1;
    });
    begin(outgoing);
    begun();
  });
  return { ...agent, asked, closed: () => closed, cancels: () => agent.seen.filter(({ url }) => isCancel(url)) };
};

const beginWith = (headers: Record<string, string>) => (outgoing: ServerResponse) => {
  outgoing.writeHead(200, { 'content-type': 'text/event-stream', ...headers }).write('data: {}\n\n');
};
const silent = () => {};
const withId = beginWith({ 'x-agent-invocation-id': 'inv 1/ü' });

type Endless = Awaited<ReturnType<typeof serveEndless>>;

/** Calls the agent and aborts the call when the agent has the request, or when the headers of its answer have come. */
const callAndAbort = async (agent: Endless, action: Action, { after = 'headers', log = silentLog } = {}) => {
  const run = new AbortController();
  const headers = watchHeaders();
  const call = { signal: run.signal };
  const outcome = callAgent(agent.endpoint, action, { log, fetch: headers.fetch, call });
  await (after === 'headers' ? headers.come : agent.asked);
  run.abort();
  return outcome;
};

describe('a call whose run is cancelled', () => {
  test.each([
    ['headers of Responses', responses(), silent, 'request'],
    ['headers of Invocations', invocations(), silent, 'request'],
    ['end of the body of Responses', responses(), beginWith({}), 'headers'],
    ['end of the body of Invocations', invocations(), beginWith({}), 'headers'],
  ])(
    'ends at once while it waits for the %s, its connection is closed, and its work is stopped by our id',
    async (_what, action, begin, after) => {
      const agent = await serveEndless(begin);
      holdTime();
      expect(await callAndAbort(agent, action, { after })).toEqual(cancelled);
      await vi.waitFor(() => expect(agent.closed()).toBe(1), patience);
      const [begun, ...stops] = agent.seen;
      const id = begun?.headers['x-agent-response-id'] ?? begun?.headers['x-agent-invocation-id'];
      expect(stops).toMatchObject([{ method: 'POST', url: expect.stringContaining(`/${id}/cancel?`) }]);
    },
  );

  test('ends at once while it waits for a token', async () => {
    const run = new AbortController();
    const token = { get: () => new Promise<never>(() => {}), drop: () => {} };
    const outcome = callAgent('https://agents.example', responses(), { token, call: { signal: run.signal } });
    run.abort();
    expect(await outcome).toEqual(cancelled);
  });

  test.each([
    ['on this machine', 'http://127.0.0.1:1'],
    ['elsewhere', 'https://agents.example'],
  ])('before it was made reaches no agent %s', async (_where, endpoint) => {
    const fetched = vi.fn(fetch);
    const token = { get: () => new Promise<never>(() => {}), drop: () => {} };
    const call = { signal: AbortSignal.abort() };
    expect(await callAgent(endpoint, responses(), { token, fetch: fetched, call })).toEqual(cancelled);
    for (const [, init] of fetched.mock.calls) expect(init?.signal?.aborted).toBe(true);
  });

  test('asks an agent to stop the invocation that its headers named', async () => {
    const agent = await serveEndless(withId);
    const outcome = await callAndAbort(agent, invocations({ agentName: 'my agent', sessionId: 's' }));
    expect(outcome).toEqual(cancelled);
    expect(agent.cancels()).toMatchObject([
      {
        method: 'POST',
        url: '/api/projects/alpha/agents/my%20agent/endpoint/protocols/invocations/inv%201%2F%C3%BC/cancel?api-version=v1&agent_session_id=s',
        headers: {
          'x-ms-client-request-id': runId,
          'user-agent': 'agent-routines',
          'foundry-features': 'HostedAgents=V1Preview',
          traceparent: agent.seen[0]?.headers.traceparent,
          'content-length': '0',
        },
        body: '',
      },
    ]);
    // The key is that of the call: another request under it would be a repeat with another body.
    expect(agent.cancels()[0]?.headers).not.toHaveProperty('idempotency-key');
    expect(agent.cancels()[0]?.headers).not.toHaveProperty('content-type');
  });

  test.each(['', '.', '..', 'x'.repeat(513)])(
    'stops by our id the work of an agent that names its invocation "%s"',
    async (id) => {
      const agent = await serveEndless(beginWith({ 'x-agent-invocation-id': id }));
      expect(await callAndAbort(agent, invocations())).toEqual(cancelled);
      const given = agent.seen[0]?.headers['x-agent-invocation-id'];
      expect(agent.cancels()).toMatchObject([{ url: expect.stringContaining(`/${given}/cancel?`) }]);
    },
  );

  test('asks with a bearer token where the call had one', async () => {
    const agent = await serveEndless(withId);
    const { origin } = new URL(agent.endpoint);
    const headers = watchHeaders((url, init) => fetch(String(url).replace('https://agents.example', origin), init));
    const run = new AbortController();
    const outcome = callAgent('https://agents.example/api/projects/{project}', invocations(), {
      token: { get: async () => ({ kind: 'token', token: 'secret' }), drop: () => {} },
      fetch: headers.fetch,
      call: { signal: run.signal },
    });
    await headers.come;
    run.abort();
    expect(await outcome).toEqual(cancelled);
    expect(agent.cancels()).toMatchObject([{ headers: { authorization: 'Bearer secret' } }]);
  });
});

describe('an agent that is asked to stop', () => {
  const warningsOf = async (cancel: (outgoing: ServerResponse) => void) => {
    const warnings: unknown[] = [];
    const log: Log = { ...silentLog, warn: (message, facts) => warnings.push({ message, facts }) };
    const agent = await serveEndless(withId, cancel);
    return { outcome: await callAndAbort(agent, invocations(), { log }), warnings };
  };

  test('and refuses leaves a line in the log, and the outcome as it is', async () => {
    const { outcome, warnings } = await warningsOf((outgoing) => outgoing.writeHead(403).end('not yours'));
    expect(outcome).toEqual(cancelled);
    expect(warnings).toEqual([
      { message: 'The agent did not take the request to stop', facts: { project, run: runId, status: 403 } },
    ]);
  });

  test('and breaks the connection leaves a line in the log', async () => {
    const { outcome, warnings } = await warningsOf((outgoing) => outgoing.destroy());
    expect(outcome).toEqual(cancelled);
    expect(warnings).toMatchObject([{ message: 'The agent was not reached with the request to stop' }]);
  });

  test('and does not answer is waited for five seconds and no longer', async () => {
    const time = holdTime();
    const events: unknown[] = [];
    const log: Log = { ...silentLog, warn: (_message, facts) => events.push(facts) };
    const agent = await serveEndless(withId, () => {
      time.pass(4.999);
      setImmediate(() => {
        events.push('almost five seconds');
        time.pass(0.001);
      });
    });
    expect(await callAndAbort(agent, invocations(), { log })).toEqual(cancelled);
    expect(events).toMatchObject(['almost five seconds', { run: runId, cause: 'no answer within 5 s' }]);
  });

  test('obeys without a line in the log', async () => {
    const { warnings } = await warningsOf((outgoing) => outgoing.writeHead(202).end());
    expect(warnings).toEqual([]);
  });
});

test('an agent whose time is over is not asked to stop: the next attempt asks for the same work', async () => {
  const agent = await serveEndless(withId);
  const headers = watchHeaders();
  const time = holdTime();
  const outcome = callAgent(agent.endpoint, invocations(), { fetch: headers.fetch, call: { timeoutSeconds: 30 } });
  await headers.come;
  time.pass(30);
  expect(await outcome).toEqual(timedOut(30));
  await vi.waitFor(() => expect(agent.closed()).toBe(1), patience);
  expect(agent.cancels()).toEqual([]);
});

test("an agent whose run another delivery has taken over is not asked to stop: its work is that one's now", async () => {
  const agent = await serveEndless(withId);
  const run = new AbortController();
  const headers = watchHeaders();
  const outcome = callAgent(agent.endpoint, invocations(), { fetch: headers.fetch, call: { signal: run.signal } });
  await headers.come;
  run.abort('taken_over' satisfies CallEnd);
  expect(await outcome).toEqual(cancelled);
  await vi.waitFor(() => expect(agent.closed()).toBe(1), patience);
  expect(agent.cancels()).toEqual([]);
});

test('an agent whose connection breaks is not asked to stop: it has ended by itself', async () => {
  const agent = await serveEndless((outgoing) => {
    withId(outgoing);
    setTimeout(() => outgoing.destroy(), 50);
  });
  const outcome = await callAgent(agent.endpoint, invocations());
  expect(outcome).toMatchObject({ kind: 'retryable', error: { type: 'connection_error' } });
  expect(agent.cancels()).toEqual([]);
});

test('what ended a call first is what ended it', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const run = new AbortController();
  const [short, long, over] = [10, 30, 30].map((timeoutSeconds) =>
    limitCall({ timeoutSeconds, signal: run.signal }, unscaledTimings.agents),
  );
  over?.release();
  const reached = () => [short, long, over].map((limit) => limit?.reached());
  vi.advanceTimersByTime(10_000);
  expect(reached()).toEqual(['time', null, null]);
  run.abort();
  vi.advanceTimersByTime(20_000);
  expect(reached()).toEqual(['time', 'cancelled', null]);
});

test('a call that has ended has let go of its run, and asked nothing of the agent', async () => {
  const headers = { 'x-agent-invocation-id': 'inv_1' };
  const agent = await serveAgent((outgoing) => sendJson(outgoing, { output: 'Done.' }, { headers }));
  const run = new AbortController();
  const outcome = await callAgent(agent.endpoint, invocations(), { call: { signal: run.signal } });
  expect(outcome).toMatchObject({ kind: 'completed' });
  expect(agent.seen).toHaveLength(1);
  expect(getEventListeners(run.signal, 'abort')).toEqual([]);
});
