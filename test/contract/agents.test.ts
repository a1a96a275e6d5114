import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContractApp, keys, readersProject, startContractApp, startTimeout } from './contract-app.ts';
import { aRoutine } from './definitions.ts';
import { ask } from './plain-client.ts';
import { sdks } from './sdk.ts';

// An app of its own: it asks for the identity of agents, of a service whose agents and whims are the test's.
const identity = { principal_id: 'p', client_id: 'c' };
const anAgent = (name: string, kind: string, over: object = {}) => ({
  ...{ object: 'agent', id: name, name, versions: { latest: { definition: { kind } } }, instance_identity: identity },
  agent_endpoint: { protocols: ['responses'] },
  ...over,
});
const agents = [
  anAgent('ready', 'prompt'),
  anAgent('nobody-yet', 'prompt', { instance_identity: null }),
  anAgent('flow', 'workflow'),
];
const assistants = [{ object: 'assistant', id: 'asst_1', name: 'Maths tutor', model: 'gpt-4o' }];

/** Statuses that the service answers with instead, by the last part of the path. */
let failures: Readonly<Record<string, number>> = {};

const answer = (path: string): { readonly status: number; readonly body?: object } => {
  const [last = '', before = ''] = path.split('/').reverse();
  const failure = failures[last];
  if (failure !== undefined) return { status: failure };
  const lists: Readonly<Record<string, readonly { readonly id: string }[]>> = { agents, assistants };
  const list = lists[last];
  if (list !== undefined) return { status: 200, body: { object: 'list', data: list, has_more: false } };
  const found = lists[before]?.find(({ id }) => id === last);
  return found === undefined ? { status: 404 } : { status: 200, body: found };
};

