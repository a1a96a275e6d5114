import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { AgentsClient } from '@azure/ai-agents';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createCertificate } from '../../local/certificate.ts';
import { callAgent, cancelAtAgent, pollAgent, project, runId } from './http-agent.ts';
import { type SentRequest, serveThreadAgents, threads } from './thread-agents.ts';

const metadata = { routine_run_id: runId };
const credential = { getToken: async () => ({ token: 'none', expiresOnTimestamp: Date.now() + 3_600_000 }) };

const certificate = await createCertificate({ hosts: [] });
setDefaultCACertificates([...getCACertificates(), certificate.cert]);

/** The sample agent behind TLS, because the client sends its token over nothing else; and what was sent to it. */
const serveOverTls = async () => {
  const agents = await serveThreadAgents();
  const { origin } = new URL(agents.endpoint);
  const sent: SentRequest[] = [];
  const server = createServer(certificate, async (incoming, outgoing) => {
    const { method = 'GET', url = '' } = incoming;
    const body = await text(incoming);
    const below = new URL(url.replace(/^\/api\/projects\/[^/]+/, ''), origin);
    below.searchParams.delete('api-version');
    below.searchParams.sort();
    sent.push({ method, path: below.pathname + below.search, body: body === '' ? undefined : JSON.parse(body) });
    const answer = await fetch(origin + url, { method, ...(body !== '' && { body }) });
    outgoing.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const endpoint = `https://127.0.0.1:${port}/api/projects/{project}`;
  return { agents, sent, endpoint, client: new AgentsClient(endpoint.replace('{project}', project), credential) };
};

const first = async <Item>(items: AsyncIterable<Item>): Promise<Item> => {
  for await (const item of items) return item;
  throw new Error('The list is empty');
};

/** What was asked, with the ids that each made for itself replaced. */
const anonymous = (sent: readonly SentRequest[]): unknown =>
  JSON.parse(JSON.stringify(sent).replace(/\b(thread|run|msg)_[0-9a-f]{48}\b/g, '$1_1'));

describe('the official client of the classic agents', () => {
  test('reads of the sample agent what our adapter reads', async () => {
    const { agents, endpoint, client } = await serveOverTls();
    const action = threads({ agentId: 'asst_slow' });
    const outcome = await callAgent(endpoint, action);
    if (outcome.kind !== 'accepted') throw new Error(`It was not accepted: ${JSON.stringify(outcome)}`);
    const { threadId = '', threadRunId = '' } = outcome.ids;
    expect(await client.threads.get(threadId)).toMatchObject({ id: threadId, metadata });
    expect(await client.runs.get(threadId, threadRunId)).toMatchObject({
      threadId,
      assistantId: 'asst_slow',
      status: 'in_progress',
      createdAt: agents.now(),
      metadata,
    });
    agents.advance(10);
    expect(await client.runs.get(threadId, threadRunId)).toMatchObject({
      status: 'completed',
      completedAt: agents.now(),
    });
    const said = await first(client.messages.list(threadId, { runId: threadRunId, order: 'asc' }));
    const [part] = said.content;
    const outputText = part?.type === 'text' && 'text' in part ? Object(part.text).value : undefined;
    expect(outputText).toBe('asst_slow heard: hello');
    expect(await pollAgent(endpoint, { action, ids: outcome.ids })).toMatchObject({ answer: { outputText } });
  });

  test.each([
    ['asst_failing', 'failed', { lastError: { code: 'server_error' } }],
    ['asst_incomplete', 'incomplete', { incompleteDetails: { reason: 'max_completion_tokens' } }],
    ['asst_expired', 'expired', {}],
    ['asst_cancelled', 'cancelled', {}],
    ['asst_requires_action', 'requires_action', { requiredAction: { type: 'submit_tool_outputs' } }],
  ])('sees that the runs of %s are %s', async (assistant, status, more) => {
    const { client } = await serveOverTls();
    const thread = await client.threads.create();
    const run = await client.runs.create(thread.id, assistant);
    expect(await client.runs.get(thread.id, run.id)).toMatchObject({ status, ...more });
  });

  test('is refused in the words that our adapter knows while a run is active', async () => {
    const { client } = await serveOverTls();
    const thread = await client.threads.create();
    await client.runs.create(thread.id, 'asst_slow');
    await expect(client.messages.create(thread.id, 'user', 'hello')).rejects.toThrow(/while a run run_\w+ is active/);
    await expect(client.runs.create(thread.id, 'asst_echo')).rejects.toThrow(/already has an active run run_/);
  });

  test('finds the assistants', async () => {
    const { client } = await serveOverTls();
    expect(await first(client.listAgents({ order: 'asc' }))).toMatchObject({ id: 'asst_echo', model: 'sample-model' });
    expect(await client.getAgent('asst_slow')).toMatchObject({ name: 'slow' });
    await expect(client.getAgent('asst_nobody')).rejects.toThrow("No assistant found with id 'asst_nobody'.");
  });

  test('asks as our adapter asks: path, query and body', async () => {
    const { agents, sent, endpoint, client } = await serveOverTls();
    const own = async (ask: () => Promise<unknown>) => {
      sent.length = 0;
      await ask();
      return anonymous(sent);
    };
    const action = threads();
    let ids = {};
    const start = await own(async () => {
      const outcome = await callAgent(endpoint, action, { call: { mayRepeat: true } });
      if (outcome.kind === 'accepted') ids = outcome.ids;
    });
    const { threadId = '', threadRunId = '' }: { threadId?: string; threadRunId?: string } = ids;
    const onGivenThread = await own(() => callAgent(endpoint, threads({ threadId }), { call: { mayRepeat: true } }));
    const poll = await own(() => pollAgent(endpoint, { action, ids }));
    const cancel = await own(() => cancelAtAgent(endpoint, { action, ids }));
    await agents.held('/threads');

    const newest = { order: 'desc', limit: 20 } as const;
    expect(
      await own(async () => {
        await first(client.threads.list({ order: 'desc', limit: 100 }));
        const thread = await client.threads.create({ metadata });
        await client.messages.create(thread.id, 'user', 'hello', { metadata });
        await client.runs.create(thread.id, 'asst_echo', { metadata });
      }),
    ).toEqual(start);
    expect(await own(() => first(client.runs.list(threadId, newest)))).toEqual(onGivenThread);
    expect(
      await own(async () => {
        await client.runs.get(threadId, threadRunId);
        await first(client.messages.list(threadId, { runId: threadRunId, order: 'asc', limit: 20 }));
      }),
    ).toEqual(poll);
    expect(await own(() => client.runs.cancel(threadId, threadRunId).catch(() => undefined))).toEqual(cancel);
  });
});
