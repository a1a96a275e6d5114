import { describe, expect, it } from 'vitest';
import { ConflictError } from '../../shared/domain/errors.ts';
import { aRun, at } from '../builders.ts';
import { call } from './call.ts';
import { aFake } from './fake-services.ts';
import type { RequestInput } from './requests.ts';

const { id } = aRun();
const path = (rest: string) => `projects/demo/routines/daily/runs/${rest}`;

const get = (runId: string, query = ''): RequestInput => ({
  path: path(runId) + query,
  params: { project: 'demo', name: 'daily', runId },
});
const action = (runAndAction: string, more: RequestInput = {}): RequestInput => ({
  method: 'POST',
  path: path(runAndAction),
  params: { project: 'demo', name: 'daily', runAndAction },
  ...more,
});

describe('GET of a run', () => {
  it('answers with the run in the dialect of its api-version', async () => {
    const { services, calls } = aFake();
    expect(await call('run-get', services, get(id))).toMatchObject({
      status: 200,
      body: { id, status: 'SCHEDULED', triggered_at: '2026-01-01T00:05:00Z' },
    });
    expect(await call('run-get', services, get(id, '?api-version=v1'))).toMatchObject({
      status: 200,
      body: { id, status: 'Scheduled', triggered_at: 1767225900 },
    });
    expect(calls).toEqual([
      ['getRun', 'demo', 'daily', id],
      ['getRun', 'demo', 'daily', id],
    ]);
  });

  it('takes an id in upper case', async () => {
    const { services, calls } = aFake();
    expect((await call('run-get', services, get(id.toUpperCase()))).status).toBe(200);
    expect(calls).toEqual([['getRun', 'demo', 'daily', id]]);
  });

  it.each(['7', `${id}0`, id.replaceAll('-', ''), '00000000-0000-4000-8000-000000000000'])(
    'answers 404 for %s, which is no run id',
    async (runId) => {
      const { services, calls } = aFake();
      expect(await call('run-get', services, get(runId))).toMatchObject({
        status: 404,
        body: { error: { code: 'run_not_found', message: `Run "${runId}" does not exist` } },
      });
      expect(calls).toEqual([]);
    },
  );

  it('answers 404 for an action, and tells how to ask for it', async () => {
    const message = `Run "${id}:cancel" does not exist: an id holds no ":", and an action takes POST`;
    expect(await call('run-get', aFake().services, get(`${id}:cancel`))).toMatchObject({
      status: 404,
      body: { error: { code: 'run_not_found', message } },
    });
  });

  it('answers 404 for a routine that none can be', async () => {
    const params = { project: 'demo', name: 'no such', runId: id };
    expect(await call('run-get', aFake().services, { ...get(id), params })).toMatchObject({
      status: 404,
      body: { error: { code: 'routine_not_found' } },
    });
  });
});

describe('an action on a run', () => {
  it(':cancel answers 200 with the run, whatever body comes along', async () => {
    const endedAt = at('2026-01-01T00:05:01Z');
    const state = { phase: 'killed', endedAt, error: { type: 'cancelled', message: 'm' } } as const;
    const { services } = aFake({ service: { cancelRun: async () => aRun({ state }) } });
    const chunked = { headers: { 'transfer-encoding': 'chunked', 'content-type': 'text/plain' } };
    expect(await call('run-action', services, action(`${id}:cancel`, chunked))).toMatchObject({
      status: 200,
      body: { id, status: 'KILLED', error_type: 'cancelled', ended_at: '2026-01-01T00:05:01Z' },
    });
  });

  it(':cancel takes an id in upper case', async () => {
    const { services, calls } = aFake();
    await call('run-action', services, action(`${id.toUpperCase()}:cancel`));
    expect(calls).toEqual([['cancelRun', 'demo', 'daily', id]]);
  });

  it.each(['cancel', 'retry'])(':%s that comes at the wrong time is a conflict that says why', async (name) => {
    const refuse = () => Promise.reject(new ConflictError('why'));
    const { services } = aFake({ service: { cancelRun: refuse, retryRun: refuse } });
    expect(await call('run-action', services, action(`${id}:${name}`))).toMatchObject({
      status: 409,
      body: { error: { code: 'conflict', message: 'why' } },
    });
  });

  it.each([undefined, {}, null, { payload: null, colour: 'red' }])(
    ':retry with the body %j answers 200 with the new run',
    async (body) => {
      const { services, calls } = aFake({});
      expect(await call('run-action', services, action(`${id}:retry`, { body }))).toMatchObject({ status: 200 });
      expect(calls).toEqual([['retryRun', { project: 'demo', routine: 'daily', id }]]);
    },
  );

  it(':retry shows which run it repeats', async () => {
    const { services } = aFake({ service: { retryRun: async () => aRun({ retryOf: id }) } });
    expect(await call('run-action', services, action(`${id}:retry`))).toMatchObject({ body: { retry_of: id } });
  });

  it.each([
    [
      { 'idempotency-key': 'k1', 'x-ms-client-request-id': 'r1' },
      { kind: 'key', value: 'k1' },
    ],
    [{ 'x-ms-client-request-id': 'r1' }, { kind: 'request', value: 'r1' }],
  ])(':retry hands on what makes it idempotent: %j', async (headers, idempotency) => {
    const { services, calls } = aFake();
    await call('run-action', services, action(`${id}:retry`, { headers }));
    expect(calls).toEqual([['retryRun', { project: 'demo', routine: 'daily', id, idempotency }]]);
  });

  it.each([
    ['again', 'body: found "again"; expected a JSON object, or no body'],
    [
      { payload: { type: 'invoke_agent_responses_api', input: 'other' } },
      'expected none: a retry has the input of the run that it repeats',
    ],
  ])(':retry is refused for %j', async (body, message) => {
    const { services, calls } = aFake();
    const bytes = JSON.stringify(body);
    expect(await call('run-action', services, action(`${id}:retry`, { body: bytes }))).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', message: expect.stringContaining(message) } },
    });
    expect(calls).toEqual([]);
  });

  it.each(['enable', 'Cancel', '', 'constructor'])(':%s is unknown', async (name) => {
    const { services, calls } = aFake();
    expect(await call('run-action', services, action(`${id}:${name}`))).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found', message: `Action "${name}": expected one of cancel, retry` } },
    });
    expect(calls).toEqual([]);
  });

  it.each(['cancel', 'retry'])(':%s of what is no run id is 404', async (name) => {
    const { services, calls } = aFake();
    expect(await call('run-action', services, action(`seven:${name}`))).toMatchObject({
      status: 404,
      body: { error: { code: 'run_not_found', message: 'Run "seven" does not exist' } },
    });
    expect(calls).toEqual([]);
  });

  it('is missing: POST is the wrong method for a run', async () => {
    const answer = await call('run-action', aFake().services, action(id));
    expect(answer).toMatchObject({ status: 405, body: { error: { code: 'method_not_allowed' } } });
    expect(answer.headers.get('allow')).toBe('GET');
  });
});