const service = createServer(({ url = '' }, outgoing) => {
  const { status, body = {} } = answer(new URL(url, 'http://agents').pathname);
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
let app: ContractApp;
beforeAll(async () => {
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const address = service.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  app = await startContractApp('contractagents', {
    AGENT_PROJECT_ENDPOINT: `http://127.0.0.1:${port}/api/projects/{project}`,
    AGENT_VALIDATION: 'identity',
  });
}, startTimeout);
afterAll(async () => {
  await app?.end('SIGTERM');
  service.close();
  service.closeAllConnections();
});
beforeEach(() => {
  failures = {};
});

const dialects = ['', '?api-version=v1'];
const { triggers, action } = aRoutine();
const threads = { type: 'invoke_agent_threads_api', input: 'Hello' };

interface Refusal {
  readonly agent: string;
  readonly code: string;
  readonly says: string;
}

const refusals: readonly Refusal[] = [
  { agent: 'absent', code: 'agent_not_found', says: 'Agent "absent" does not exist in project' },
  { agent: 'nobody-yet', code: 'agent_identity_required', says: 'Agent "nobody-yet" has no identity of its own' },
  { agent: 'flow', code: 'invalid_request', says: 'Agent "flow" is of kind "workflow"' },
];

describe.each(sdks)('the agent check through @azure/ai-projects $version', (sdk) => {
  const connect = () => sdk.connect(app.endpointOf(`agents-${sdk.version}`));

  test.each(refusals)('refuses $agent with $code', async ({ agent, code, says }) => {
    await expect(connect().createOrUpdate('refused', aRoutine(agent))).rejects.toMatchObject({
      name: 'RestError',
      statusCode: 400,
      code,
      message: expect.stringContaining(says),
      details: { error: { code, param: 'action.agent_name', type: 'invalid_request_error' } },
    });
    await expect(connect().get('refused')).rejects.toMatchObject({ statusCode: 404 });
  });

  test('takes an agent that is ready', async () => {
    const routine = await connect().createOrUpdate('taken', aRoutine('ready'));
    expect(routine).toMatchObject({ name: 'taken', action: { agent_name: 'ready' } });
  });
});

describe.each(dialects)('the agent check without an SDK (%s)', (query) => {
  const project = () => app.endpointOf(`plain${query === '' ? '' : '-v1'}`);
  const put = (name: string, body: object) =>
    ask(`${project()}/routines/${name}${query}`, { method: 'PUT', body: JSON.stringify(body) });

  test.each(refusals)('refuses $agent with $code', async ({ agent, code, says }) => {
    const { status, body } = await put('refused', aRoutine(agent));
    expect(status).toBe(400);
    const message = expect.stringContaining(says);
    expect(body).toEqual({ error: { code, message, param: 'action.agent_name', type: 'invalid_request_error' } });
  });

  test('knows classic agents by their id', async () => {
    expect(await put('classic', { triggers, action: { ...threads, agent_id: 'asst_1' } })).toMatchObject({
      status: 200,
      body: { action: { agent_id: 'asst_1' } },
    });
    expect(await put('classic', { triggers, action: { ...threads, agent_id: 'asst_2' } })).toMatchObject({
      status: 400,
      body: { error: { code: 'agent_not_found', param: 'action.agent_id' } },
    });
  });

  test('asks nothing of an agent_endpoint_id', async () => {
    const { status, body } = await put('legacy', {
      triggers,
      action: { type: action.type, agent_endpoint_id: 'absent' },
    });
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('warnings');
  });

  test('warns when the agent service does not answer, in the answer to the PUT alone', async () => {
    failures = { unlucky: 503 };
    const saved = await put('unlucky', aRoutine('unlucky'));
    expect(saved).toMatchObject({
      status: 200,
      body: { warnings: [expect.stringMatching(/^Agent "unlucky" could not be looked up in .+ answered 503$/)] },
    });
    const { status, body } = await ask(`${project()}/routines/unlucky${query}`);
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('warnings');
  });

  test.each(['creator', 'somebody'])('refuses a routine that is to run as %s', async (who) => {
    const routine = { ...aRoutine('ready'), authorization: { identity: who } };
    expect(await put('impersonating', routine)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', param: 'authorization.identity' } },
    });
  });

  test('keeps the identity that a routine was made with', async () => {
    const made = await put('fixed', { ...aRoutine('ready'), authorization: { identity: 'agent' } });
    const again = await put('fixed', { ...aRoutine('ready'), authorization: { identity: 'creator' } });
    for (const { status, body } of [made, again]) {
      expect(status).toBe(200);
      expect(body).toMatchObject({ authorization: { identity: 'agent' } });
    }
  });
});

describe('the list of agents', () => {
  const list = (project: string, query = '', key: string = keys.contributor) =>
    ask(`${app.endpointOf(project)}/agents${query}`, { headers: { Authorization: `Bearer ${key}` } });
  const listed = [
    { id: 'ready', name: 'ready', source: 'project', kind: 'prompt', protocols: ['responses'], has_identity: true },
    {
      ...{ id: 'nobody-yet', name: 'nobody-yet', source: 'project', kind: 'prompt' },
      ...{ protocols: ['responses'], has_identity: false },
    },
    { id: 'flow', name: 'flow', source: 'project', kind: 'workflow', protocols: ['responses'], has_identity: true },
    {
      ...{ id: 'asst_1', name: 'Maths tutor', source: 'assistant', kind: 'assistant', model: 'gpt-4o' },
      ...{ protocols: ['threads'], has_identity: false },
    },
  ];

  test.each(dialects)('is the same in every dialect (%s)', async (query) => {
    expect(await list('listed', query)).toMatchObject({ status: 200, body: { data: listed } });
    expect((await list('listed', query)).body).toEqual({ data: listed });
  });

  test('is open to a reader of the project and nobody else', async () => {
    expect(await list(readersProject, '', keys.reader)).toMatchObject({ status: 200 });
    expect(await list('listed', '', keys.reader)).toMatchObject({
      status: 403,
      body: { error: { code: 'forbidden' } },
    });
    expect(await list('listed', '', 'nobody')).toMatchObject({
      status: 401,
      body: { error: { code: 'unauthorized' } },
    });
  });

  test('knows no other api-version and no other method', async () => {
    const code = 'unsupported_api_version';
    expect(await list('listed', '?api-version=v0')).toMatchObject({ status: 400, body: { error: { code } } });
    const posted = await ask(`${app.endpointOf('listed')}/agents`, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET']);
  });

  test('lacks what fails and says so', async () => {
    failures = { assistants: 503 };
    expect((await list('half')).body).toEqual({
      data: listed.slice(0, 3),
      warnings: ['The classic agents could not be listed: the agent service answered 503'],
    });
  });

  test('is an error with the reason when all fails', async () => {
    failures = { agents: 503, assistants: 404 };
    const message = 'The agents of project "none" could not be listed: the agent service answered 503';
    expect(await list('none', '?api-version=v1')).toMatchObject({
      status: 500,
      body: { error: { code: 'internal_error', message, type: 'server_error' } },
    });
  });
});
