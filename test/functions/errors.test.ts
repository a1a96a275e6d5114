import { describe, expect, it } from 'vitest';
import {
  ConflictError,
  type InvalidRequestCode,
  InvalidRequestError,
  NotFoundError,
  StorageUnavailableError,
} from '../../shared/domain/errors.ts';
import { call } from './call.ts';
import { aFake, requestId } from './fake-services.ts';
import type { RequestInput } from './requests.ts';

const path = 'projects/demo/routines/daily';
const request: RequestInput = { path, params: { project: 'demo', name: 'daily' } };

const failWith = async (error: unknown) => {
  const fake = aFake({
    service: {
      getRoutine: async () => {
        throw error;
      },
    },
  });
  return { ...(await call('routine-get', fake.services, request)), logged: fake.errors };
};

describe('an error of a use case', () => {
  const invalid: InvalidRequestCode[] = [
    'invalid_request',
    'invalid_cron_expression',
    'interval_too_short',
    'invalid_time_zone',
    'timer_in_past',
    'invalid_filter',
    'agent_not_found',
    'agent_identity_required',
    'payload_type_mismatch',
  ];
  it.each<[string, number, Error]>([
    ...invalid.map((code): [string, number, Error] => [code, 400, new InvalidRequestError({ code, message: 'why' })]),
    ['routine_not_found', 404, new NotFoundError('routine_not_found', 'why')],
    ['run_not_found', 404, new NotFoundError('run_not_found', 'why')],
    ['not_found', 404, new NotFoundError('not_found', 'why')],
    ['conflict', 409, new ConflictError('why')],
  ])('%s is answered with %i and is nothing to log', async (code, status, error) => {
    expect(await failWith(error)).toMatchObject({
      status,
      body: { error: { code, message: 'why', type: 'invalid_request_error' } },
      logged: [],
    });
  });

  it('names the one parameter that is wrong', async () => {
    const error = new InvalidRequestError({ code: 'timer_in_past', message: 'why', param: 'triggers.once.at' });
    expect((await failWith(error)).body).toEqual({
      error: { code: 'timer_in_past', message: 'why', param: 'triggers.once.at', type: 'invalid_request_error' },
    });
  });

  it('with several problems has each of them in details', async () => {
    const first = { code: 'invalid_time_zone', message: 'zone', param: 'triggers.a.time_zone' } as const;
    const second = { code: 'invalid_request', message: 'agent' } as const;
    expect((await failWith(new InvalidRequestError(first, second))).body).toEqual({
      error: {
        code: 'invalid_request',
        message: '2 problems, each in details; the first: zone',
        type: 'invalid_request_error',
        details: [first, second],
      },
    });
  });

  it.each<[string, unknown]>([
    ['an outage of storage', new StorageUnavailableError('table secret-table: 503')],
    ['a bug', new TypeError("Cannot read properties of undefined (reading 'secret')")],
    ['no error at all', 'secret'],
  ])('that is %s is 500, leaks nothing and is logged once under the request id', async (_, error) => {
    const answer = await failWith(error);
    expect(answer).toMatchObject({
      status: 500,
      body: { error: { code: 'internal_error', message: expect.stringContaining(requestId), type: 'server_error' } },
      logged: [
        {
          facts: { requestId, function: 'routine-get', method: 'GET', path: `/api/${path}`, status: 500 },
          cause: error,
        },
      ],
    });
    expect(answer.logged).toHaveLength(1);
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    expect(answer.headers.get('x-request-id')).toBe(requestId);
  });
});

describe('a request that is wrong in itself', () => {
  it('names an api-version other than v1', async () => {
    expect(await call('routine-get', aFake().services, { ...request, path: 'x?api-version=v9' })).toMatchObject({
      status: 400,
      body: { error: { code: 'unsupported_api_version', param: 'api-version' } },
    });
  });

  it('names a project that none can have', async () => {
    const params = { project: 'no such', name: 'daily' };
    expect(await call('routine-get', aFake().services, { params })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', param: 'project' } },
    });
  });

  it.each<[number, string, RequestInput]>([
    [411, 'length_required', { body: {}, headers: { 'transfer-encoding': 'chunked' } }],
    [413, 'payload_too_large', { body: `"${'x'.repeat(1_048_576)}"` }],
    [415, 'unsupported_media_type', { body: {}, headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    [400, 'invalid_request', { body: '{' }],
    [400, 'invalid_request', {}],
  ])('is answered with %i %s', async (status, code, more) => {
    const { services, calls } = aFake();
    expect(await call('routine-put', services, { method: 'PUT', ...request, ...more })).toMatchObject({
      status,
      body: { error: { code, message: expect.any(String) } },
    });
    expect(calls).toEqual([]);
  });
});
