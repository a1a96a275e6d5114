import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startSampleAgent } from '../../local/sample-agent/server.ts';
import { type AgentDirectoryOptions, createAgentDirectory } from '../../shared/agents/agent-directory.ts';
import { unscaledTimings } from '../../shared/app/timings.ts';
import type { AgentName } from '../../shared/domain/agent-name.ts';
import {
  holdTime,
  noToken,
  project,
  type SeenRequest,
  sendJson,
  serveAgent,
  silentLog,
  watchHeaders,
} from './http-agent.ts';

const identity = { principal_id: 'p', client_id: 'c' };
const anAgent = (name: string, over: object = {}) => ({
  ...{ object: 'agent', id: name, name, instance_identity: identity },
  versions: { latest: { definition: { kind: 'prompt', model: 'gpt-4o' } } },
  agent_endpoint: { protocols: ['responses', 'invocations'] },
  ...over,
});
const aListed = (name: string, over: object = {}) => ({
  ...{ id: name, name, source: 'project', kind: 'prompt', model: 'gpt-4o' },
  ...{ protocols: ['responses', 'invocations'], hasIdentity: true },
  ...over,
});
const page = (names: readonly string[], more: object = {}) => ({
  ...{ object: 'list', data: names.map((name) => anAgent(name)), has_more: false },
  ...more,
});

type Answer = (outgoing: ServerResponse, request: SeenRequest) => void;

const { agents: timings } = unscaledTimings;
const patient = { ...timings, findTimeoutSeconds: 40, listTimeoutSeconds: 40 };

/** The directory of a service that answers like this, at a time that the test moves. */
const setUp = async (answer: Answer, over: Partial<AgentDirectoryOptions> = {}) => {
  const service = await serveAgent(answer);
  const state = { now: Date.parse('2026-06-02T07:00:00Z') };
  const clock = { now: () => new Date(state.now), sleep: async () => {} };
  const warnings: unknown[] = [];
  const directory = createAgentDirectory({
    config: { projectEndpoint: service.endpoint },
    token: noToken,
    clock,
    log: { ...silentLog, warn: (...line) => void warnings.push(line) },
    timings: patient,
    ...over,
  });
  const agent = (id: string): AgentName => ({ source: 'project', id });
  return {
    warnings,
    later: (seconds: number) => {
      state.now += seconds * 1000;
    },
    urls: () => service.seen.map(({ url }) => url),
    find: (id: string, source: AgentName['source'] = 'project') => directory.find(project, { ...agent(id), source }),
    list: (source: AgentName['source'] = 'project') => directory.list(project, source),
  };
};

const unknown = (reason: string | RegExp) => ({ kind: 'unknown', reason: expect.stringMatching(reason) });

