import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Log } from '../../shared/app/ports/log.ts';
import { callAgent, responses, sendJson, serveAgent } from './http-agent.ts';

describe('an answer that is no success', () => {
  test.each([408, 429, 500, 503])('%i may be retried', async (status) => {
    const error = { code: 'too_busy', message: 'Come back' };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { error }, { status }));
    expect(await callAgent(agent.endpoint, responses())).toEqual({
      kind: 'retryable',
      error: { statusCode: status, type: 'too_busy', message: 'Come back' },
    });
  });

  test.each([400, 401, 404, 422])('%i is final', async (status) => {
    const agent = await serveAgent((outgoing) => outgoing.writeHead(status).end('That will not do'));
    expect(await callAgent(agent.endpoint, responses())).toEqual({
      kind: 'terminal',
      error: { statusCode: status, type: 'http_error', message: 'That will not do' },
    });
  });

  test('tells in seconds how long the agent wants to be left alone', async () => {
    const options = { status: 429, headers: { 'retry-after': '7' } };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, {}, options));
    expect(await callAgent(agent.endpoint, responses())).toMatchObject({ kind: 'retryable', retryAfterSeconds: 7 });
  });

  test('reads a date as the time to wait from now', async () => {
    const options = { status: 503, headers: { 'retry-after': 'Tue, 02 Jun 2026 07:00:30 GMT' } };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, {}, options));
    const clock = { now: () => new Date('2026-06-02T07:00:10Z'), sleep: async () => {} };
    const outcome = await callAgent(agent.endpoint, responses(), { clock });
    expect(outcome).toMatchObject({ kind: 'retryable', retryAfterSeconds: 20 });
  });

  test("has the platform's own name of the failure as its type", async () => {
    const options = { status: 502, headers: { 'x-adc-response-details': 'ReadinessTimeout' } };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { error: { code: 'bad_gateway' } }, options));
    expect(await callAgent(agent.endpoint, responses())).toEqual({
      kind: 'retryable',
      error: { statusCode: 502, type: 'ReadinessTimeout', message: 'The agent answered 502 Bad Gateway' },
    });
  });

  test('is final and not followed when it is a redirect', async () => {
    const agent = await serveAgent((outgoing) => outgoing.writeHead(307, { location: '/elsewhere' }).end());
    const outcome = await callAgent(agent.endpoint, responses());
    expect(agent.seen).toHaveLength(1);
    expect(outcome).toEqual({
      kind: 'terminal',
      error: {
        statusCode: 307,
        type: 'http_error',
        message: 'The agent answered 307 Temporary Redirect, a redirect to /elsewhere, which is not followed',
      },
    });
  });

  test('keeps 1,024 characters of its message', async () => {
    const agent = await serveAgent((outgoing) => outgoing.writeHead(400).end('x'.repeat(2000)));
    const outcome = await callAgent(agent.endpoint, responses());
    expect(outcome).toHaveProperty('error.message', 'x'.repeat(1024));
  });
});

describe('no answer', () => {
  test('may be retried when nothing listens', async () => {
    const port = await freePort();
    const outcome = await callAgent(`http://127.0.0.1:${port}`, responses());
    expect(outcome).toMatchObject({ kind: 'retryable', error: { type: 'connection_error' } });
    expect(outcome).toHaveProperty('error.message', expect.stringContaining(`ECONNREFUSED 127.0.0.1:${port}`));
  });

  test('may be retried when the connection breaks within the body', async () => {
    const agent = await serveAgent((outgoing) => {
      outgoing.writeHead(200, { 'content-length': '100' }).write('{"id":', () => outgoing.destroy());
    });
    const outcome = await callAgent(agent.endpoint, responses());
    expect(outcome).toMatchObject({ kind: 'retryable', error: { type: 'connection_error' } });
  });

  test.each([
    ['headers', () => {}],
    ['the end of the body', (outgoing: { write: (text: string) => unknown }) => outgoing.write('{"id":')],
  ])('may be retried when %s do not come within the time of the attempt', async (_what, answer) => {
    const agent = await serveAgent(answer);
    expect(await callAgent(agent.endpoint, responses(), { call: { timeoutSeconds: 0.2 } })).toEqual({
      kind: 'retryable',
      error: { type: 'timeout', message: expect.stringMatching(/^The agent did not answer in full within 0.2 s; /) },
    });
  });
});

describe('a call that cannot be made', () => {
  test.each([
    ['is . or ..', { agentName: '..' }],
    ['is missing', { agentName: undefined }],
    ['is half a character', { agentName: '\ud83d' }],
  ])('is final when the name of the agent %s', async (_what, agent) => {
    const outcome = await callAgent('http://127.0.0.1:1', responses(agent));
    expect(outcome).toMatchObject({ kind: 'terminal', error: { type: 'agent_error' } });
  });

  test('is final and logged with its cause when this service is at fault', async () => {
    const errors: unknown[] = [];
    const log: Log = { info: () => {}, warn: () => {}, error: (_message, _facts, cause) => errors.push(cause) };
    const fault = new Error('no entropy');
    const randomness = {
      hex: () => {
        throw fault;
      },
      fraction: () => 0,
    };
    const outcome = await callAgent('http://127.0.0.1:1', responses(), { log, randomness });
    expect(outcome).toMatchObject({ kind: 'terminal', error: { type: 'internal_error' } });
    expect(errors).toEqual([fault]);
  });
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
