import { describe, expect, test, vi } from 'vitest';
import type { AgentOutcome, CallEnd } from '../../shared/app/ports/agent-caller.ts';
import type { WorkIds } from '../../shared/domain/run.ts';
import { callAgent, cancelAtAgent, holdTime, pollAgent, runId, sendJson, serveAgent } from './http-agent.ts';
import { recordingFetch, serveThreadAgents, type ThreadAgents, threads } from './thread-agents.ts';

const about = { routine_run_id: runId };
const again = { call: { mayRepeat: true } };

const idsOf = (outcome: AgentOutcome): WorkIds & { readonly threadId: string; readonly threadRunId: string } => {
  const { threadId = '', threadRunId = '' } = outcome.kind === 'accepted' ? outcome.ids : {};
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ kind: 'accepted' });
  return { threadId, threadRunId, responseId: `agent#${threadId}#${threadRunId}` };
};

/** What the service holds: one thread's worth, or nothing. */
const holdings = async (agents: ThreadAgents, threadId: string) => ({
  threads: await agents.held('/threads'),
  messages: await agents.held(`/threads/${threadId}/messages`),
  runs: await agents.held(`/threads/${threadId}/runs`),
});

describe('the beginning of a thread run', () => {
  test('is a thread, a message and a run, each with the run id in its metadata', async () => {
    const agents = await serveThreadAgents();
    const { sent, fetch } = recordingFetch();
    const outcome = await callAgent(agents.endpoint, threads({ agentId: 'asst_slow' }), { fetch });
    const ids = idsOf(outcome);
    expect(outcome).toEqual({ kind: 'accepted', ids, statusCode: 200 });
    expect(sent).toEqual([
      { method: 'POST', path: '/threads?api-version=v1', body: { metadata: about } },
      {
        method: 'POST',
        path: `/threads/${ids.threadId}/messages?api-version=v1`,
        body: { role: 'user', content: 'hello', metadata: about },
      },
      {
        method: 'POST',
        path: `/threads/${ids.threadId}/runs?api-version=v1`,
        body: { assistant_id: 'asst_slow', metadata: about },
      },
    ]);
    expect(await holdings(agents, ids.threadId)).toMatchObject({
      threads: [{ id: ids.threadId, metadata: about }],
      messages: [{ role: 'user', metadata: about }],
      runs: [{ id: ids.threadRunId, metadata: about }],
    });
  });

  test('on a thread that is given looks for an active run first, and makes no thread', async () => {
    const agents = await serveThreadAgents();
    const { id: threadId } = await agents.post('/threads');
    const { sent, fetch } = recordingFetch();
    const outcome = await callAgent(agents.endpoint, threads({ threadId }), { fetch });
    expect(idsOf(outcome).threadId).toBe(threadId);
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /threads/${threadId}/runs?api-version=v1&order=desc&limit=20`,
      `POST /threads/${threadId}/messages?api-version=v1`,
      `POST /threads/${threadId}/runs?api-version=v1`,
    ]);
    expect(await agents.held('/threads')).toHaveLength(1);
  });

  test('says that its requests are JSON', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { id: 'x_1', status: 'queued' }));
    await callAgent(agent.endpoint, threads());
    expect(agent.seen.map(({ headers }) => headers['content-type'])).toEqual(Array(3).fill('application/json'));
  });

  test('says what is no text as JSON', async () => {
    const agents = await serveThreadAgents();
    const { sent, fetch } = recordingFetch();
    await callAgent(agents.endpoint, threads({ input: { city: 'Oslo' } }), { fetch });
    expect(sent[1]?.body).toMatchObject({ content: '{"city":"Oslo"}' });
  });

  test('goes on when the service says nothing of the message that it took', async () => {
    const agent = await serveAgent((outgoing, { url }) =>
      sendJson(outgoing, url.includes('/messages') ? {} : { id: 'x_1', status: 'queued' }),
    );
    idsOf(await callAgent(agent.endpoint, threads()));
    expect(agent.seen).toHaveLength(3);
  });

  test.each([undefined, ''])('posts no message for the input %j', async (input) => {
    const agents = await serveThreadAgents();
    const { sent, fetch } = recordingFetch();
    idsOf(await callAgent(agents.endpoint, threads({ input }), { fetch }));
    expect(sent.map(({ path }) => path)).not.toContainEqual(expect.stringContaining('/messages'));
  });

  test.each([
    ['an agent', threads({ agentId: 'asst_nobody' }), "No assistant found with id 'asst_nobody'."],
    ['a thread', threads({ threadId: 'thread_gone' }), "No thread found with id 'thread_gone'."],
  ])('fails at once for %s that does not exist', async (_what, action, message) => {
    const agents = await serveThreadAgents();
    expect(await callAgent(agents.endpoint, action)).toEqual({
      kind: 'terminal',
      error: { statusCode: 404, type: 'invalid_request_error', message },
    });
  });

  test.each([
    ['no id', { object: 'thread' }],
    ['an id that a URL would drop', { id: '..' }],
    ['an empty id', { id: '' }],
    ['an id that is longer than a row keeps', { id: 't'.repeat(513) }],
    ['no JSON', 'x'],
  ])('fails when the new thread has %s', async (_what, body) => {
    const agent = await serveAgent((outgoing) => outgoing.end(typeof body === 'string' ? body : JSON.stringify(body)));
    expect(await callAgent(agent.endpoint, threads())).toMatchObject({
      kind: 'terminal',
      error: { type: 'agent_error', message: 'The agent service answered 200 without a thread' },
    });
    expect(agent.seen).toHaveLength(1);
  });
});

describe.each([
  { what: 'with a thread of its own', given: false, requests: 3 },
  { what: 'on a given thread', given: true, requests: 3 },
])('a beginning $what that is cut off', ({ given, requests }) => {
  const cuts = Array.from({ length: requests }, (_, index) => index + 1).flatMap((at) => [
    { at, when: 'before' as const },
    { at, when: 'after' as const },
  ]);

  test.each(cuts)('$when request $at is gone on with, and nothing is made twice', async (cut) => {
    const agents = await serveThreadAgents();
    const threadId = given ? (await agents.post('/threads')).id : undefined;
    const action = threads({ threadId });
    const broken = await callAgent(agents.endpoint, action, { fetch: recordingFetch(cut).fetch });
    expect(broken).toMatchObject({ kind: 'retryable', error: { type: 'connection_error' } });
    const ids = idsOf(await callAgent(agents.endpoint, action, again));
    const { threads: made, messages, runs } = await holdings(agents, ids.threadId);
    expect(made).toHaveLength(1);
    expect(messages.filter(({ role }) => role === 'user')).toHaveLength(1);
    expect(runs).toMatchObject([{ id: ids.threadRunId, metadata: about }]);
    expect(await pollAgent(agents.endpoint, { action, ids })).toMatchObject({
      kind: 'completed',
      answer: { outputText: 'asst_echo heard: hello' },
    });
  });

  test('and cut off again each time it is repeated makes nothing twice either', async () => {
    const agents = await serveThreadAgents();
    const action = threads({ threadId: given ? (await agents.post('/threads')).id : undefined });
    let outcome = await callAgent(agents.endpoint, action, { fetch: recordingFetch({ at: 1, when: 'after' }).fetch });
    for (let at = 2; outcome.kind !== 'accepted' && at < 12; at += 1) {
      outcome = await callAgent(agents.endpoint, action, {
        ...again,
        fetch: recordingFetch({ at, when: 'after' }).fetch,
      });
    }
    const { threads: made, messages, runs } = await holdings(agents, idsOf(outcome).threadId);
    expect([made.length, messages.filter(({ role }) => role === 'user').length, runs.length]).toEqual([1, 1, 1]);
  });
});

describe('what an earlier attempt made', () => {
  test('is found behind a hundred newer threads and twenty newer messages', async () => {
    const agents = await serveThreadAgents();
    const action = threads();
    await callAgent(agents.endpoint, action, { fetch: recordingFetch({ at: 3, when: 'before' }).fetch });
    const [made] = await agents.held('/threads');
    for (let message = 0; message < 25; message += 1) {
      await agents.post(`/threads/${made?.id}/messages`, { role: 'user', content: 'other' });
    }
    for (let thread = 0; thread < 110; thread += 1) await agents.post('/threads');
    const ids = idsOf(await callAgent(agents.endpoint, action, again));
    expect(ids.threadId).toBe(made?.id);
    const messages = await agents.held(`/threads/${ids.threadId}/messages`);
    expect(messages.filter(({ role }) => role === 'user')).toHaveLength(26);
  });

  test('is not made again while the service cannot say whether it is there', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, {}, { status: 503 }));
    expect(await callAgent(agent.endpoint, threads(), again)).toMatchObject({ kind: 'retryable' });
    expect(agent.seen.map(({ method }) => method)).toEqual(['GET']);
  });

  test('is not made again while the service is busy', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, {}, { status: 423 }));
    expect(await callAgent(agent.endpoint, threads(), again)).toMatchObject({ kind: 'busy' });
    expect(agent.seen.map(({ method }) => method)).toEqual(['GET']);
  });

  test('is not made again when the list of runs cannot be read', async () => {
    const agent = await serveAgent((outgoing) => outgoing.end('<html>'));
    expect(await callAgent(agent.endpoint, threads({ threadId: 'thread_1' }), again)).toMatchObject({
      kind: 'terminal',
      error: { message: 'The agent service answered 200 without a list; it is a page: a page without text' },
    });
    expect(agent.seen.map(({ method }) => method)).toEqual(['GET']);
  });

  test('is looked for on ten pages of threads, of however many there are', async () => {
    const agent = await serveAgent((outgoing, { method }) => {
      const thread = { id: `thread_${agent.seen.length}`, status: 'queued' };
      sendJson(outgoing, method === 'GET' ? { data: [thread], has_more: true } : thread);
    });
    idsOf(await callAgent(agent.endpoint, threads(), again));
    expect(agent.seen.map(({ method }) => method)).toEqual([...Array(10).fill('GET'), 'POST', 'POST', 'POST']);
  });

  test('is nothing where the service does not list threads', async () => {
    const agent = await serveAgent((outgoing, { method }) =>
      method === 'GET' ? sendJson(outgoing, {}, { status: 405 }) : sendJson(outgoing, { id: 'x_1', status: 'queued' }),
    );
    idsOf(await callAgent(agent.endpoint, threads(), again));
    expect(agent.seen.map(({ method }) => method)).toEqual(['GET', 'POST', 'POST', 'POST']);
  });
});

const standsBack = { kind: 'busy', error: { type: 'busy', message: 'Another run is active on the thread' } };

describe("somebody else's active run on the thread", () => {
  test.each(['asst_slow', 'asst_requires_action'])(
    'of %s makes ours stand back, and it posts nothing',
    async (other) => {
      const agents = await serveThreadAgents();
      const { id: threadId } = await agents.post('/threads');
      await agents.post(`/threads/${threadId}/runs`, { assistant_id: other });
      await agents.held(`/threads/${threadId}/runs`);
      const { sent, fetch } = recordingFetch();
      expect(await callAgent(agents.endpoint, threads({ threadId }), { fetch })).toEqual(standsBack);
      expect(sent.map(({ method }) => method)).toEqual(['GET']);
    },
  );

  test.each([
    ['null', null],
    ['no object', 'x'],
    ['a run id that is none', { routine_run_id: 7 }],
  ])('makes ours stand back whatever its metadata is: %s', async (_what, metadata) => {
    const run = { id: 'run_1', status: 'in_progress', metadata };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { data: [run], has_more: false }));
    expect(await callAgent(agent.endpoint, threads({ threadId: 'thread_1' }))).toEqual(standsBack);
    expect(agent.seen).toHaveLength(1);
  });

  test.each([
    ['message', "Can't add messages to thread_1 while a run run_1 is active."],
    ['run', 'Thread thread_1 already has an active run run_1.'],
  ])('that comes between our look and our %s makes ours stand back too', async (what, message) => {
    const error = { message, type: 'invalid_request_error', param: null, code: null };
    const agent = await serveAgent((outgoing, { method, url }) => {
      if (method === 'GET') return sendJson(outgoing, { object: 'list', data: [], has_more: false });
      if (url.includes(`/${what}s?`))
        return sendJson(outgoing, { error }, { status: 400, headers: { 'retry-after': '9' } });
      return sendJson(outgoing, { id: 'msg_1' });
    });
    const outcome = await callAgent(agent.endpoint, threads({ threadId: 'thread_1' }));
    expect(outcome).toMatchObject({
      kind: 'busy',
      error: { statusCode: 400, type: 'invalid_request_error' },
      retryAfterSeconds: 9,
    });
  });

  test('that has ended lets ours begin', async () => {
    const agents = await serveThreadAgents();
    const { id: threadId } = await agents.post('/threads');
    await agents.post(`/threads/${threadId}/runs`, { assistant_id: 'asst_slow' });
    agents.advance(10);
    idsOf(await callAgent(agents.endpoint, threads({ threadId })));
  });
});

describe('the end of a thread run', () => {
  const begin = async (agentId: string) => {
    const agents = await serveThreadAgents();
    const action = threads({ agentId });
    const ids = idsOf(await callAgent(agents.endpoint, action));
    return { agents, action, ids, poll: () => pollAgent(agents.endpoint, { action, ids }) };
  };
  const failure = (type: string, message: string) => ({ kind: 'terminal', error: { statusCode: 200, type, message } });

  test('is asked for while it goes on, and brings what the run said', async () => {
    const { agents, ids, poll } = await begin('asst_slow');
    agents.advance(9);
    expect(await poll()).toEqual({ kind: 'running' });
    agents.advance(1);
    const answer = { responseId: ids.responseId, outputText: 'asst_slow heard: hello' };
    expect(await poll()).toEqual({ kind: 'completed', answer, statusCode: 200 });
  });

  test.each([
    ['asst_failing', failure('server_error', 'The thread run is failed: asst_failing could not finish its work')],
    ['asst_expired', failure('expired', 'The thread run is expired')],
    ['asst_incomplete', failure('incomplete', 'The thread run is incomplete: max_completion_tokens')],
  ])('of %s is a failure that says why, and keeps the ids', async (agentId, expected) => {
    const { ids, poll } = await begin(agentId);
    expect(await poll()).toEqual({ ...expected, answer: { responseId: ids.responseId } });
  });

  test.each([
    ['a code that is too long', { code: 'x'.repeat(100_000), message: 'y'.repeat(100_000) }],
    ['no object', 'y'.repeat(100_000)],
    ['numbers', { code: 1, message: 2 }],
  ])('keeps no more than a row holds of a last_error of %s', async (_what, last_error) => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { id: 'r', status: 'failed', last_error }));
    const ids = { threadId: 't', threadRunId: 'r', responseId: 'agent#t#r' };
    const outcome = await pollAgent(agent.endpoint, { action: threads(), ids });
    expect(outcome).toMatchObject({ kind: 'terminal', error: { type: 'agent_error' } });
    expect(JSON.stringify(outcome).length).toBeLessThan(1300);
  });

  test.each([null, 'no object', {}, { reason: 7 }])(
    'is known whatever its incomplete_details are: %j',
    async (details) => {
      const run = { id: 'r', status: 'incomplete', incomplete_details: details };
      const agent = await serveAgent((outgoing) => sendJson(outgoing, run));
      const ids = { threadId: 't', threadRunId: 'r', responseId: 'agent#t#r' };
      const outcome = await pollAgent(agent.endpoint, { action: threads(), ids });
      expect(outcome).toMatchObject(failure('incomplete', 'The thread run is incomplete'));
    },
  );

  test('is a failure that names the tool when it asks for one, and the run is cancelled at the service', async () => {
    const { agents, ids, poll } = await begin('asst_requires_action');
    const expected = failure('requires_action', expect.stringMatching(/^The agent asks for the output of a tool/));
    expect(await poll()).toMatchObject(expected);
    expect(await agents.held(`/threads/${ids.threadId}/runs`)).toMatchObject([{ status: 'cancelled' }]);
  });

  test('kills ours when it was cancelled at the service', async () => {
    const { poll } = await begin('asst_cancelled');
    expect(await poll()).toMatchObject({ kind: 'cancelled', error: { type: 'cancelled' } });
  });

  test('comes about when we ask for it', async () => {
    const { agents, action, ids, poll } = await begin('asst_slow');
    await cancelAtAgent(agents.endpoint, { action, ids });
    expect(await poll()).toMatchObject({ kind: 'cancelled' });
  });

  test('brings what this run said and not what stands last on the thread', async () => {
    const { agents, ids, poll } = await begin('asst_echo');
    await agents.held(`/threads/${ids.threadId}/runs`);
    await agents.post(`/threads/${ids.threadId}/messages`, { role: 'user', content: 'later' });
    await agents.post(`/threads/${ids.threadId}/runs`, { assistant_id: 'asst_echo' });
    expect(await poll()).toMatchObject({ answer: { outputText: 'asst_echo heard: hello' } });
  });

  test('brings everything it said, over several pages', async () => {
    const { poll } = await begin('asst_talkative');
    const outputText = Array.from({ length: 45 }, (_, index) => `message ${index + 1}`).join('\n');
    expect(await poll()).toMatchObject({ kind: 'completed', answer: { outputText } });
  });

  test.each([
    ['cannot be reached', (outgoing: Parameters<typeof sendJson>[0]) => outgoing.destroy()],
    ['answers 503', (outgoing: Parameters<typeof sendJson>[0]) => sendJson(outgoing, {}, { status: 503 })],
    ['answers with a page of some proxy', (outgoing: Parameters<typeof sendJson>[0]) => outgoing.end('<html>')],
  ])('is not known while the service %s', async (_what, answer) => {
    const agent = await serveAgent(answer);
    const ids = { threadId: 't', threadRunId: 'r', responseId: 'agent#t#r' };
    expect(await pollAgent(agent.endpoint, { action: threads(), ids })).toMatchObject({ kind: 'unknown' });
  });
});

test('ids are encoded where they stand in a URL', async () => {
  const agent = await serveAgent((outgoing, { url }) =>
    sendJson(outgoing, url.includes('/messages') ? { data: [] } : { id: 'r/1', status: 'completed' }),
  );
  const ids = { threadId: 't/1', threadRunId: 'r/1', responseId: 'agent#t/1#r/1' };
  await pollAgent(agent.endpoint, { action: threads(), ids });
  const [run, messages] = agent.seen.map(({ url }) => new URL(url, agent.endpoint).pathname);
  expect(run).toBe('/api/projects/alpha/threads/t%2F1/runs/r%2F1');
  expect(messages).toBe('/api/projects/alpha/threads/t%2F1/messages');
});

describe('what a completed thread run said', () => {
  const ids = { threadId: 't', threadRunId: 'r', responseId: 'agent#t#r' };
  const completed = (messages: Parameters<typeof serveAgent>[0]) =>
    serveAgent((outgoing, request) =>
      request.url.includes('/messages')
        ? messages(outgoing, request)
        : sendJson(outgoing, { id: 'r', status: 'completed' }),
    );

  test('is nothing, and whole, when there are no messages', async () => {
    const agent = await completed((outgoing) => sendJson(outgoing, { data: [], has_more: false }));
    expect(await pollAgent(agent.endpoint, { action: threads(), ids })).toEqual({
      kind: 'completed',
      answer: { responseId: 'agent#t#r', outputNote: 'The agent said nothing' },
      statusCode: 200,
    });
  });

  test('is marked as cut when a page holds more messages than are looked at', async () => {
    const content = [{ type: 'text', text: { value: 'x', annotations: [] } }];
    const data = Array.from({ length: 1001 }, (_, index) => ({ id: `msg_${index}`, role: 'assistant', content }));
    const agent = await completed((outgoing) => sendJson(outgoing, { data, has_more: false }));
    expect(await pollAgent(agent.endpoint, { action: threads(), ids })).toMatchObject({
      answer: { outputText: Array(1000).fill('x').join('\n'), outputTruncated: true },
    });
  });

  test('is marked as cut behind a page that names no message, and is looked for there no further', async () => {
    const agent = await completed((outgoing) => sendJson(outgoing, { data: [null], has_more: true }));
    expect(await pollAgent(agent.endpoint, { action: threads(), ids })).toMatchObject({
      answer: { outputTruncated: true },
    });
    expect(agent.seen).toHaveLength(2);
  });

  test('is looked for behind a page of which nothing can be read but its last id', async () => {
    const content = [{ type: 'text', text: { value: 'hello', annotations: [] } }];
    const pages = [
      { data: [null], has_more: true, last_id: 'msg_1' },
      { data: [{ id: 'msg_2', role: 'assistant', content }], has_more: false, last_id: 'msg_2' },
    ];
    const agent = await completed((outgoing, { url }) =>
      sendJson(outgoing, pages[url.includes('after=msg_1') ? 1 : 0]),
    );
    expect(await pollAgent(agent.endpoint, { action: threads(), ids })).toEqual({
      kind: 'completed',
      answer: { responseId: 'agent#t#r', outputText: 'hello' },
      statusCode: 200,
    });
  });

  test('is whole when a message has very many parts', async () => {
    const content = Array(1001).fill({ type: 'text', text: { value: 'x', annotations: [] } });
    const data = [{ id: 'msg_1', role: 'assistant', content }];
    const agent = await completed((outgoing) => sendJson(outgoing, { data, has_more: false }));
    expect(await pollAgent(agent.endpoint, { action: threads(), ids })).toMatchObject({
      answer: { outputText: 'x'.repeat(1001) },
    });
  });

  test('is noted to be missing when its messages cannot be read', async () => {
    const agent = await completed((outgoing) => outgoing.end('{"data":'));
    expect(await pollAgent(agent.endpoint, { action: threads(), ids })).toEqual({
      kind: 'completed',
      answer: {
        responseId: 'agent#t#r',
        outputTruncated: true,
        outputNote: 'The messages of the run could not be read: The agent service answered 200 without a list',
      },
      statusCode: 200,
    });
  });

  test('is read in bounded time and memory from a list without end', async () => {
    const content = [{ type: 'text', text: { value: 'x'.repeat(10_000), annotations: [] } }];
    const data = Array.from({ length: 20 }, (_, index) => ({ id: `msg_${index}`, role: 'assistant', content }));
    const agent = await completed((outgoing) => sendJson(outgoing, { data, has_more: true }));
    const outcome = await pollAgent(agent.endpoint, { action: threads(), ids });
    expect(outcome).toMatchObject({ kind: 'completed', answer: { outputTruncated: true } });
    expect(agent.seen.length).toBeLessThanOrEqual(3);
  });

  test('leaves out what is no text and what others said', async () => {
    const text = (value: string) => ({ type: 'text', text: { value, annotations: [] } });
    const data = [
      { id: 'm1', role: 'user', content: [text('question')] },
      { id: 'm2', role: 'assistant', content: [text('a'), { type: 'image_file', image_file: {} }, text('b')] },
      { id: 'm3', role: 'assistant', content: 7 },
      null,
      { id: 'm4', role: 'assistant', content: [text('c')] },
      { id: 'm5', role: 'assistant', content: [{ ...text('a thought'), type: 'reasoning' }] },
    ];
    const agent = await completed((outgoing) => sendJson(outgoing, { data, has_more: false }));
    expect(await pollAgent(agent.endpoint, { action: threads(), ids })).toMatchObject({
      answer: { outputText: 'ab\nc' },
    });
  });

  test.each([undefined, null, 'no'])('is whole when its list says of more to come: %j', async (has_more) => {
    const content = [{ type: 'text', text: { value: 'hello', annotations: [] } }];
    const data = [{ id: 'msg_1', role: 'assistant', content }];
    const agent = await completed((outgoing) => sendJson(outgoing, { data, has_more }));
    expect(await pollAgent(agent.endpoint, { action: threads(), ids })).toEqual({
      kind: 'completed',
      answer: { responseId: 'agent#t#r', outputText: 'hello' },
      statusCode: 200,
    });
  });

  test('is read once where the service begins the list anew for each page', async () => {
    const content = [{ type: 'text', text: { value: 'hello', annotations: [] } }];
    const data = [{ id: 'msg_1', role: 'assistant', content }];
    const agent = await completed((outgoing) => sendJson(outgoing, { data, has_more: true }));
    expect(await pollAgent(agent.endpoint, { action: threads(), ids })).toMatchObject({
      answer: { outputText: 'hello', outputTruncated: true },
    });
    expect(agent.seen).toHaveLength(3);
  });

  test('leaves out what other runs said where the service does not filter by run', async () => {
    const said = (value: string, run_id?: string | number | null) => ({
      ...{ id: `msg_${value}`, role: 'assistant', run_id },
      content: [{ type: 'text', text: { value, annotations: [] } }],
    });
    const data = [
      said('before', 'r0'),
      said('ours', 'r'),
      said('after', 'r2'),
      said('unnamed'),
      said('by hand', null),
      said('numbered', 7),
    ];
    const agent = await completed((outgoing) => sendJson(outgoing, { data, has_more: false }));
    expect(await pollAgent(agent.endpoint, { action: threads(), ids })).toMatchObject({
      answer: { outputText: 'ours\nunnamed\nby hand\nnumbered' },
    });
  });

  test.each([401, 404, 503])('is noted to be missing when its messages are refused with %i, twice', async (status) => {
    const agent = await completed((outgoing) => sendJson(outgoing, {}, { status }));
    expect(await pollAgent(agent.endpoint, { action: threads(), ids })).toMatchObject({
      kind: 'completed',
      answer: { outputNote: `The messages of the run could not be read: The agent service answered ${status}` },
    });
    expect(agent.seen).toHaveLength(3);
  });

  test('is read at a second try where the connection broke at the first', async () => {
    const content = [{ type: 'text', text: { value: 'hello【4:0†source】', annotations: [] } }];
    const data = [{ id: 'm1', role: 'assistant', content }];
    const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
    const agent = await serveAgent((outgoing, { url }) => {
      if (!url.includes('/messages')) sendJson(outgoing, { id: 'r', status: 'completed', usage });
      else if (agent.seen.length < 3) outgoing.destroy();
      else sendJson(outgoing, { data, has_more: false });
    });
    expect(await pollAgent(agent.endpoint, { action: threads(), ids })).toMatchObject({
      kind: 'completed',
      answer: { outputText: 'hello', usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 } },
    });
  });

  test('holds its refusals, and texts of any form', async () => {
    const data = [
      { id: 'm1', role: 'assistant', content: [{ type: 'refusal', refusal: 'I cannot.' }] },
      { id: 'm2', role: 'assistant', content: 'A text.' },
      { id: 'm3', role: 'assistant', content: [{ type: 'output_text', text: 'Another.' }] },
    ];
    const agent = await completed((outgoing) => sendJson(outgoing, { data, has_more: false }));
    expect(await pollAgent(agent.endpoint, { action: threads(), ids })).toMatchObject({
      answer: { outputText: 'I cannot.\nA text.\nAnother.' },
    });
  });
});

describe('a run that is cancelled while its thread run is being begun', () => {
  /** Answers the request for a thread run when it is told to. */
  const serveSlowRuns = async () => {
    const answers: (() => void)[] = [];
    const agent = await serveAgent((outgoing, { url }) => {
      if (!url.includes('/runs')) return sendJson(outgoing, { id: 't' });
      answers.push(() => sendJson(outgoing, { id: 'r', status: 'queued' }));
    });
    const run = new AbortController();
    const outcome = callAgent(agent.endpoint, threads(), { call: { signal: run.signal } });
    await vi.waitFor(() => expect(answers).toHaveLength(1), 20_000);
    return { run, outcome, answer: () => answers[0]?.() };
  };

  test('learns its id, so that it can be stopped', async () => {
    const { run, outcome, answer } = await serveSlowRuns();
    run.abort('cancelled' satisfies CallEnd);
    answer();
    expect(await outcome).toMatchObject({ kind: 'accepted', ids: { threadId: 't', threadRunId: 'r' } });
  });

  test('waits for it no longer than five seconds', async () => {
    const { run, outcome } = await serveSlowRuns();
    const time = holdTime();
    run.abort('cancelled' satisfies CallEnd);
    time.pass(4.999);
    const first = await Promise.race([outcome, new Promise((resolve) => setImmediate(resolve, 'waits'))]);
    expect(first).toBe('waits');
    time.pass(0.001);
    expect(await outcome).toMatchObject({ kind: 'retryable', error: { type: 'cancelled' } });
  });

  test('begins none when it was cancelled just before', async () => {
    const agents = await serveThreadAgents();
    const run = new AbortController();
    const cancelledMeanwhile: typeof fetch = async (url, init) => {
      const answer = await fetch(url, init);
      if (!String(url).includes('/messages')) return answer;
      const whole = new Response(await answer.text(), answer);
      run.abort('cancelled' satisfies CallEnd);
      return whole;
    };
    const options = { fetch: cancelledMeanwhile, call: { signal: run.signal } };
    expect(await callAgent(agents.endpoint, threads(), options)).toMatchObject({ error: { type: 'cancelled' } });
    const [thread] = await agents.held('/threads');
    expect(await agents.held(`/threads/${thread?.id}/runs`)).toEqual([]);
  });

  test('does not wait for it when another delivery has taken the run over: that one finds it', async () => {
    const { run, outcome } = await serveSlowRuns();
    holdTime();
    run.abort('taken_over' satisfies CallEnd);
    expect(await outcome).toMatchObject({ kind: 'retryable', error: { type: 'cancelled' } });
  });
});
