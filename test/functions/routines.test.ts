import { describe, expect, it } from 'vitest';
import { parseRunFilter } from '../../shared/domain/run-filter/run-filter-parser.ts';
import { toPageToken } from '../../shared/http/page-token.ts';
import { aRoutine, aRun, at } from '../builders.ts';
import { call } from './call.ts';
import { aFake, requestId } from './fake-services.ts';
import type { RequestInput } from './requests.ts';

const params = { project: 'demo', name: 'daily' };
const v1 = (path: string, more: RequestInput = {}): RequestInput => ({
  path: `projects/demo/${path}${path.includes('?') ? '&' : '?'}api-version=v1`,
  params,
  ...more,
});
const body = {
  triggers: { main: { type: 'schedule', cron: '*/5 * * * *' } },
  action: { type: 'invoke_agent_responses_api', agent_id: 'echo-agent' },
};
const action = (name: string, more: RequestInput = {}): RequestInput => ({
  method: 'POST',
  path: `projects/demo/routines/daily:${name}`,
  params: { project: 'demo', nameAndAction: `daily:${name}` },
  ...more,
});

describe('PUT of a routine', () => {
  it('saves the draft and answers 200 with the routine, also on create', async () => {
    const { services, calls } = aFake();
    const answer = await call('routine-put', services, v1('routines/daily', { method: 'PUT', body }));
    expect(answer).toMatchObject({ status: 200, body: { name: 'daily', created_at: 1767225600 } });
    expect(calls).toMatchObject([
      ['putRoutine', 'demo', 'daily', { enabled: true, action: { agentName: 'echo-agent' } }],
    ]);
  });

  it.each(['a:b', 'a b', '-a', 'x'.repeat(129)])('is refused for the name %s', async (name) => {
    const { services, calls } = aFake();
    const request = { method: 'PUT', path: 'projects/demo/routines/x', params: { project: 'demo', name }, body };
    expect(await call('routine-put', services, request)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', param: 'name', message: expect.stringContaining(`"${name}"`) } },
    });
    expect(calls).toEqual([]);
  });
});

describe('GET of a routine', () => {
  it('answers with the dialect of its api-version', async () => {
    const { services, calls } = aFake();
    const request = { path: 'projects/demo/routines/daily', params };
    expect(await call('routine-get', services, v1('routines/daily'))).toMatchObject({
      status: 200,
      body: { created_at: 1767225600 },
    });
    expect(await call('routine-get', services, request)).toMatchObject({
      status: 200,
      body: { created_at: '2026-01-01T00:00:00Z' },
    });
    expect(calls).toEqual([
      ['getRoutine', 'demo', 'daily'],
      ['getRoutine', 'demo', 'daily'],
    ]);
  });

  it('answers 404 for a name that no routine can have', async () => {
    const { services, calls } = aFake();
    const request = { path: 'projects/demo/routines/x', params: { project: 'demo', name: 'no such' } };
    expect(await call('routine-get', services, request)).toMatchObject({
      status: 404,
      body: { error: { code: 'routine_not_found', message: 'Routine "no such" does not exist' } },
    });
    expect(calls).toEqual([]);
  });

  it('tells somebody who asks for an action how to ask', async () => {
    const request = { path: 'projects/demo/routines/x', params: { project: 'demo', name: 'daily:enable' } };
    const message = 'Routine "daily:enable" does not exist: a name holds no ":", and an action takes POST';
    expect(await call('routine-get', aFake().services, request)).toMatchObject({
      status: 404,
      body: { error: { message } },
    });
  });
});

describe('DELETE of a routine', () => {
  it.each([
    ['daily', [['deleteRoutine', 'demo', 'daily']]],
    ['no such', []],
  ])('answers %s with 204 and no body', async (name, expected) => {
    const { services, calls } = aFake();
    const request = { method: 'DELETE', path: 'projects/demo/routines/x', params: { project: 'demo', name } };
    expect(await call('routine-delete', services, request)).toMatchObject({ status: 204, body: undefined });
    expect(calls).toEqual(expected);
  });
});

