import { describe, expect, it } from 'vitest';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import { fallback } from '../../shared/http/fallback.ts';
import { healthEndpoint } from '../../shared/http/health.ts';
import { call, callHandler } from './call.ts';
import { aFake, requestId } from './fake-services.ts';

const page = 'https://app.example.com';
const http = { corsOrigins: [page] };

const visit = (method: string, path: string, headers: Record<string, string> = {}) =>
  callHandler(fallback(aFake({ http }).services), { method, path, params: { path }, headers }, 'zz-fallback');

describe('a path that no function takes', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])('is 404 for %s', async (method) => {
    const answer = await visit(method, 'projects/demo/nonsense');
    expect(answer).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found', message: expect.stringContaining('"projects/demo/nonsense"') } },
    });
    expect(answer.headers.get('x-request-id')).toBe(requestId);
  });
});

describe('a method that a path does not know', () => {
  it.each([
    ['POST', 'projects/demo/routines', 'GET'],
    ['PATCH', 'projects/demo/routines/daily', 'DELETE, GET, PUT'],
    ['HEAD', 'projects/demo/routines/daily', 'DELETE, GET, PUT'],
    ['DELETE', 'projects/demo/routines/daily/runs', 'GET'],
    ['PATCH', 'projects/demo/routines/daily:enable', 'POST'],
    ['POST', 'health', 'GET'],
  ])('%s %s is 405 and told what is allowed', async (method, path, allow) => {
    const answer = await visit(method, path);
    expect(answer).toMatchObject({ status: 405, body: { error: { code: 'method_not_allowed' } } });
    expect(answer.headers.get('allow')).toBe(allow);
  });
});

describe('a page of another origin', () => {
  it('that is listed learns from a preflight what it may send', async () => {
    const answer = await visit('OPTIONS', 'projects/demo/routines/daily', { origin: page });
    expect(answer).toMatchObject({ status: 204, body: undefined });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-allow-methods': 'DELETE, GET, PUT',
      'access-control-allow-headers': expect.stringContaining('foundry-features'),
      allow: 'DELETE, GET, PUT, OPTIONS',
      vary: 'User-Agent, x-ms-useragent, Origin',
    });
  });

  it.each(['https://evil.example', 'null', 'https://app.example.com.evil.example', 'http://app.example.com'])(
    'that is not listed (%s) learns nothing',
    async (origin) => {
      const answer = await visit('OPTIONS', 'projects/demo/routines', { origin });
      expect(answer.headers.has('access-control-allow-origin')).toBe(false);
    },
  );

  it('that is listed may read answers, refusals too', async () => {
    const { services } = aFake({ http, auth: { mode: 'none', loopbackOnly: false } });
    for (const name of ['daily', 'no such']) {
      const answer = await call('routine-get', services, {
        params: { project: 'demo', name },
        headers: { origin: page },
      });
      expect(answer.headers.get('access-control-allow-origin')).toBe(page);
      expect(answer.headers.get('access-control-expose-headers')).toContain('x-request-id');
    }
  });
});

describe('health', () => {
  it.each([
    ['ok', 200],
    ['degraded', 503],
  ] as const)('is %s with %i, to anybody, without details', async (status, expected) => {
    const { services } = aFake({ auth: { mode: 'key', apiKeys: [] } });
    const endpoint = healthEndpoint({ ...services, service: { readHealth: async () => status } });
    expect(await callHandler(endpoint, { path: 'health' }, 'health')).toMatchObject({
      status: expected,
      body: { status },
    });
  });

  it('is degraded with 503 when it cannot be read, and the log says why', async () => {
    const outage = new StorageUnavailableError('Read schedule: no answer');
    const { services, errors } = aFake();
    const endpoint = healthEndpoint({ ...services, service: { readHealth: () => Promise.reject(outage) } });
    expect(await callHandler(endpoint, { path: 'health' }, 'health')).toMatchObject({
      status: 503,
      body: { status: 'degraded' },
    });
    expect(errors).toMatchObject([{ cause: outage }]);
  });
});
