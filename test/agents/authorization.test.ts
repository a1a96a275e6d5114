import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isLoopback } from '../../shared/agents/agent-url.ts';
import type { TokenResult } from '../../shared/agents/token-source.ts';
import type { Log } from '../../shared/app/ports/log.ts';
import { callAgent, invocations, responses, sendJson, serveAgent } from './http-agent.ts';

const endpoint = 'https://agents.example/api/projects/{project}';

/** A fetch for which the public agent is the given one on this machine. */
const reaching = (local: string): typeof fetch => {
  const { origin } = new URL(local);
  return (url, init) => fetch(String(url).replace('https://agents.example', origin), init);
};

const giving = (result: TokenResult) => {
  const dropped: string[] = [];
  return { dropped, get: async () => result, drop: (token: string) => void dropped.push(token) };
};

describe('an agent elsewhere', () => {
  test('is called with a bearer token', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { id: 'resp_1' }));
    const token = giving({ kind: 'token', token: 'secret' });
    const outcome = await callAgent(endpoint, responses(), { token, fetch: reaching(agent.endpoint) });
    expect(outcome).toMatchObject({ kind: 'completed' });
    expect(agent.seen[0]?.headers.authorization).toBe('Bearer secret');
  });

  test('is not called over plain http, which would show the token to everybody', async () => {
    const token = { get: () => Promise.reject(new Error('no token is wanted here')), drop: () => {} };
    expect(await callAgent('http://agents.example', responses(), { token })).toEqual({
      kind: 'terminal',
      error: { type: 'identity_error', message: 'http://agents.example: a token is sent over https only' },
    });
  });

  test('may be called again when the token service is unreachable', async () => {
    const token = giving({ kind: 'unreachable', message: 'no route' });
    expect(await callAgent(endpoint, responses(), { token })).toEqual({
      kind: 'retryable',
      error: { type: 'identity_error', message: 'no route' },
    });
  });

  test('is given up when the token is refused', async () => {
    const token = giving({ kind: 'refused', message: 'invalid_client' });
    expect(await callAgent(endpoint, responses(), { token })).toEqual({
      kind: 'terminal',
      error: { type: 'identity_error', message: 'invalid_client' },
    });
  });

  test('may be called again when no token came within the time of the attempt', async () => {
    const token = { get: () => new Promise<TokenResult>(() => {}), drop: () => {} };
    const outcome = await callAgent(endpoint, responses(), { token, call: { timeoutSeconds: 0.1 } });
    expect(outcome).toMatchObject({ kind: 'retryable', error: { type: 'identity_error' } });
  });
});

