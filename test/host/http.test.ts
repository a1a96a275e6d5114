import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { type HostProcess, launch, launchForTest } from './host-process.ts';

let host: HostProcess;

beforeAll(async () => {
  host = await launch({ AzureWebJobsStorage: inject('azurite'), FIXTURE_QUEUE: 'host-http' });
  expect(host.url, host.log()).not.toBe('');
});

afterAll(async () => void (await host.end('SIGTERM')));

const call = (path: string, init?: RequestInit): Promise<Response> => fetch(`${host.url}${path}`, init);

/** All that a host of its own logs of one call. */
const logOf = async (path: string): Promise<string> => {
  const own = await launchForTest({ AzureWebJobsStorage: inject('azurite'), FIXTURE_QUEUE: 'host-http' });
  await fetch(`${own.url}${path}`);
  await own.end('SIGTERM');
  return own.log();
};

/** What the function `echo` saw of a request. */
const echo = async (path: string, init?: RequestInit): Promise<Echoed> =>
  echoSchema.parse(await (await call(path, init)).json());

const echoSchema = z.object({
  method: z.string(),
  url: z.string(),
  params: z.record(z.string(), z.string()),
  query: z.array(z.array(z.string())),
  headers: z.record(z.string(), z.string()),
  hasBody: z.boolean(),
  body: z.string(),
});
type Echoed = z.infer<typeof echoSchema>;

/** Sends exactly these bytes and returns all that comes back until the server ends the connection. */
const sendRaw = async (text: string): Promise<string> => {
  const { hostname, port } = new URL(host.url);
  const socket = connect(Number(port), hostname);
  socket.write(text);
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk));
  // A server that gives up on a request resets the connection after its answer.
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.on('close', resolve));
  return answer;
};

