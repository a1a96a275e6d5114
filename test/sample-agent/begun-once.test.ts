import { describe, expect, test } from 'vitest';
import { startAtTestTime } from './start-at-test-time.ts';

interface Shown {
  readonly id?: string;
  readonly status?: string;
  readonly output?: readonly { readonly type: string; readonly content?: readonly object[] }[];
  readonly error?: { readonly code: string } | null;
}

/** Calls as a client of the Responses API sends them. */
const start = async () => {
  const { server, pass } = await startAtTestTime();
  const urlOf = (agent: string, below = '') =>
    `${server.url.replace('{project}', 'demo')}/agents/${agent}/endpoint/protocols/openai/responses${below}?api-version=v1`;
  const read = async (answer: Response): Promise<{ readonly status: number; readonly body: Shown }> => ({
    status: answer.status,
    body: JSON.parse(await answer.text()),
  });
  return {
    pass,
    post: async (agent: string, id?: string, more: object = { background: true, store: true }) =>
      read(
        await fetch(urlOf(agent), {
          method: 'POST',
          body: JSON.stringify({ input: 'hello', ...more }),
          headers: { 'content-type': 'application/json', ...(id !== undefined && { 'x-agent-response-id': id }) },
        }),
      ),
    get: async (agent: string, id: string) => read(await fetch(urlOf(agent, `/${id}`))),
    cancel: async (agent: string, id: string) => read(await fetch(urlOf(agent, `/${id}/cancel`), { method: 'POST' })),
  };
};

describe('a sample agent that takes long', () => {
  test.each([
    ['slow-agent', 60],
    ['streaming-agent', 60],
    ['thorough-agent', 120],
  ])('%s accepts the work in the background, under the id that it is given', async (agent, seconds) => {
    const { post, get, pass } = await start();
    const accepted = { status: 200, body: { id: 'caresp_1', status: 'in_progress', output: [] } };
    expect(await post(agent, 'caresp_1')).toMatchObject(accepted);
    pass(seconds - 1);
    expect(await get(agent, 'caresp_1')).toMatchObject(accepted);
    pass(1);
    const content = [{ type: 'output_text', text: `${agent} heard: hello` }];
    expect(await get(agent, 'caresp_1')).toMatchObject({
      body: { id: 'caresp_1', status: 'completed', output: [{ content }] },
    });
  });

  test('stops when it is cancelled', async () => {
    const { post, get, cancel } = await start();
    await post('slow-agent', 'caresp_1');
    expect(await cancel('slow-agent', 'caresp_1')).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await get('slow-agent', 'caresp_1')).toMatchObject({ body: { status: 'cancelled', output: [] } });
  });

  test('makes an id where none is given', async () => {
    const { post } = await start();
    expect(await post('slow-agent')).toMatchObject({ body: { id: expect.stringMatching(/^resp_/) } });
  });
});

describe('an id that is known', () => {
  test.each(['slow-agent', 'background-agent', 'late-agent', 'echo-agent'])('is refused by %s', async (agent) => {
    const { post } = await start();
    expect(await post(agent, 'caresp_1')).toMatchObject({ status: 200, body: { id: 'caresp_1' } });
    const conflict = { status: 409, body: { error: { code: 'response_id_conflict' } } };
    expect(await post(agent, 'caresp_1')).toMatchObject(conflict);
    expect(await post(agent, 'caresp_2')).toMatchObject({ status: 200, body: { id: 'caresp_2' } });
  });

  test('can be asked for, also when its work was done at once', async () => {
    const { post, get } = await start();
    await post('echo-agent', 'caresp_1');
    expect(await get('echo-agent', 'caresp_1')).toMatchObject({ status: 200, body: { status: 'completed' } });
  });

  test('is not taken by a call that was refused', async () => {
    const { post } = await start();
    expect(await post('broken-agent', 'caresp_1')).toMatchObject({ status: 400 });
    expect(await post('broken-agent', 'caresp_1')).toMatchObject({ body: { error: { code: 'invalid_prompt' } } });
  });

  test('has a form', async () => {
    const { post } = await start();
    expect(await post('echo-agent', 'a/b')).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' } },
    });
  });
});

test('busy-agent has another conversation at first', async () => {
  const { post } = await start();
  const busy = { status: 409, body: { error: { code: 'conversation_locked' } } };
  expect(await post('busy-agent')).toMatchObject(busy);
  expect(await post('busy-agent')).toMatchObject(busy);
  expect(await post('busy-agent')).toMatchObject({ status: 200, body: { status: 'completed' } });
});

test('approval-agent completes with a request that waits for an answer', async () => {
  const { post } = await start();
  const item = { type: 'mcp_approval_request', server_label: 'mail', name: 'send_mail' };
  expect(await post('approval-agent')).toMatchObject({ body: { status: 'completed', output: [item] } });
});

test('refusing-agent completes with a refusal', async () => {
  const { post } = await start();
  const content = [{ type: 'refusal', refusal: 'refusing-agent does not do that' }];
  expect(await post('refusing-agent')).toMatchObject({ body: { status: 'completed', output: [{ content }] } });
});
