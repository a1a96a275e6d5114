import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type SampleAgentServer, startSampleAgent } from '../../local/sample-agent/server.ts';
import {
  callAgent,
  holdTime,
  invocations,
  noToken,
  responses,
  runId,
  silentLog,
  watchHeaders,
} from '../agents/http-agent.ts';

const start = async (): Promise<SampleAgentServer> => {
  const server = await startSampleAgent({ host: '127.0.0.1', port: 0, log: silentLog });
  onTestFinished(() => server.close());
  return server;
};

/** Agents that take long accept the work else. */
const inForeground = { responsesBackground: 'never' } as const;

/** The service hears late of a call, and of a connection that is gone. */
const patience = { timeout: 30_000 };

interface AgentView {
  readonly name: string;
  readonly versions: { readonly latest: { readonly description: string } };
}

const urlOf = ({ url }: SampleAgentServer, path: string): string => url.replace('{project}', 'beta') + path;

describe('a routine that calls a sample agent', () => {
  test.each(['agent', 'project'] as const)('hears its input again through the Responses route %s', async (route) => {
    const server = await start();
    expect(await callAgent(server.url, responses(), { config: { responsesRoute: route }, token: noToken })).toEqual({
      kind: 'completed',
      statusCode: 200,
      answer: {
        responseId: expect.stringMatching(/^caresp_[0-9a-f]{16}00[0-9A-Za-z]{32}$/),
        sessionId: expect.stringMatching(/^sess_[0-9a-f]{48}$/),
        outputText: 'echo-agent heard: hello',
      },
    });
  });

  test('hears its input again through Invocations, in its own session', async () => {
    const server = await start();
    const action = invocations({ input: { message: 'hi' }, sessionId: 'sess_mine' });
    expect(await callAgent(server.url, action)).toEqual({
      kind: 'completed',
      statusCode: 200,
      answer: {
        responseId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        sessionId: 'sess_mine',
        outputText: 'echo-agent heard: {"message":"hi"}',
      },
    });
  });

  test.each([responses, invocations])('succeeds with flaky-agent at the third attempt of each run', async (action) => {
    const server = await start();
    const attempt = () => callAgent(server.url, action({ agentName: 'flaky-agent' }));
    for (const n of [1, 2]) {
      const message = `flaky-agent is not available (call ${n} of this run)`;
      expect(await attempt()).toEqual({
        kind: 'retryable',
        error: { statusCode: 503, type: 'service_unavailable', message },
      });
    }
    expect(await attempt()).toMatchObject({ kind: 'completed', answer: { outputText: 'flaky-agent heard: hello' } });
  });

  test.each([responses, invocations])('fails at once with broken-agent', async (action) => {
    const server = await start();
    expect(await callAgent(server.url, action({ agentName: 'broken-agent' }))).toEqual({
      kind: 'terminal',
      error: { statusCode: 400, type: 'invalid_prompt', message: 'broken-agent accepts no input at all' },
    });
  });

  test.each([responses, invocations])('fails with failing-agent, which answers 200', async (action) => {
    const server = await start();
    expect(await callAgent(server.url, action({ agentName: 'failing-agent' }))).toMatchObject({
      kind: 'terminal',
      error: { statusCode: 200, type: 'server_error', message: 'failing-agent could not finish its work' },
    });
  });

  test.each([responses, invocations])('fails with an agent that does not exist', async (action) => {
    const server = await start();
    expect(await callAgent(server.url, action({ agentName: 'nobody' }))).toEqual({
      kind: 'terminal',
      error: { statusCode: 404, type: 'not_found', message: 'Agent "nobody" does not exist' },
    });
  });

  test('waits for slow-agent no longer than its time', async () => {
    const server = await start();
    const outcome = await callAgent(server.url, responses({ agentName: 'slow-agent' }), {
      config: inForeground,
      call: { timeoutSeconds: 0.3 },
    });
    expect(outcome).toMatchObject({ kind: 'retryable', error: { type: 'timeout' } });
  });

  test('is cut off when the sample agent closes while slow-agent works', async () => {
    const server = await start();
    const outcome = callAgent(server.url, responses({ agentName: 'slow-agent' }), { config: inForeground });
    await vi.waitFor(() => expect(server.calls).toHaveLength(1), patience);
    await server.close();
    expect(await outcome).toMatchObject({ kind: 'retryable', error: { type: 'connection_error' } });
  });
});

