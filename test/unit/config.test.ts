import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../../shared/config.ts';

const least = { AzureWebJobsStorage: 'UseDevelopmentStorage=true', AGENT_PROJECT_ENDPOINT: 'https://agents.test/api' };
const aKey = { name: 'ops', key: '0123456789abcdef', role: 'operator', project: 'demo' };

const problemsOf = (environment: Readonly<Record<string, string>>): string => {
  try {
    parseConfig({ ...least, ...environment });
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
};

describe('settings', () => {
  it('have the documented defaults', () => {
    expect(parseConfig(least)).toMatchObject({
      storage: { kind: 'connection_string', prefix: 'routines' },
      agents: { responsesRoute: 'agent', responsesBackground: 'auto', strictFoundryOutcome: false },
      agentValidation: 'exists',
      delivery: { maxAttempts: 3, attemptTimeoutSeconds: 30, backoffInitialSeconds: 1, backoffMaxSeconds: 5 },
      schedule: { minIntervalSeconds: 300, maxTriggers: 1, lookaheadSeconds: 300, misfireGraceSeconds: 300 },
      auth: { mode: 'none', loopbackOnly: true },
      http: { trustProxy: false, corsOrigins: [], requirePreviewHeader: false },
    });
  });

  it('that are empty count as not set, as a deployment leaves them', () => {
    expect(parseConfig({ ...least, API_KEYS: '', MAX_ATTEMPTS: '', PUBLIC_BASE_URL: '' })).toEqual(parseConfig(least));
  });

  it('that are missing or wrong are all named at once', () => {
    const problems = problemsOf({ AGENT_PROJECT_ENDPOINT: '', MAX_ATTEMPTS: 'three', STRICT_FOUNDRY_OUTCOME: 'yes' });
    expect(problems.split('\n').map((line) => line.split(':')[0])).toEqual([
      'AGENT_PROJECT_ENDPOINT',
      'STRICT_FOUNDRY_OUTCOME',
      'MAX_ATTEMPTS',
    ]);
  });

  it('use identity when the storage is given by its name', () => {
    const environment = {
      ...least,
      AzureWebJobsStorage: '',
      AzureWebJobsStorage__accountName: 'acct',
      AzureWebJobsStorage__clientId: 'id',
    };
    expect(parseConfig(environment)).toMatchObject({
      storage: { kind: 'identity', accountName: 'acct', clientId: 'id' },
      agents: { managedIdentityClientId: 'id' },
    });
  });

  it.each([
    ['no storage', { AzureWebJobsStorage: '' }, 'AzureWebJobsStorage: is not set'],
    [
      'a number beyond its range',
      { ATTEMPT_TIMEOUT_SECONDS: '201' },
      'ATTEMPT_TIMEOUT_SECONDS: expected a whole number from 1 to 200, found "201"',
    ],
    [
      'a grace below the horizon',
      { LOOKAHEAD_SECONDS: '600' },
      'MISFIRE_GRACE_SECONDS: 300 is below LOOKAHEAD_SECONDS, 600',
    ],
    [
      'a backoff maximum below the first backoff',
      { BACKOFF_INITIAL_SECONDS: '9' },
      'BACKOFF_MAX_SECONDS: 5 is below BACKOFF_INITIAL_SECONDS, 9',
    ],
    [
      'an endpoint that is no URL',
      { AGENT_PROJECT_ENDPOINT: 'agents.test' },
      'AGENT_PROJECT_ENDPOINT: expected an http(s) URL',
    ],
    [
      'an unknown agent check',
      { AGENT_VALIDATION: 'strict' },
      'AGENT_VALIDATION: expected off, exists or identity, found "strict"',
    ],
    ['yes for true', { TRUST_PROXY: 'yes' }, 'TRUST_PROXY: expected true or false, found "yes"'],
    ['a prefix with a dash', { STORAGE_PREFIX: 'my-app' }, 'beginning with a letter, found "my-app"'],
    ['a factor above 1', { DELAY_SCALE: '2' }, 'DELAY_SCALE: expected a number above 0, at most 1, found "2"'],
    [
      'an endpoint with a password',
      { AGENT_PROJECT_ENDPOINT: 'https://u:pw@agents.test/api' },
      'without user, password, query or fragment (see',
    ],
    [
      'an endpoint with a query',
      { AGENT_PROJECT_ENDPOINT: 'https://agents.test/api?code=x' },
      'without user, password, query or fragment',
    ],
    [
      'keys that are no list',
      { API_KEYS: '{"ops":{}}' },
      'API_KEYS: expected a JSON list of {name, key, role, project}',
    ],
    ['an origin with a path', { CORS_ORIGINS: 'https://ops.test/' }, 'CORS_ORIGINS: expected origins'],
    ['any origin', { CORS_ORIGINS: '*' }, 'such as https://ops.example.com, found ["*"]'],
    ['keys that are no JSON', { API_KEYS: '[{' }, 'API_KEYS: expected JSON text'],
    [
      'a short key',
      { API_KEYS: JSON.stringify([{ ...aKey, key: 'short' }]) },
      'API_KEYS.0.key: an API key has at least 16 characters',
    ],
    ['an unknown role', { API_KEYS: JSON.stringify([{ ...aKey, role: 'admin' }]) }, 'API_KEYS.0.role'],
  ])('refuse %s', (_what, environment, problem) => {
    expect(problemsOf(environment)).toContain(problem);
  });

  it('never repeat a secret', () => {
    const secret = 'TOPSECRET';
    const problems = problemsOf({ API_KEYS: JSON.stringify([{ ...aKey, key: secret }]), AzureWebJobsStorage: secret });
    expect(problems).toContain('API_KEYS');
    expect(problems).not.toContain(secret);
  });
});

describe('AUTH_MODE', () => {
  it.each([
    ['none, by default, on loopback', {}, { mode: 'none', loopbackOnly: true }],
    ['none on localhost', { AUTH_MODE: 'none', HOST: 'localhost' }, { mode: 'none', loopbackOnly: true }],
    [
      'none anywhere, when the operator says so',
      { AUTH_MODE: 'none', HOST: '0.0.0.0', ALLOW_ANONYMOUS: 'true' },
      { mode: 'none', loopbackOnly: false },
    ],
    ['key', { AUTH_MODE: 'key', API_KEYS: JSON.stringify([aKey]), HOST: '0.0.0.0' }, { mode: 'key', apiKeys: [aKey] }],
  ])('may be %s', (_what, environment, auth) => {
    expect(parseConfig({ ...least, ...environment }).auth).toEqual(auth);
  });

  it.each([
    ['none beyond loopback', { AUTH_MODE: 'none', HOST: '0.0.0.0' }, 'none is for a loopback HOST only'],
    ['none by default beyond loopback', { HOST: '10.0.0.1' }, 'none is for a loopback HOST only'],
    [
      'none on Azure, whatever HOST says',
      { AUTH_MODE: 'none', WEBSITE_INSTANCE_ID: 'x' },
      'none is for a loopback HOST only',
    ],
    ['none in a container of Azure', { AUTH_MODE: 'none', CONTAINER_NAME: 'x' }, 'none is for a loopback HOST only'],
    ['entra, the default on Azure', { WEBSITE_INSTANCE_ID: 'x' }, 'entra is not available yet'],
    ['entra', { AUTH_MODE: 'entra' }, 'entra is not available yet'],
    ['key without keys', { AUTH_MODE: 'key' }, 'API_KEYS: AUTH_MODE=key needs at least one'],
  ])('may not be %s', (_what, environment, problem) => {
    expect(problemsOf(environment)).toContain(problem);
  });
});
