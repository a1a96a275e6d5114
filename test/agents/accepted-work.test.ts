import { describe, expect, test } from 'vitest';
import {
  callAgent,
  cancelAtAgent,
  invocations,
  pollAgent,
  project,
  responses,
  runId,
  sendJson,
  serveAgent,
  silentLog,
} from './http-agent.ts';

const agentPath = '/api/projects/alpha/agents/echo-agent/endpoint/protocols';
const said = (text: string) => [{ type: 'message', content: [{ type: 'output_text', text }] }];

describe('a Responses agent that goes on by itself', () => {
  test.each(['queued', 'in_progress'])('says so by the status %s, with id and session', async (status) => {
    const headers = { 'x-agent-session-id': 'sess_1', 'retry-after': '7' };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { id: 'resp_1', status }, { headers }));
    expect(await callAgent(agent.endpoint, responses())).toEqual({
      kind: 'accepted',
      ids: { responseId: 'resp_1', sessionId: 'sess_1' },
      statusCode: 200,
      retryAfterSeconds: 7,
    });
  });

  test.each([
    ['none', undefined],
    ['an empty one', ''],
    ['one that a URL would drop', '..'],
    ['one that no URL can hold', '\ud800'],
    ['one that is too long', 'x'.repeat(513)],
  ])('is a failure when there is no id to ask by, but %s', async (_what, id) => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { id, status: 'queued' }));
    const message = "The response's status is queued, and it has no id to ask for its end by";
    expect(await callAgent(agent.endpoint, responses())).toMatchObject({ kind: 'terminal', error: { message } });
  });

  test.each([
    ['agent', `${agentPath}/openai/responses/resp%2F1`, '?api-version=v1'],
    ['project', '/api/projects/alpha/openai/v1/responses/resp%2F1', ''],
  ] as const)('is asked and cancelled by the route %s, without a key', async (responsesRoute, path, query) => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { id: 'resp/1', status: 'in_progress' }));
    const work = { action: responses(), ids: { responseId: 'resp/1' } };
    await pollAgent(agent.endpoint, work, { config: { responsesRoute } });
    await cancelAtAgent(agent.endpoint, work, { config: { responsesRoute } });
    expect(agent.seen).toMatchObject([
      { method: 'GET', url: path + query, headers: { 'x-ms-client-request-id': runId } },
      { method: 'POST', url: `${path}/cancel${query}`, body: '', headers: { 'content-length': '0' } },
    ]);
    for (const { headers } of agent.seen) expect(headers).not.toHaveProperty('idempotency-key');
  });

  const work = { action: responses(), ids: { responseId: 'resp_1', sessionId: 'sess_1' } };

  test('keeps the ids of its beginning when it completes', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { status: 'completed', output: said('Done.') }));
    expect(await pollAgent(agent.endpoint, work)).toEqual({
      kind: 'completed',
      statusCode: 200,
      answer: { responseId: 'resp_1', sessionId: 'sess_1', outputText: 'Done.' },
    });
  });

  test.each([
    ['failed', { error: { code: 'server_error', message: 'It broke' } }, 'server_error', 'It broke'],
    ['incomplete', { incomplete_details: { reason: 'max_output_tokens' } }, 'agent_error', /max_output_tokens$/],
    ['cancelled', {}, 'agent_error', "The response's status is cancelled"],
  ])('fails when its end is %s, with what it has said so far', async (status, fields, type, message) => {
    const body = { id: 'resp_1', status, output: said('Half'), ...fields };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, body));
    expect(await pollAgent(agent.endpoint, work)).toEqual({
      kind: 'terminal',
      error: { statusCode: 200, type, message: expect.stringMatching(message) },
      answer: { responseId: 'resp_1', sessionId: 'sess_1', outputText: 'Half' },
    });
  });

  test('is completed under the strict rule, whatever its end', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { status: 'failed', error: 'It broke' }));
    const outcome = await pollAgent(agent.endpoint, work, { config: { strictFoundryOutcome: true } });
    expect(outcome).toMatchObject({ kind: 'completed', answer: { responseId: 'resp_1' } });
  });

  test('is asked under its legacy endpoint id', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, {}));
    const action = responses({ agentName: undefined, agentEndpointId: 'ep-1' });
    await pollAgent(agent.endpoint, { ...work, action });
    expect(agent.seen[0]?.url).toContain('/agents/ep-1/endpoint/protocols/openai/responses/resp_1?');
  });

  test.each([
    ['goes on', { status: 'in_progress' }],
    ['says nothing of its end', { id: 'resp_1' }],
  ])('is asked again when it %s', async (_what, body) => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, body, { headers: { 'retry-after': '9' } }));
    expect(await pollAgent(agent.endpoint, work)).toEqual({ kind: 'running', retryAfterSeconds: 9 });
  });

  test('is asked again when it is not to be found, and the answer is kept for the last poll to tell', async () => {
    const body = { error: { message: 'No response resp_1' } };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, body, { status: 404 }));
    const error = { statusCode: 404, type: 'http_error', message: 'No response resp_1' };
    expect(await pollAgent(agent.endpoint, work)).toEqual({ kind: 'unknown', error });
  });
});