describe('a routine that calls streaming-agent', () => {
  const streaming = invocations({ agentName: 'streaming-agent' });

  test('gets what it says as it says it', async () => {
    const server = await startSampleAgent({ host: '127.0.0.1', port: 0, log: silentLog, slowSeconds: 1 });
    onTestFinished(() => server.close());
    const outputText = 'streaming-agent has worked for 0 s\nstreaming-agent heard: hello';
    expect(await callAgent(server.url, streaming)).toMatchObject({ kind: 'completed', answer: { outputText } });
    expect(
      await callAgent(server.url, responses({ agentName: 'streaming-agent' }), { config: inForeground }),
    ).toMatchObject({
      answer: { outputText: 'streaming-agent heard: hello' },
    });
  });

  test('and does not wait any longer leaves the invocation to its next attempt', async () => {
    const server = await start();
    const headers = watchHeaders();
    const time = holdTime();
    const outcome = callAgent(server.url, streaming, { fetch: headers.fetch, call: { timeoutSeconds: 30 } });
    await headers.come;
    time.pass(30);
    expect(await outcome).toMatchObject({ kind: 'retryable', error: { type: 'timeout' } });
    const brokenOff = { path: expect.stringMatching(/\/invocations\?/), status: 200, isBrokenOff: true };
    await vi.waitFor(() => expect(server.calls).toMatchObject([brokenOff]), patience);
  });

  test('sees the invocation end when it is cancelled', async () => {
    const server = await start();
    const invocations = '/agents/streaming-agent/endpoint/protocols/invocations';
    const answer = await fetch(urlOf(server, `${invocations}?api-version=v1`), { method: 'POST', body: 'hi' });
    const id = answer.headers.get('x-agent-invocation-id');
    const cancel = urlOf(server, `${invocations}/${id}/cancel?api-version=v1`);
    expect(await (await fetch(cancel, { method: 'POST' })).json()).toEqual({ invocation_id: id, status: 'cancelled' });
    expect(await answer.text()).toMatch(/^(data: \{"text":.*\n\n)+data: \{"status":"cancelled"\}\n\n$/);
    expect((await fetch(cancel, { method: 'POST' })).status).toBe(404);
  });

  test('cannot cancel an invocation that is not running', async () => {
    const server = await start();
    const path = '/agents/streaming-agent/endpoint/protocols/invocations/inv_1/cancel?api-version=v1';
    const answer = await fetch(urlOf(server, path), { method: 'POST' });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { message: 'Invocation "inv_1" is not running' } });
  });
});

describe('the sample agent service', () => {
  test('shows its agents as the agent check reads them', async () => {
    const server = await start();
    const list = await (await fetch(urlOf(server, '/agents?api-version=v1'))).json();
    const agent = await (await fetch(urlOf(server, '/agents/echo-agent?api-version=v1'))).json();
    expect(list).toMatchObject({ data: expect.arrayContaining([agent]), has_more: false, last_id: 'garbled-agent' });
    expect(agent).toMatchObject({
      name: 'echo-agent',
      versions: { latest: { definition: { kind: 'hosted' } } },
      instance_identity: { principal_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) },
      agent_endpoint: { protocols: ['responses', 'invocations'] },
    });
  });

  test('has no agent that the documentation does not name', async () => {
    const server = await start();
    const page = readFileSync(new URL('../../docs/agents.md', import.meta.url), 'utf8');
    const list: { readonly data: readonly AgentView[] } = JSON.parse(
      await (await fetch(urlOf(server, '/agents?api-version=v1'))).text(),
    );
    const rows = list.data.map(({ name, versions }) => `| \`${name}\` | ${versions.latest.description} |`);
    for (const row of rows) expect(page).toContain(row);
  });

  test.each([
    ['an unknown path', 'GET', '/nothing', undefined, 404, 'not_found'],
    ['an unknown agent', 'GET', '/agents/nobody?api-version=v1', undefined, 404, 'not_found'],
    ['a name that is not encoded well', 'GET', '/agents/%ff?api-version=v1', undefined, 400, 'invalid_request'],
    ['a missing api-version', 'GET', '/agents', undefined, 400, 'unsupported_api_version'],
    ['another method', 'POST', '/agents?api-version=v1', '{}', 405, 'method_not_allowed'],
    ['a body that is no JSON', 'POST', '/openai/v1/responses', '{', 400, 'invalid_request'],
    ['a body that is no object', 'POST', '/openai/v1/responses', '[]', 400, 'invalid_request'],
    ['a body without an agent', 'POST', '/openai/v1/responses', '{}', 400, 'invalid_request'],
    ['a body that is too long', 'POST', '/openai/v1/responses', 'x'.repeat(1_100_000), 413, 'payload_too_large'],
  ])('answers %s with an error body', async (_what, method, path, body, status, code) => {
    const server = await start();
    const answer = await fetch(urlOf(server, path), { method, body });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { code, message: expect.stringMatching(/\w/) } });
  });

  test('remembers the calls it has seen, without their credentials', async () => {
    const server = await start();
    await callAgent(server.url, responses());
    const url = urlOf(server, '/agents/echo-agent/endpoint/protocols/invocations?api-version=v1');
    await fetch(url, { method: 'POST', body: 'hi', headers: { authorization: 'Bearer secret' } });
    expect(server.calls).toMatchObject([
      { path: expect.stringContaining('/openai/responses'), headers: { 'idempotency-key': runId }, status: 200 },
      { path: expect.stringContaining('/projects/beta/'), body: 'hi', status: 200 },
    ]);
    expect(server.calls[1]?.headers).not.toHaveProperty('authorization');
    expect(await (await fetch(`${server.origin}/calls`)).json()).toEqual({ data: server.calls });
  });

  test('forgets the oldest call after a thousand', async () => {
    const server = await start();
    const url = urlOf(server, '/agents/echo-agent/endpoint/protocols/invocations?api-version=v1');
    for (let n = 0; n < 1001; n += 1) await fetch(url, { method: 'POST', body: String(n) });
    expect(server.calls).toHaveLength(1000);
    expect(server.calls[0]?.body).toBe('1');
  });

  test('does not start on a port that is taken', async () => {
    const { origin } = await start();
    const port = Number(new URL(origin).port);
    await expect(startSampleAgent({ host: '127.0.0.1', port, log: silentLog })).rejects.toThrow('EADDRINUSE');
  });
});