const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: example.test\r\nConnection: close\r\n\r\n`;

describe('routing', () => {
  it('serves routes under the prefix and a function without a route by its name', async () => {
    expect(await (await call('/api/unrouted')).text()).toBe('by name');
    expect((await call('/unrouted')).status).toBe(404);
  });

  it.each([
    ['GET', '/api/missing'],
    ['DELETE', '/api/echo/1'],
    ['HEAD', '/api/unrouted'],
    ['GET', '/api/echo/1/2'],
    ['GET', '/api//echo'],
  ])('answers %s %s, which no function takes, with 404 and no body', async (method, path) => {
    const response = await call(path, { method });
    expect([response.status, await response.text()]).toEqual([404, '']);
  });

  it('gives a path that two functions take to the first by name, in any case', async () => {
    expect(await (await call('/api/order/1')).text()).toBe('order-a');
  });

  it('matches literals in any case and text beside a parameter', async () => {
    const response = await call('/API/items/a:b:enable', { method: 'POST' });
    expect(await response.json()).toEqual({ name: 'a:b' });
    expect((await call('/api/items/a:disable', { method: 'POST' })).status).toBe(404);
  });

  it('takes the rest of the path, or nothing, for a catch-all', async () => {
    expect(await (await call('/api/files/a/b%20c/d.txt')).json()).toEqual({ path: 'a/b c/d.txt' });
    expect(await (await call('/api/files')).json()).toEqual({});
  });

  it('decodes a parameter except for an encoded slash', async () => {
    const { params, url } = await echo('/api/echo/a%2Fb%20%C3%BC%3A');
    expect(params).toEqual({ id: 'a%2Fb ü:' });
    expect(url).toBe(`${host.url}/api/echo/a%2Fb%20%C3%BC:`);
  });
});

describe('requests', () => {
  it('passes query values, joined when a name repeats', async () => {
    const { query } = await echo('/api/echo?a=1&b=&A=2&c=x+y%26');
    expect(query).toEqual([
      ['a', '1,2'],
      ['b', ''],
      ['c', 'x y&'],
    ]);
  });

  it('passes headers in lower case, also empty ones', async () => {
    const { headers } = await echo('/api/echo', { headers: { 'X-Some': 'value', 'x-empty': '' } });
    expect(headers).toMatchObject({ 'x-some': 'value', 'x-empty': '' });
  });

  it('passes a body with a length', async () => {
    expect(await echo('/api/echo', { method: 'POST', body: 'hällo' })).toMatchObject({
      method: 'POST',
      hasBody: true,
      body: 'hällo',
    });
  });

  it('passes no body when it comes in chunks', async () => {
    const body = ReadableStream.from([Buffer.from('lost')]);
    const init: RequestInit = { method: 'POST', body, duplex: 'half' };
    expect(await echo('/api/echo', init)).toMatchObject({ hasBody: false, body: '' });
  });

  it('refuses a body of more than 100 MB before it is sent', async () => {
    const status = await new Promise((resolve, reject) => {
      const upload = request(`${host.url}/api/size`, {
        method: 'POST',
        headers: { 'Content-Length': 100 * 1024 * 1024 + 1 },
      });
      upload.on('response', (response) => resolve(response.resume().statusCode));
      upload.on('error', reject);
      upload.flushHeaders();
    });
    expect(status).toBe(413);
  });

  it('answers HEAD where a function takes it, with the length and no body', async () => {
    const response = await call('/api/echo/1', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0);
    expect(await response.text()).toBe('');
  });

  it.each([
    ['an encoded NUL', get('/api/echo/a%00b'), 400],
    ['characters outside ASCII', get('/api/echo/ü'), 400],
    ['a host with a user', 'GET /api/echo HTTP/1.1\r\nHost: 127.0.0.1@evil\r\nConnection: close\r\n\r\n', 400],
    ['a host that is none', 'GET /api/echo HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 400],
    ['a request line that is none', 'NONSENSE\r\n\r\n', 400],
    ['a request line of 100 KB', get(`/api/echo/${'a'.repeat(100_000)}`), 431],
    ['a broken escape, which is text', get('/api/echo/%zz%C3'), 200],
    ['an absolute address', get('http://example.test/api/echo?x=1'), 200],
    ['dot segments', get('/api/x/../echo/./1'), 200],
  ])('survives %s', async (_what, text, status) => {
    expect(await sendRaw(text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect((await call('/api/unrouted')).status).toBe(200);
  });

  it('survives a client that leaves in the middle of its body', async () => {
    const { hostname, port } = new URL(host.url);
    const socket = connect(Number(port), hostname);
    socket.write('POST /api/size HTTP/1.1\r\nHost: example.test\r\nContent-Length: 10\r\n\r\nabc');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.destroy();
    expect((await call('/api/unrouted')).status).toBe(200);
  });
});

describe('responses', () => {
  it('answers 200 without a body when the function returns nothing', async () => {
    const response = await call('/api/nothing');
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it.each(['throws', 'throws-null', 'not-an-object', 'broken-stream'])(
    'answers 500 without a body when the function is "%s"',
    async (name) => {
      const response = await call(`/api/${name}`);
      expect([response.status, await response.text()]).toEqual([500, '']);
    },
  );

  it('logs a failed invocation once, with its id, duration and stack', async () => {
    const log = await logOf('/api/throws');
    expect(log).toMatch(
      /error Function\.throws: Executed 'Functions\.throws' \(Failed, Id=[0-9a-f-]{36}, Duration=\d+ms\): Error: fixture trouble\n +at .*responses\.mjs/,
    );
    expect(log.match(/Executed/g)).toHaveLength(1);
  });

  it('does not log a successful invocation by default, but what it logs itself', async () => {
    expect(await logOf('/api/logs')).toMatch(/^\S+ warning Function\.logs\.User: a word from the fixture\n$/);
  });

  it('carries status, headers and text', async () => {
    const response = await call('/api/created', { redirect: 'manual' });
    expect([response.status, await response.text()]).toEqual([201, 'made']);
    expect(Object.fromEntries(response.headers)).toMatchObject({ 'x-one': '1', location: '/elsewhere' });
  });

  it('carries bytes, streams and no content', async () => {
    expect([...new Uint8Array(await (await call('/api/binary')).arrayBuffer())]).toEqual([0, 255, 128, 10]);
    expect(await (await call('/api/stream')).text()).toBe('one two');
    expect((await call('/api/no-content')).status).toBe(204);
  });

  it('carries cookies the way ASP.NET Core writes them', async () => {
    expect((await call('/api/cookies')).headers.getSetCookie()).toEqual([
      'a=x%20y; max-age=60; path=/; secure; samesite=lax; httponly',
      'b=2; domain=example.test; path=/api; samesite=none',
    ]);
  });

  it('runs the hooks around an invocation', async () => {
    expect(await (await call('/api/hooked')).text()).toBe('handled before');
    expect(await (await call('/api/seen')).json()).toContainEqual(expect.objectContaining({ hook: 'appStart' }));
  });
});