describe('an Invocations agent that goes on by itself', () => {
  test.each([
    ['its header', { 'x-agent-invocation-id': 'inv_1' }, ''],
    ['invocation_id of its body', {}, '{"invocation_id":"inv_1","id":"other"}'],
    ['id of its body', {}, '{"id":"inv_1","status":"running"}'],
  ])('names the invocation in %s', async (_where, headers: Record<string, string>, body) => {
    const agent = await serveAgent((outgoing) => outgoing.writeHead(202, headers).end(body));
    expect(await callAgent(agent.endpoint, invocations())).toEqual({
      kind: 'accepted',
      ids: { invocationId: 'inv_1' },
      statusCode: 202,
    });
  });

  test('is let go on by itself, where it would stream to those who ask for that', async () => {
    const agent = await serveAgent((outgoing, { headers: { accept = '' } }) => {
      if (!accept.includes('text/event-stream')) return sendJson(outgoing, { id: 'inv_1' }, { status: 202 });
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"text":"So far"}\n\n');
    });
    expect(await callAgent(agent.endpoint, invocations())).toMatchObject({ kind: 'accepted' });
    expect(agent.seen[0]?.headers.accept).toMatch(/^application\/json,.*\*\/\*/);
  });

  test.each([
    ['that the agent names', 'sess_new'],
    ['that was asked for when it names none', undefined],
  ])('is asked and cancelled in the session %s', async (_which, named) => {
    const headers = { 'x-agent-invocation-id': 'inv/1', ...(named && { 'x-agent-session-id': named }) };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, {}, { status: 202, headers }));
    const action = invocations({ sessionId: 'sess_asked' });
    const outcome = await callAgent(agent.endpoint, action);
    if (outcome.kind !== 'accepted') throw new Error(`accepted, not ${outcome.kind}`);
    await pollAgent(agent.endpoint, { action, ids: outcome.ids });
    await cancelAtAgent(agent.endpoint, { action, ids: outcome.ids });
    const query = `?api-version=v1&agent_session_id=${named ?? 'sess_asked'}`;
    expect(agent.seen.slice(1)).toMatchObject([
      { method: 'GET', url: `${agentPath}/invocations/inv%2F1${query}` },
      { method: 'POST', url: `${agentPath}/invocations/inv%2F1/cancel${query}` },
    ]);
    for (const { headers } of agent.seen.slice(1)) expect(headers).not.toHaveProperty('idempotency-key');
  });

  test.each(['2', 'Tue, 02 Jun 2026 07:00:12 GMT'])('is left alone as long as it asks for (%s)', async (retryAfter) => {
    const headers = { 'x-agent-invocation-id': 'inv_1', 'retry-after': retryAfter };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, {}, { status: 202, headers }));
    const clock = { now: () => new Date('2026-06-02T07:00:10Z'), sleep: async () => {} };
    const outcome = await callAgent(agent.endpoint, invocations(), { clock });
    expect(outcome).toMatchObject({ kind: 'accepted', retryAfterSeconds: 2 });
  });

  test.each(['', '..', '{"id":7}', '{"id":"\\ud800"}'])(
    'is a failure when its body %j names no invocation',
    async (body) => {
      const agent = await serveAgent((outgoing) => outgoing.writeHead(202).end(body));
      expect(await callAgent(agent.endpoint, invocations())).toMatchObject({
        kind: 'terminal',
        error: { statusCode: 202, message: 'The agent accepted the work (202) without an id to ask for its end by' },
      });
    },
  );

  const work = { action: invocations(), ids: { invocationId: 'inv_1', sessionId: 'sess_1' } };

  test('completes with its output, under the ids of its beginning', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { status: 'completed', output: 'Done.' }));
    expect(await pollAgent(agent.endpoint, work)).toEqual({
      kind: 'completed',
      statusCode: 200,
      answer: { responseId: 'inv_1', sessionId: 'sess_1', outputText: 'Done.' },
    });
  });

  test.each([
    ['its own words', { error: { code: 'tool_failed', message: 'No such tool' } }, {}, 'tool_failed', 'No such tool'],
    ['none', {}, {}, 'agent_error', 'The invocation has failed'],
    ["the platform's name", {}, { 'x-adc-response-details': 'SessionCrashed' }, 'SessionCrashed', /has failed/],
    ['both', { error: 'No' }, { 'x-adc-response-details': 'SessionCrashed' }, 'SessionCrashed', 'No'],
  ])('fails with %s for the reason', async (_which, fields, headers: Record<string, string>, type, message) => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { status: 'failed', ...fields }, { headers }));
    expect(await pollAgent(agent.endpoint, work)).toMatchObject({
      kind: 'terminal',
      error: { statusCode: 200, type, message: expect.stringMatching(message) },
    });
  });

  test('is cancelled with the beginning of what the agent says of it, however much that is', async () => {
    const body = { status: 'cancelled', error: { message: 'x'.repeat(100_000) } };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, body));
    const outcome = await pollAgent(agent.endpoint, work);
    expect(outcome).toMatchObject({ kind: 'cancelled', error: { message: 'x'.repeat(1024) } });
  });

  test('is cancelled when somebody cancelled it there', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { status: 'cancelled' }));
    expect(await pollAgent(agent.endpoint, work)).toEqual({
      kind: 'cancelled',
      error: { statusCode: 200, type: 'cancelled', message: 'The invocation was cancelled' },
    });
  });

  test('is asked again when it goes on', async () => {
    const headers = { 'retry-after': '9' };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { status: 'running' }, { headers }));
    expect(await pollAgent(agent.endpoint, work)).toEqual({ kind: 'running', retryAfterSeconds: 9 });
  });

  test('is asked again when it has a status of its own, which the run tells of at its deadline', async () => {
    const options = { status: 202, headers: { 'retry-after': '9' } };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { status: 'warming up' }, options));
    expect(await pollAgent(agent.endpoint, work)).toEqual({
      kind: 'unknown',
      error: {
        statusCode: 202,
        type: 'agent_error',
        message: 'The status of the invocation, "warming up", is not known',
      },
      retryAfterSeconds: 9,
    });
  });

  const answer = { responseId: 'inv_1', sessionId: 'sess_1' };
  test.each([
    [
      'has ended',
      [{ delta: 'Do' }, { delta: 'ne.' }],
      { kind: 'completed', answer: { ...answer, outputText: 'Done.' } },
    ],
    ['says that it has', [{ status: 'running' }, { status: 'completed' }], { kind: 'completed', answer }],
    ['says that it failed', [{ delta: 'Do' }, { error: 'No' }], { kind: 'terminal', error: { message: 'No' } }],
    ['says that it was cancelled', [{ status: 'cancelled' }], { kind: 'cancelled', error: { type: 'cancelled' } }],
    ['goes on', [{ status: 'queued' }, { status: 'running' }], { kind: 'running' }],
  ])('that streams in answer to a poll %s', async (_what, events, outcome) => {
    const agent = await serveAgent((outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
    });
    expect(await pollAgent(agent.endpoint, work)).toMatchObject(outcome);
  });

  test('that breaks off in the middle of a stream in answer to a poll has no verdict', async () => {
    const agent = await serveAgent((outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.write('data: {"delta":"Do"}\n\n', () => outgoing.destroy());
    });
    expect(await pollAgent(agent.endpoint, work)).toMatchObject({
      kind: 'unknown',
      error: { type: 'connection_error' },
    });
  });

  test.each([401, 403, 404, 409, 410, 429, 500, 503])(
    'has no verdict in a poll that is answered %i',
    async (status) => {
      const headers = { 'x-adc-response-details': 'ReadinessTimeout', 'retry-after': '3' };
      const agent = await serveAgent((outgoing) => sendJson(outgoing, { error: 'Not now' }, { status, headers }));
      expect(await pollAgent(agent.endpoint, work)).toEqual({
        kind: 'unknown',
        error: { statusCode: status, type: 'ReadinessTimeout', message: 'Not now' },
        retryAfterSeconds: 3,
      });
    },
  );
});