describe('an action on a routine', () => {
  it.each([
    ['enable', true],
    ['disable', false],
  ])(':%s answers 200 with the routine, whatever body comes along', async (name, enabled) => {
    const { services, calls } = aFake();
    const chunked = { headers: { 'transfer-encoding': 'chunked', 'content-type': 'text/plain' } };
    expect(await call('routine-action', services, action(name, chunked))).toMatchObject({
      status: 200,
      body: { name: 'daily' },
    });
    expect(calls).toEqual([['setRoutineEnabled', 'demo', 'daily', enabled]]);
  });

  it(':archive answers 200 with the routine and the instant in the form of the dialect', async () => {
    const archiveRoutine = async () => aRoutine({ archivedAt: at('2026-01-02T03:04:05Z') });
    const { services } = aFake({ service: { archiveRoutine } });
    const path = 'projects/demo/routines/daily:archive';
    expect(await call('routine-action', services, action('archive'))).toMatchObject({
      status: 200,
      body: { name: 'daily', archived_at: '2026-01-02T03:04:05Z' },
    });
    const answer = await call('routine-action', services, action('archive', { path: `${path}?api-version=v1` }));
    expect(answer.body).toMatchObject({ archived_at: 1767323045 });
  });

  it(':dispatch_async without a body uses the action as it is', async () => {
    const { services, calls } = aFake();
    const answer = await call('routine-action', services, action('dispatch_async'));
    expect(answer).toMatchObject({
      status: 200,
      body: {
        dispatch_id: expect.stringMatching(/^dispatch_[0-9a-f]{32}$/),
        routine_run_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        task_id: expect.stringMatching(/^routine_dispatch_[0-9a-f]{32}_delivery$/),
      },
    });
    expect(calls).toEqual([['dispatchRoutine', { project: 'demo', routine: 'daily' }]]);
  });

  it(':dispatch_async hands on the payload and what makes it idempotent', async () => {
    const { services, calls } = aFake();
    const payload = { type: 'invoke_agent_responses_api', input: { a: [1] } };
    const headers = { 'idempotency-key': 'k1', 'x-ms-client-request-id': 'r1' };
    await call('routine-action', services, action('dispatch_async', { body: { payload }, headers }));
    expect(calls).toEqual([
      ['dispatchRoutine', { project: 'demo', routine: 'daily', payload, idempotency: { kind: 'key', value: 'k1' } }],
    ]);
  });

  it.each(['dispatch', 'unarchive', 'Enable', '', 'constructor'])(':%s is unknown', async (name) => {
    const { services, calls } = aFake();
    expect(await call('routine-action', services, action(name))).toMatchObject({
      status: 404,
      body: {
        error: { code: 'not_found', message: expect.stringContaining('enable, disable, dispatch_async, archive') },
      },
    });
    expect(calls).toEqual([]);
  });

  it('without a colon is the wrong method for a routine', async () => {
    const request = { method: 'POST', params: { project: 'demo', nameAndAction: 'daily' } };
    const answer = await call('routine-action', aFake().services, request);
    expect(answer).toMatchObject({ status: 405, body: { error: { code: 'method_not_allowed' } } });
    expect(answer.headers.get('allow')).toBe('DELETE, GET, PUT');
  });
});

describe('a list', () => {
  it('of routines answers a page in the envelope of the dialect', async () => {
    const page = { items: [aRoutine()], next: 'p1' };
    const { services } = aFake({ service: { listRoutines: async () => page } });
    const token = toPageToken('routines', 'desc', 'p1');
    expect(await call('routines-list', services, v1('routines?limit=1'))).toMatchObject({
      status: 200,
      body: {
        data: [{ name: 'daily' }],
        has_more: true,
        last_id: token,
        next_link: `http://127.0.0.1:7071/api/projects/demo/routines?limit=1&api-version=v1&after=${token}`,
      },
    });
    expect((await call('routines-list', services, { path: 'projects/demo/routines', params })).body).toMatchObject({
      value: [{ name: 'daily', created_at: '2026-01-01T00:00:00Z' }],
      nextLink: expect.stringMatching(/^http:.*after=/),
    });
  });

  it('of runs hands on filter, order, limit and position', async () => {
    const { services, calls } = aFake();
    const filter = "status eq 'completed'";
    const after = toPageToken('runs', 'asc', 'p7');
    const query = new URLSearchParams({ filter, order: 'asc', limit: '7', after });
    const answer = await call('runs-list', services, v1(`routines/daily/runs?${query}`));
    expect(answer).toMatchObject({ status: 200, body: { data: [{ id: aRun().id }], has_more: false } });
    expect(calls).toEqual([
      [
        'listRuns',
        { project: 'demo', routine: 'daily', filter: parseRunFilter(filter), order: 'asc', limit: 7, after: 'p7' },
      ],
    ]);
  });

  it.each([
    ['routines-list', 'routines?limit=0', 'invalid_request', 'limit'],
    ['runs-list', 'routines/daily/runs?order=up', 'invalid_request', 'order'],
    ['runs-list', 'routines/daily/runs?filter=colour%20eq%201', 'invalid_filter', 'filter'],
  ] as const)('%s refuses %s', async (name, path, code, param) => {
    const { services, calls } = aFake();
    expect(await call(name, services, v1(path))).toMatchObject({ status: 400, body: { error: { code, param } } });
    expect(calls).toEqual([]);
  });
});

describe('every answer', () => {
  it('carries its request id, echoes the caller’s and is never cached', async () => {
    const headers = { 'x-ms-client-request-id': 'abc-123' };
    const answer = await call('routine-get', aFake().services, v1('routines/daily', { headers }));
    expect(Object.fromEntries(answer.headers)).toEqual({
      'cache-control': 'no-store',
      vary: 'User-Agent, x-ms-useragent',
      'x-content-type-options': 'nosniff',
      'x-ms-client-request-id': 'abc-123',
      'x-request-id': requestId,
    });
  });

  it.each(['a b', 'x'.repeat(257), ''])('does not echo the malformed id "%s"', async (id) => {
    const headers = { 'x-ms-client-request-id': id };
    const answer = await call('routine-get', aFake().services, v1('routines/daily', { headers }));
    expect(answer.headers.has('x-ms-client-request-id')).toBe(false);
  });
});