describe('a look-up of one agent', () => {
  test('finds an agent of the project by its name', async () => {
    const service = await setUp((outgoing) => sendJson(outgoing, anAgent('my agent/1')));
    expect(await service.find('my agent/1')).toEqual({ kind: 'found', agent: aListed('my agent/1') });
    expect(service.urls()).toEqual(['/api/projects/alpha/agents/my%20agent%2F1?api-version=v1']);
  });

  test('finds a classic agent by its id', async () => {
    const assistant = { id: 'asst_1', object: 'assistant', name: null, model: 'gpt-4o', tools: [] };
    const service = await setUp((outgoing) => sendJson(outgoing, assistant));
    const agent = { id: 'asst_1', name: 'asst_1', source: 'assistant', kind: 'assistant', model: 'gpt-4o' };
    expect(await service.find('asst_1', 'assistant')).toEqual({
      kind: 'found',
      agent: { ...agent, protocols: ['threads'], hasIdentity: false },
    });
    expect(service.urls()).toEqual(['/api/projects/alpha/assistants/asst_1?api-version=v1']);
  });

  test.each([
    ['no kind', { versions: undefined }, { kind: 'unknown', model: undefined }],
    ['no identity', { instance_identity: null }, { hasIdentity: false }],
    ['an empty identity', { instance_identity: {} }, { hasIdentity: false }],
    ['no endpoint', { agent_endpoint: null }, { protocols: [] }],
    ['protocols that are none', { agent_endpoint: { protocols: [7, 'a2a', 'x'.repeat(65)] } }, { protocols: ['a2a'] }],
    ['an id that is none', { id: 7 }, {}],
  ])('takes an agent with %s for what it is', async (_what, over, seen) => {
    const service = await setUp((outgoing) => sendJson(outgoing, anAgent('a', over)));
    expect(await service.find('a')).toEqual({ kind: 'found', agent: aListed('a', seen) });
  });

  test.each(['.', '..', '\ud800'])('says of %j that there is none, without asking', async (id) => {
    const service = await setUp((outgoing) => sendJson(outgoing, anAgent('a')));
    expect(await service.find(id)).toEqual({ kind: 'absent' });
    expect(service.urls()).toEqual([]);
  });

  test('says that there is none when the service answers 404', async () => {
    const service = await setUp((outgoing) => sendJson(outgoing, { error: { code: 'not_found' } }, { status: 404 }));
    expect(await service.find('a')).toEqual({ kind: 'absent' });
    expect(service.warnings).toEqual([]);
  });

  const failures: readonly [string, RegExp, Answer][] = [
    ['answers 500', /^the agent service answered 500$/, (outgoing) => sendJson(outgoing, {}, { status: 500 })],
    ['answers 401', /^the agent service answered 401$/, (outgoing) => sendJson(outgoing, {}, { status: 401 })],
    ['redirects', /answered 302$/, (outgoing) => outgoing.writeHead(302, { location: '/elsewhere' }).end()],
    ['answers HTML', /what is no agent$/, (outgoing) => outgoing.writeHead(200).end('<html>Sign in</html>')],
    ['answers a list', /what is no agent$/, (outgoing) => sendJson(outgoing, [])],
    [
      'answers with events',
      /what is no agent$/,
      (outgoing) => outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {}\n\n'),
    ],
    ['breaks off', /^http:\/\/127\.0\.0\.1:\d+: /, (outgoing) => outgoing.destroy()],
  ];

  test.each(failures)('knows nothing when the service %s, and says why', async (_what, reason, answer) => {
    const service = await setUp(answer);
    expect(await service.find('a')).toEqual(unknown(reason));
    expect(service.urls()).toHaveLength(1);
    expect(service.warnings).toHaveLength(1);
  });

  const tooLate = unknown(/^http:\/\/127\.0\.0\.1:\d+ did not answer within 3 s$/);

  test('knows nothing when the service is silent for three seconds, and says why', async () => {
    const time = holdTime();
    const service = await setUp(() => time.pass(3), { timings });
    expect(await service.find('a')).toEqual(tooLate);
    expect(service.urls()).toHaveLength(1);
    expect(service.warnings).toHaveLength(1);
  });

  test('knows nothing when the service trickles for three seconds, and says why', async () => {
    const time = holdTime();
    const { fetch, come } = watchHeaders();
    const service = await setUp((outgoing) => outgoing.writeHead(200).write('{"name":'), {
      fetch,
      timings,
    });
    const found = service.find('a');
    await come;
    time.pass(3);
    expect(await found).toEqual(tooLate);
    expect(service.urls()).toHaveLength(1);
    expect(service.warnings).toHaveLength(1);
  });

  test('knows nothing without a token, and leaves the reason to the log', async () => {
    const token = { get: async () => ({ kind: 'refused', message: 'AADSTS700016' }) as const, drop: () => {} };
    const config = { projectEndpoint: 'https://agents.example' };
    const service = await setUp(() => {}, { token, config });
    expect(await service.find('a')).toEqual({ kind: 'unknown', reason: 'there is no token to ask it with' });
    expect(service.warnings).toEqual([[expect.any(String), { reason: 'AADSTS700016' }]]);
  });

  test('asks elsewhere with a token, which never comes back', async () => {
    const token = { get: async () => ({ kind: 'token', token: 'canary' }) as const, drop: () => {} };
    const local: typeof fetch = async (_url, init) =>
      Response.json(anAgent(new Headers(init?.headers).get('authorization') ?? 'nobody'));
    const config = { projectEndpoint: 'https://agents.example' };
    const service = await setUp(() => {}, { token, config, fetch: local });
    expect(await service.find('a')).toMatchObject({ kind: 'found', agent: { name: 'Bearer [token]' } });
  });
});

