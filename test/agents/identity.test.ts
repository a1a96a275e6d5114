import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { DefaultAzureCredential } from '@azure/identity';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTokenSource } from '../../shared/agents/token-source.ts';
import { unscaledTimings } from '../../shared/app/timings.ts';
import { systemClock } from '../../shared/clock.ts';
import { callAgent, responses, sendJson, serveAgent } from './http-agent.ts';

const time = { clock: systemClock, timings: unscaledTimings.agents };

/** The real library, against an identity endpoint as App Service has it: loopback, told by two settings. */
const header = 'secret-of-the-identity-endpoint';
const burst = 500;
const agents = 'https://agents.example/api/projects/{project}';

interface IdentityEndpoint {
  /** The query of each request. */
  readonly seen: readonly URLSearchParams[];
  /** One that was not asked for before: the library remembers tokens by it, in all the process. */
  readonly clientId: string;
}

type Answer = (outgoing: ServerResponse, incoming: IncomingMessage) => void;

let answer: Answer;
let seen: URLSearchParams[];
let identities = 0;

// One for all tests: the library keeps to the endpoint that it has found first.
const server = createServer((incoming, outgoing) => {
  seen.push(new URL(incoming.url ?? '', 'http://identity').searchParams);
  answer(outgoing, incoming);
});
beforeAll(async () => {
  for (const name of Object.keys(process.env)) if (/^(AZURE|MSI|IMDS|IDENTITY)_/.test(name)) delete process.env[name];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  process.env.IDENTITY_ENDPOINT = `http://127.0.0.1:${port}/msi/token`;
  process.env.IDENTITY_HEADER = header;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const serveIdentity = (by: Answer): IdentityEndpoint => {
  answer = by;
  seen = [];
  identities += 1;
  return { seen, clientId: `00000000-0000-0000-0000-00000000000${identities}` };
};

const aToken = (token: string, { url = '' }: IncomingMessage) => ({
  access_token: token,
  expires_on: String(Math.floor(Date.now() / 1000) + 3600),
  resource: new URL(url, 'http://identity').searchParams.get('resource'),
  token_type: 'Bearer',
});

/** A fetch for which the public agents are the given ones on this machine. */
const reaching = (local: string): typeof fetch => {
  const { origin } = new URL(local);
  return (url, init) => fetch(String(url).replace('https://agents.example', origin), init);
};

describe('a burst of 500 calls', () => {
  test('asks for one token, for the agents and the identity that was named', async () => {
    const identity = serveIdentity((outgoing, incoming) => {
      expect(incoming.headers['x-identity-header']).toBe(header);
      sendJson(outgoing, aToken('one-for-all', incoming));
    });
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { id: 'resp_1' }));
    const token = createTokenSource({ managedIdentityClientId: identity.clientId, ...time });
    const options = { token, fetch: reaching(agent.endpoint), call: { timeoutSeconds: 60 } };
    const outcomes = await Promise.all(Array.from({ length: burst }, () => callAgent(agents, responses(), options)));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['completed']));
    expect(new Set(agent.seen.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer one-for-all']));
    expect(agent.seen).toHaveLength(burst);
    expect(identity.seen.map((query) => [query.get('resource'), query.get('client_id')])).toEqual([
      ['https://ai.azure.com', identity.clientId],
    ]);
  });

  test('would ask for one token each if the library were left to itself', async () => {
    const identity = serveIdentity((outgoing, incoming) => sendJson(outgoing, aToken('t', incoming)));
    const library = new DefaultAzureCredential({ managedIdentityClientId: identity.clientId });
    const scope = 'https://ai.azure.com/.default';
    await Promise.all(Array.from({ length: burst }, () => library.getToken(scope)));
    console.log(`${burst} calls: the library asks for ${identity.seen.length} tokens, the token source for 1`);
    expect(identity.seen.length).toBeGreaterThan(burst / 2);
  });

  test('asks for no token at all when the agents are on this machine', async () => {
    const identity = serveIdentity((outgoing, incoming) => sendJson(outgoing, aToken('t', incoming)));
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { id: 'resp_1' }));
    const token = createTokenSource({ managedIdentityClientId: identity.clientId, ...time });
    expect(await callAgent(agent.endpoint, responses(), { token })).toMatchObject({ kind: 'completed' });
    expect(agent.seen[0]?.headers).not.toHaveProperty('authorization');
    expect(identity.seen).toEqual([]);
  });
});

describe('without a token', () => {
  const canary = `eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.${'canary'.repeat(10)}.c2lnbmF0dXJl`;
  const failures: readonly [string, 'terminal' | 'retryable', Parameters<typeof serveIdentity>[0]][] = [
    [
      'there is no such identity',
      'terminal',
      (outgoing) =>
        sendJson(outgoing, { error: 'invalid_request', error_description: `No identity ${canary}` }, { status: 400 }),
    ],
    [
      'the answer is no JSON',
      'retryable',
      (outgoing) => outgoing.writeHead(200, { 'content-type': 'application/json' }).end(`${canary}{`),
    ],
    [
      'the answer breaks off',
      'retryable',
      (outgoing) => outgoing.writeHead(200, { 'content-length': '9999' }).write(canary, () => outgoing.destroy()),
    ],
    [
      'the token cannot be a header',
      'retryable',
      (outgoing, incoming) => sendJson(outgoing, aToken(`${canary}\n`, incoming)),
    ],
  ];

  test.each(failures)('nobody is called, and nothing of a secret is said, when %s', async (_what, kind, given) => {
    const identity = serveIdentity(given);
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { id: 'resp_1' }));
    const token = createTokenSource({ managedIdentityClientId: identity.clientId, ...time });
    const lines: unknown[] = [];
    const remember = (...line: unknown[]) => void lines.push(line);
    const log = { info: remember, warn: remember, error: remember };
    const outcome = await callAgent(agents, responses(), { token, fetch: reaching(agent.endpoint), log });
    expect(outcome).toMatchObject({ kind, error: { type: 'identity_error' } });
    expect(outcome).toHaveProperty('error.message', expect.stringMatching(/^No token for https:\/\/ai\.azure\.com/));
    const said = inspect([outcome, lines], { depth: 9 });
    expect(said).not.toContain(header);
    for (const piece of ['eyJ0eXAi', 'canary', 'c2lnbmF0']) expect(said).not.toContain(piece);
    expect(agent.seen).toEqual([]);
  });
});
