import { describe, expect, test } from 'vitest';
import { callAgent, invocations, responses, sendJson, serveAgent } from './http-agent.ts';

const endpoint = 'https://agents.example/api/projects/{project}';
const page = '<!DOCTYPE html><html><head><title>Sign in to your account</title></head><body></body></html>';

const answered = async (status: number, headers: Record<string, string>, body: string) => {
  const agent = await serveAgent((outgoing) => outgoing.writeHead(status, headers).end(body));
  return callAgent(agent.endpoint, invocations());
};

describe('the error of an answer that is no success', () => {
  test.each<[string, number, Record<string, string>, string, string]>([
    [
      'a page',
      502,
      { 'content-type': 'text/html' },
      page,
      'The agent answered 502 Bad Gateway: Sign in to your account',
    ],
    [
      'a piece of a page',
      502,
      { 'content-type': 'text/html' },
      '<h1>Oops</h1>',
      'The agent answered 502 Bad Gateway: Oops',
    ],
    [
      'a page that its sender calls text',
      403,
      { 'content-type': 'text/plain' },
      page,
      'The agent answered 403 Forbidden: Sign in to your account',
    ],
    ['text that its sender calls a page', 400, { 'content-type': 'text/html' }, 'No tool', 'No tool'],
    [
      'JSON of no form that is known',
      400,
      {},
      '{"wrong": [1,\n 2]}',
      'The agent answered 400 Bad Request: {"wrong": [1, 2]}',
    ],
    ['nothing but a code', 400, {}, '{"error":{"code":"tool_failed"}}', 'The agent answered 400 Bad Request'],
    ['an empty object', 400, {}, '{}', 'The agent answered 400 Bad Request'],
    [
      'a challenge',
      401,
      { 'www-authenticate': 'Bearer error="invalid_token", error_description="It has expired"' },
      '',
      'The agent answered 401 Unauthorized: It has expired',
    ],
    [
      'a source',
      500,
      { 'x-platform-error-source': 'upstream' },
      '{"error":"It broke"}',
      'It broke (error source: upstream)',
    ],
    [
      'nothing but a source',
      500,
      { 'x-platform-error-source': 'user' },
      '',
      'The agent answered 500 Internal Server Error (error source: user)',
    ],
  ])('says of %s', async (_what, status, headers, body, message) => {
    expect(await answered(status, headers, body)).toMatchObject({ error: { statusCode: status, message } });
  });

  test('keeps its source when its message is long', async () => {
    const outcome = await answered(500, { 'x-platform-error-source': 'platform' }, 'word '.repeat(1000));
    expect(outcome).toHaveProperty('error.message', expect.stringMatching(/word … \(error source: platform\)$/));
  });
});

describe('a token that an agent writes otherwise', () => {
  const token = 'ab/cd+ef==.gh~';
  const calling = async (body: string, type: string) => {
    const agent = await serveAgent((outgoing) => outgoing.writeHead(400, { 'content-type': type }).end(body));
    const { origin } = new URL(agent.endpoint);
    const source = { get: async () => ({ kind: 'token', token }) as const, drop: () => {} };
    const reach: typeof fetch = (url, init) => fetch(String(url).replace('https://agents.example', origin), init);
    return callAgent(endpoint, responses(), { token: source, fetch: reach });
  };
  test.each([
    ['as it is', `{"error":"got ${token}"}`, 'application/json'],
    ['with escaped slashes', `{"error":"got ${token.replaceAll('/', '\\/')}"}`, 'application/json'],
    ['in code units', '{"error":"got ab\\u002Fcd\\u002Bef\\u003D\\u003d.gh~"}', 'application/json'],
    [
      'in JSON within JSON',
      `{"error":"{\\"message\\":\\"got ${token.replaceAll('/', '\\\\/')}\\"}"}`,
      'application/json',
    ],
    ['in entities', '<html><title>got ab&#x2F;cd&#43;ef&#x3D;&#61;.gh&#126;</title>', 'text/html'],
  ])('is hidden %s', async (_what, body, type) => {
    const outcome = await calling(body, type);
    expect(outcome).toHaveProperty('error.message', expect.stringMatching(/got \[token\]$/));
  });
});

test('a body of 8 MiB that refuses costs no more than its reading', async () => {
  const agent = await serveAgent((outgoing) =>
    sendJson(outgoing, { error: { message: 'x'.repeat(8_000_000) } }, { status: 400 }),
  );
  const outcome = await callAgent(agent.endpoint, responses());
  expect(outcome).toHaveProperty(
    'error.message',
    expect.stringMatching(/^The agent answered 400 Bad Request: \{"error"/),
  );
});