describe('a question', () => {
  test('says who asks, and for JSON', async () => {
    const asked: (string | null)[] = [];
    const local: typeof fetch = async (_url, init) => {
      const headers = new Headers(init?.headers);
      asked.push(headers.get('user-agent'), headers.get('accept'));
      return Response.json(anAgent('a'));
    };
    const service = await setUp(() => {}, { fetch: local });
    await service.find('a');
    expect(asked).toEqual(['agent-routines', 'application/json']);
  });

  test('leaves no timer behind', async () => {
    holdTime();
    const service = await setUp(() => {}, { fetch: async () => Response.json(anAgent('a')) });
    await service.find('a');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('fails with a fault of ours, which says nothing about the agent', async () => {
    const token = { get: () => Promise.reject(new Error('fault')), drop: () => {} };
    const service = await setUp(() => {}, { token, config: { projectEndpoint: 'https://agents.example' } });
    await expect(service.find('a')).rejects.toThrow('fault');
    expect(service.warnings).toEqual([]);
  });
});

describe('an answer', () => {
  test.each<[AgentName['source'], object]>([
    ['project', anAgent('a')],
    ['assistant', { id: 'a', object: 'assistant', name: null, model: 'gpt-4o' }],
  ])('is remembered for a minute when the agent is ready (%s)', async (source, agent) => {
    const service = await setUp((outgoing) => sendJson(outgoing, agent));
    for (const seconds of [0, 30, 29.9]) {
      service.later(seconds);
      await service.find('a', source);
    }
    expect(service.urls()).toHaveLength(1);
    service.later(0.1);
    await service.find('a', source);
    expect(service.urls()).toHaveLength(2);
  });

  test.each<[string, Answer]>([
    ['there is no agent', (outgoing) => sendJson(outgoing, {}, { status: 404 })],
    ['the agent has no identity yet', (outgoing) => sendJson(outgoing, anAgent('a', { instance_identity: null }))],
    ['the service failed', (outgoing) => sendJson(outgoing, {}, { status: 500 })],
  ])('is remembered for five seconds when %s', async (_what, answer) => {
    const service = await setUp(answer);
    await service.find('a');
    service.later(4.9);
    await service.find('a');
    expect(service.urls()).toHaveLength(1);
    service.later(0.1);
    await service.find('a');
    expect(service.urls()).toHaveLength(2);
  });

  test('on its way serves all who ask meanwhile', async () => {
    const service = await setUp((outgoing) => sendJson(outgoing, anAgent('a')));
    await Promise.all(Array.from({ length: 50 }, () => service.find('a')));
    expect(service.urls()).toHaveLength(1);
  });

  test('counts for its own agent alone, and the thousandth newer one drives it out', async () => {
    const service = await setUp((outgoing, { url }) => {
      const name = new URL(url, 'http://agents').pathname.split('/').at(-1) ?? '';
      sendJson(outgoing, anAgent(name));
    });
    for (let n = 0; n < 1000; n += 1) expect(await service.find(`a${n}`)).toMatchObject({ agent: { name: `a${n}` } });
    await service.find('a0');
    expect(service.urls()).toHaveLength(1000);
    await service.find('one-more');
    await service.find('a0');
    expect(service.urls()).toHaveLength(1002);
  });
});

describe('a list', () => {
  test('is read page by page and remembered for ten seconds', async () => {
    const service = await setUp((outgoing, { url }) => {
      const after = new URL(url, 'http://agents').searchParams.get('after');
      sendJson(outgoing, after === null ? page(['a', 'b'], { has_more: true, last_id: 'b&' }) : page(['c']));
    });
    const listed = { kind: 'listed', agents: [aListed('a'), aListed('b'), aListed('c')], isCut: false };
    expect(await service.list()).toEqual(listed);
    service.later(9.9);
    expect(await service.list()).toEqual(listed);
    const first = '/api/projects/alpha/agents?api-version=v1&limit=100';
    expect(service.urls()).toEqual([first, `${first}&after=b%26`]);
    service.later(0.1);
    await service.list();
    expect(service.urls()).toHaveLength(4);
  });

  test('holds classic agents too', async () => {
    const data = [{ id: 'asst_1', name: 'Maths tutor', model: 'gpt-4o' }];
    const service = await setUp((outgoing) => sendJson(outgoing, { object: 'list', data, has_more: false }));
    expect(await service.list('assistant')).toMatchObject({ agents: [{ id: 'asst_1', name: 'Maths tutor' }] });
    expect(service.urls()).toEqual(['/api/projects/alpha/assistants?api-version=v1&limit=100']);
  });

  test('leaves out what is no agent', async () => {
    const data = [null, 7, {}, { name: 'x'.repeat(257) }, anAgent('a')];
    const service = await setUp((outgoing) => sendJson(outgoing, { data, has_more: false }));
    expect(await service.list()).toEqual({ kind: 'listed', agents: [aListed('a')], isCut: false });
  });

  test('is absent where the service answers 404', async () => {
    const service = await setUp((outgoing) => sendJson(outgoing, {}, { status: 404 }));
    expect(await service.list('assistant')).toEqual({ kind: 'absent' });
  });

  test('ends after ten pages when it is endless', async () => {
    let pages = 0;
    const service = await setUp((outgoing) => {
      pages += 1;
      sendJson(outgoing, page([`a${pages}`], { has_more: true, last_id: `a${pages}` }));
    });
    expect(await service.list()).toMatchObject({ agents: { length: 10 }, isCut: true });
    expect(service.urls()).toHaveLength(10);
  });

  test('is read once when the service begins it anew for each page', async () => {
    const service = await setUp((outgoing) => sendJson(outgoing, page(['a'], { has_more: true, last_id: 'a' })));
    expect(await service.list()).toEqual({ kind: 'listed', agents: [aListed('a')], isCut: true });
    expect(service.urls()).toHaveLength(2);
  });

  test('says that there is more where the service does not say how to go on', async () => {
    const service = await setUp((outgoing) => sendJson(outgoing, page(['a'], { has_more: true })));
    expect(await service.list()).toEqual({ kind: 'listed', agents: [aListed('a')], isCut: true });
  });

  test('is whole when it holds a thousand agents', async () => {
    const names = Array.from({ length: 1000 }, (_, n) => `a${n}`);
    const service = await setUp((outgoing) => sendJson(outgoing, page(names)));
    expect(await service.list()).toMatchObject({ agents: { length: 1000 }, isCut: false });
  });

  test('is cut at a thousand agents when a page holds more', async () => {
    const names = Array.from({ length: 1001 }, (_, n) => `a${n}`);
    const service = await setUp((outgoing) => sendJson(outgoing, page(names)));
    expect(await service.list()).toMatchObject({ agents: { length: 1000 }, isCut: true });
  });

  test.each([
    ['ends', false],
    ['goes on', true],
  ])('is read no further than a thousand agents when it %s behind them', async (_what, goesOn) => {
    const service = await setUp((outgoing, { url }) => {
      const n = url.includes('after') ? 2 : 1;
      const names = Array.from({ length: 600 }, (_, index) => `a${n}-${index}`);
      sendJson(outgoing, page(names, { has_more: goesOn || n === 1, last_id: `a${n}` }));
    });
    expect(await service.list()).toMatchObject({ agents: { length: 1000 }, isCut: true });
    expect(service.urls()).toHaveLength(2);
  });

  test.each<[string, RegExp, Answer]>([
    ['is no JSON', /no list of agents$/, (outgoing) => outgoing.writeHead(200).end('{"data":')],
    ['holds no data', /no list of agents$/, (outgoing) => sendJson(outgoing, { value: [] })],
    [
      'is larger than eight megabytes',
      /no list of agents$/,
      (outgoing) => outgoing.writeHead(200).end(JSON.stringify(page(['a'], { padding: 'x'.repeat(9 * 1024 * 1024) }))),
    ],
    ['is refused', /answered 403$/, (outgoing) => sendJson(outgoing, {}, { status: 403 })],
  ])('is unknown when it %s', async (_what, reason, answer) => {
    const service = await setUp(answer);
    expect(await service.list()).toEqual(unknown(reason));
  });

  test('is unknown when a page is missing', async () => {
    const service = await setUp((outgoing, { url }) =>
      url.includes('after')
        ? sendJson(outgoing, {}, { status: 404 })
        : sendJson(outgoing, page(['a'], { has_more: true, last_id: 'a' })),
    );
    expect(await service.list()).toEqual(unknown(/answered 404$/));
  });

  test('is remembered beside another one', async () => {
    const service = await setUp((outgoing) => sendJson(outgoing, page([])));
    for (const source of ['project', 'assistant', 'project', 'assistant'] as const) await service.list(source);
    expect(service.urls()).toHaveLength(2);
  });

  test('is unknown when the service is silent for five seconds', async () => {
    const time = holdTime();
    const service = await setUp(() => time.pass(5), { timings });
    expect(await service.list()).toEqual(unknown(/did not answer within 5 s$/));
  });

  test('takes five seconds at most, for all its pages together', async () => {
    let pages = 0;
    const service = await setUp(
      (outgoing) => {
        pages += 1;
        const name = `a${pages}`;
        setTimeout(() => sendJson(outgoing, page([name], { has_more: true, last_id: name })), 100);
      },
      { timings: { ...timings, listTimeoutSeconds: 0.25 } },
    );
    expect(await service.list()).toEqual(unknown(/did not answer within 0\.25 s$/));
    expect(pages).toBeLessThan(5);
  });
});

test('the sample agents are found and listed', async () => {
  const sample = await startSampleAgent({ host: '127.0.0.1', port: 0, log: silentLog });
  onTestFinished(() => sample.close());
  const { find, list } = await setUp(() => {}, { config: { projectEndpoint: sample.url } });
  const echo = expect.objectContaining({ name: 'echo-agent', kind: 'hosted', hasIdentity: true });
  expect(await find('echo-agent')).toEqual({ kind: 'found', agent: echo });
  expect(await find('no-agent')).toEqual({ kind: 'absent' });
  expect(await list()).toMatchObject({ agents: expect.arrayContaining([echo]), isCut: false });
  const classic = await list('assistant');
  expect(classic).toMatchObject({ kind: 'listed', isCut: false });
  for (const agent of classic.kind === 'listed' ? classic.agents : []) {
    expect(agent).toMatchObject({ id: expect.stringMatching(/^asst_/), source: 'assistant' });
    expect(await find(agent.id, 'assistant')).toEqual({ kind: 'found', agent });
  }
  expect(await find('asst_0', 'assistant')).toEqual({ kind: 'absent' });
});
