import {
  AggregateAuthenticationError,
  AuthenticationError,
  AuthenticationRequiredError,
  CredentialUnavailableError,
} from '@azure/identity';
import { describe, expect, test } from 'vitest';
import { judgeIdentityFailure } from '../../shared/agents/identity-failure.ts';

const unavailable = new CredentialUnavailableError('Azure CLI could not be found.');
const refusedConnection = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

const networkCodes = [
  ...['REQUEST_SEND_ERROR', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['ETIMEDOUT', 'ENETUNREACH', 'EHOSTUNREACH'],
];
const outages = ['network_error', 'endpoints_resolution_error', 'server_error', 'temporarily_unavailable'];

/** Every field that says something elsewhere says nothing here. */
const oddError = (cause: unknown): unknown => ({
  ...{ name: 7, message: null, code: 7, errorCode: {}, statusCode: '503', errors: 'none' },
  cause,
});

describe('a failure to get a token', () => {
  test.each([
    [
      'the service says no',
      new AuthenticationError(401, { error: 'invalid_client', error_description: 'AADSTS7000215' }),
    ],
    ['there is no credential', unavailable],
    ['no credential of the chain is there', new AggregateAuthenticationError([unavailable, unavailable])],
    ['somebody has to log in', new AuthenticationRequiredError({ scopes: ['s'], message: 'login_required' })],
    ['its own fields say nothing, and its cause says no', oddError(unavailable)],
  ])('is a refusal when %s', (_what, error) => {
    expect(judgeIdentityFailure(error)).toBe('refused');
  });

  test.each([
    ['the service is broken', new AuthenticationError(503, 'busy')],
    ['the service asks to slow down', new AuthenticationError(429, 'slow down')],
    ['nothing listens', refusedConnection],
    ['the request was aborted', new DOMException('aborted', 'AbortError')],
    ['it is of an unknown kind', new Error('unexpected end of JSON input')],
    ['it is no error at all', 'down'],
    [
      'one credential of the chain was cut off',
      new AggregateAuthenticationError([
        unavailable,
        new CredentialUnavailableError('Network unreachable', {
          cause: Object.assign(new Error('see the docs'), { name: 'ClientAuthError', errorCode: 'network_error' }),
        }),
      ]),
    ],
    [
      'the library calls an outage a bad request',
      new AuthenticationError(400, {
        error: 'EnvironmentCredential authentication failed.',
        error_description: 'endpoints_resolution_error: See the docs',
      }),
    ],
  ])('is an outage when %s', (_what, error) => {
    expect(judgeIdentityFailure(error)).toBe('unreachable');
  });

  test.each<[string, Error]>([
    ['did not answer in time', new DOMException('aborted', 'AbortError')],
    ['answered 408', new AuthenticationError(408, 'too late')],
    ['answered 500', new AuthenticationError(500, 'broken')],
    ...networkCodes.map((code): [string, Error] => [
      `failed with ${code}`,
      Object.assign(new Error('see the docs'), { code }),
    ]),
    ...outages.map((name): [string, Error] => [
      `spoke of ${name}`,
      new CredentialUnavailableError(`${name}: see the docs`),
    ]),
  ])('is an outage when one credential of the chain %s and the others are not there', (_what, error) => {
    expect(judgeIdentityFailure(new AggregateAuthenticationError([unavailable, error]))).toBe('unreachable');
  });

  test('is judged though its causes form a circle', () => {
    const error = new Error('round');
    error.cause = error;
    expect(judgeIdentityFailure(error)).toBe('unreachable');
  });
});
