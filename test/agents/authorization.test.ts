import { describe, expect, test } from 'vitest';
import { isLoopback } from '../../shared/agents/endpoint.ts';
import type { TokenResult } from '../../shared/agents/token-source.ts';
import { callAgent, responses, sendJson, serveAgent } from './http-agent.ts';

const endpoint = 'https://agents.example/api/projects/{project}';

/** A fetch for which the public agent is the given one on this machine. */
const reaching = (local: string): typeof fetch => {
  const { origin } = new URL(local);
  return (url, init) => fetch(String(url).replace('https://agents.example', origin), init);
};

const giving = (result: TokenResult) => ({ get: async () => result });

describe('an agent elsewhere', () => {
  test('is called with a bearer token', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { id: 'resp_1' }));
    const token = giving({ kind: 'token', token: 'secret' });
    const outcome = await callAgent(endpoint, responses(), { token, fetch: reaching(agent.endpoint) });
    expect(outcome).toMatchObject({ kind: 'completed' });
    expect(agent.seen[0]?.headers.authorization).toBe('Bearer secret');
  });

  test('is not called over plain http, which would show the token to everybody', async () => {
    const token = { get: () => Promise.reject(new Error('no token is wanted here')) };
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
    const token = { get: () => new Promise<TokenResult>(() => {}) };
    const outcome = await callAgent(endpoint, responses(), { token, call: { timeoutSeconds: 0.1 } });
    expect(outcome).toMatchObject({ kind: 'retryable', error: { type: 'identity_error' } });
  });
});

test.each(['http://localhost:1', 'http://127.0.0.1', 'https://127.9.9.9:8443/x', 'http://127.1', 'http://[::1]:7072'])(
  '%s is on this machine',
  (url) => expect(isLoopback(url)).toBe(true),
);

test.each(['https://127.0.0.1.example', 'https://localhost.example', 'https://10.0.0.1', 'https://[::2]'])(
  '%s is elsewhere',
  (url) => expect(isLoopback(url)).toBe(false),
);