describe('a token that the agent answers', () => {
  const token = 'canary-token';

  test.each([
    [401, [token]],
    [403, []],
    [200, []],
    [503, []],
  ])('with %i is dropped only when it was refused', async (status, dropped) => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, {}, { status }));
    const source = giving({ kind: 'token', token });
    await callAgent(endpoint, responses(), { token: source, fetch: reaching(agent.endpoint) });
    expect(source.dropped).toEqual(dropped);
  });

  test.each<[string, string, string]>([
    ['Token expired', 'identity_error', 'Token expired'],
    ['{"error":{"code":"TokenExpired","message":"It is too old"}}', 'TokenExpired', 'It is too old'],
  ])('with 401 %s ends the run at its first attempt', async (body, type, message) => {
    const agent = await serveAgent((outgoing) => outgoing.writeHead(401).end(body));
    const source = giving({ kind: 'token', token });
    expect(await callAgent(endpoint, responses(), { token: source, fetch: reaching(agent.endpoint) })).toEqual({
      kind: 'terminal',
      error: { statusCode: 401, type, message },
    });
    expect(agent.seen).toHaveLength(1);
  });

  const echoes: readonly [string, (outgoing: ServerResponse, bearer: string) => void][] = [
    ['a success', (outgoing, bearer) => sendJson(outgoing, anAnswer(`You sent ${bearer}`))],
    [
      'an error',
      (outgoing, bearer) => sendJson(outgoing, { error: { code: bearer, message: bearer } }, { status: 400 }),
    ],
    ['a bare refusal', (outgoing, bearer) => outgoing.writeHead(401, `No ${bearer}`).end()],
    ['a redirect', (outgoing, bearer) => outgoing.writeHead(302, { location: `/login?token=${bearer}` }).end()],
    ['an id', (outgoing, bearer) => sendJson(outgoing, anAnswer('hi'), { headers: { 'x-agent-session-id': bearer } })],
    [
      "the platform's name of a failure",
      (outgoing, bearer) => sendJson(outgoing, {}, { status: 500, headers: { 'x-adc-response-details': bearer } }),
    ],
    ['text', (outgoing, bearer) => outgoing.writeHead(200, { 'content-type': 'text/plain' }).end(bearer)],
    [
      'a stream, in two pieces',
      (outgoing, bearer) => {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
        const delta = (text: string) => `data: ${JSON.stringify({ delta: text })}\n\n`;
        outgoing.end(delta(bearer.slice(0, 12)) + delta(bearer.slice(12)));
      },
    ],
    [
      'the error of a stream',
      (outgoing, bearer) => {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
        outgoing.end(`event: error\ndata: ${JSON.stringify({ code: bearer, message: bearer })}\n\n`);
      },
    ],
    [
      'the error of a stream, so long that the message ends within it',
      (outgoing, bearer) => {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
        outgoing.end(`event: error\ndata: ${'x'.repeat(1024 - bearer.length + 1)}${bearer}\n\n`);
      },
    ],
    [
      'every field that a stream of a response may have',
      (outgoing, bearer) => {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
        const error = { code: bearer, message: bearer, additionalInfo: { bearer }, details: [{ message: bearer }] };
        const response = { id: bearer, status: bearer, error, incomplete_details: { reason: bearer } };
        outgoing.end(`data: ${JSON.stringify({ type: 'response.failed', response })}\n\n`);
      },
    ],
    [
      'the status of a stream',
      (outgoing, bearer) => {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
        outgoing.end(`data: ${JSON.stringify({ type: 'response.completed', response: { status: bearer } })}\n\n`);
      },
    ],
    [
      'what a stream waits for',
      (outgoing, bearer) => {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
        const item = { type: 'function_call', call_id: 'c', name: bearer, server_label: bearer };
        outgoing.end(`data: ${JSON.stringify({ type: 'response.output_item.done', item })}\n\ndata: [DONE]\n\n`);
      },
    ],
    ['an unknown status', (outgoing, bearer) => sendJson(outgoing, { status: `${bearer} ${bearer}`, output: [] })],
    [
      'a page',
      (outgoing, bearer) => {
        outgoing.writeHead(200, { 'content-type': 'text/html' }).end(`<html><title>Sign in ${bearer}</title>`);
      },
    ],
    [
      'the source of an error',
      (outgoing, bearer) => sendJson(outgoing, {}, { status: 409, headers: { 'x-platform-error-source': bearer } }),
    ],
    ['half an answer', (outgoing, bearer) => outgoing.writeHead(200).write(bearer, () => outgoing.destroy())],
  ];

  // The second is so long that names and statuses are cut within it.
  const tokens = [token, `eyJ0eXAiOiJKV1QiLCJub25jZSI6.${'canary-'.repeat(60)}.end`];
  const cases = echoes.flatMap(([what, answer]) => tokens.map((sent) => ({ what, answer, sent })));
  test.each(cases)('within $what reaches neither run nor log: $sent', async ({ answer, sent }) => {
    const lines: unknown[] = [];
    const remember = (...line: unknown[]) => void lines.push(...line.map((part) => inspect(part, { depth: 9 })));
    const log: Log = { info: remember, warn: remember, error: remember };
    const bearers: (string | undefined)[] = [];
    const agent = await serveAgent((outgoing, { headers }) => {
      bearers.push(headers.authorization);
      answer(outgoing, headers.authorization ?? '');
    });
    const options = { token: giving({ kind: 'token', token: sent }), fetch: reaching(agent.endpoint), log };
    const outcomes = [
      await callAgent(endpoint, responses(), options),
      await callAgent(endpoint, invocations(), options),
    ];
    expect(bearers).toEqual([`Bearer ${sent}`, `Bearer ${sent}`]);
    expect(inspect([outcomes, lines], { depth: 9, maxStringLength: null })).not.toContain(sent.slice(0, 20));
  });
});

const anAnswer = (text: string) => ({
  ...{ id: 'resp_1', object: 'response', status: 'completed' },
  output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }],
});

test.each(['http://localhost:1', 'http://127.0.0.1', 'https://127.9.9.9:8443/x', 'http://127.1', 'http://[::1]:7072'])(
  '%s is on this machine',
  (url) => expect(isLoopback(url)).toBe(true),
);

test.each(['https://127.0.0.1.example', 'https://localhost.example', 'https://10.0.0.1', 'https://[::2]'])(
  '%s is elsewhere',
  (url) => expect(isLoopback(url)).toBe(false),
);