describe('the request to stop accepted work', () => {
  const work = { action: invocations(), ids: { invocationId: 'inv_1' } };
  const warningsOf = async (endpoint: string) => {
    const warnings: unknown[] = [];
    await cancelAtAgent(endpoint, work, {
      log: { ...silentLog, warn: (message, facts) => warnings.push([message, facts]) },
    });
    return warnings;
  };

  test.each([200, 202, 204])('is done with when it is answered %i', async (status) => {
    const agent = await serveAgent((outgoing) => outgoing.writeHead(status).end());
    expect(await warningsOf(agent.endpoint)).toEqual([]);
  });

  test.each([307, 403, 429, 500])('leaves a warning in the log when it is answered %i', async (status) => {
    const agent = await serveAgent((outgoing) => outgoing.writeHead(status, { location: '/elsewhere' }).end());
    expect(await warningsOf(agent.endpoint)).toEqual([
      ['The agent did not take the request to stop', { project, run: runId, status }],
    ]);
    expect(agent.seen).toHaveLength(1);
  });

  test.each([400, 404, 409, 410])(
    'is nothing to warn of when it is answered %i: the work has ended',
    async (status) => {
      const agent = await serveAgent((outgoing) => outgoing.writeHead(status).end());
      expect(await warningsOf(agent.endpoint)).toEqual([]);
    },
  );

  test('leaves a line in the log when nobody takes it', async () => {
    const agent = await serveAgent((outgoing) => outgoing.destroy());
    expect(await warningsOf(agent.endpoint)).toMatchObject([
      ['The agent was not reached with the request to stop', { project, run: runId }],
    ]);
  });
});
