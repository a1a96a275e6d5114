import { describe, expect, test } from 'vitest';
import { callAgent, responses, runId, sendJson, serveAgent } from './http-agent.ts';

const completed = {
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  error: null,
  output: [
    { type: 'reasoning', summary: [] },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hello.', annotations: [] }] },
    {
      type: 'message',
      role: 'assistant',
      content: [
        { type: 'refusal', refusal: 'I cannot say more. ' },
        { type: 'output_text', text: 'Good day.', annotations: [] },
      ],
    },
  ],
};

const background = { background: true, store: true };

describe('the call of a Responses agent', () => {
  test('goes to the agent, with its name encoded, and carries input and conversation', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, completed));
    await callAgent(agent.endpoint, responses({ agentName: 'my agent/1', conversation: 'conv_1' }));
    expect(agent.seen).toHaveLength(1);
    const [request] = agent.seen;
    expect(request?.method).toBe('POST');
    expect(request?.url).toBe(
      '/api/projects/alpha/agents/my%20agent%2F1/endpoint/protocols/openai/responses?api-version=v1',
    );
    expect(JSON.parse(request?.body ?? '')).toEqual({ input: 'hello', conversation: 'conv_1', ...background });
    expect(request?.headers['content-type']).toBe('application/json');
  });

  test('names the agent in the body when the route is the project', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, completed));
    await callAgent(agent.endpoint, responses(), { config: { responsesRoute: 'project' } });
    expect(agent.seen[0]?.url).toBe('/api/projects/alpha/openai/v1/responses');
    expect(JSON.parse(agent.seen[0]?.body ?? '')).toEqual({
      input: 'hello',
      ...background,
      agent_reference: { type: 'agent_reference', name: 'echo-agent' },
    });
  });

  test.each([
    ['in the path of the route agent', 'agent', '/agents/ep-1/endpoint/', { input: 'hello' }],
    [
      'in the reference of the route project',
      'project',
      '/openai/v1/responses',
      { input: 'hello', agent_reference: { type: 'agent_reference', name: 'ep-1' } },
    ],
  ] as const)('has the legacy endpoint id %s when there is no name', async (_where, responsesRoute, path, body) => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, completed));
    const action = responses({ agentName: undefined, agentEndpointId: 'ep-1' });
    await callAgent(agent.endpoint, action, { config: { responsesRoute } });
    expect(agent.seen[0]?.url).toContain(path);
    expect(JSON.parse(agent.seen[0]?.body ?? '')).toEqual({ ...body, ...background });
  });

  test('carries the conversation on the route project, too', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, completed));
    await callAgent(agent.endpoint, responses({ conversation: 'conv_1' }), { config: { responsesRoute: 'project' } });
    expect(JSON.parse(agent.seen[0]?.body ?? '')).toMatchObject({ conversation: 'conv_1' });
  });

  test.each([
    ['an empty text when the action has none', undefined, ''],
    ['null when that is the input', null, null],
    ['a list as it is', [{ role: 'user', content: 'hi' }], [{ role: 'user', content: 'hi' }]],
  ])('sends as input %s', async (_what, input, sent) => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, completed));
    await callAgent(agent.endpoint, responses({ input }));
    expect(JSON.parse(agent.seen[0]?.body ?? '')).toEqual({ input: sent, ...background });
  });

  test('carries the ids by which the agent can tell a repeat, and a trace of its own span', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, completed));
    await callAgent(agent.endpoint, responses());
    await callAgent(agent.endpoint, responses());
    const [first, second] = agent.seen.map(({ headers }) => headers);
    expect(first).toMatchObject({ 'x-ms-client-request-id': runId, 'idempotency-key': runId });
    expect(second).toMatchObject({ 'x-ms-client-request-id': runId, 'idempotency-key': runId });
    expect(first?.traceparent).toMatch(/^00-0197307f5a008abc9def0123456789ab-[0-9a-f]{16}-01$/);
    expect(second?.traceparent).not.toBe(first?.traceparent);
    expect(first).not.toHaveProperty('authorization');
  });
});

describe('the answer of a Responses agent', () => {
  test('is completed with its id, its session and the text parts of its output', async () => {
    const agent = await serveAgent((outgoing) =>
      sendJson(outgoing, completed, { headers: { 'x-agent-session-id': 'sess_1' } }),
    );
    expect(await callAgent(agent.endpoint, responses())).toEqual({
      kind: 'completed',
      statusCode: 200,
      answer: { responseId: 'resp_1', sessionId: 'sess_1', outputText: 'Hello.\nI cannot say more. Good day.' },
    });
  });

  test.each([
    [
      'a failed status, with the code and the message of its error',
      { id: 'resp_1', status: 'failed', error: { code: 'server_error', message: 'It broke' } },
      { type: 'server_error', message: 'It broke' },
    ],
    [
      'an incomplete status, with its reason',
      { id: 'resp_1', status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      { type: 'agent_error', message: "The response's status is incomplete: max_output_tokens" },
    ],
    [
      'a cancelled status',
      { id: 'resp_1', status: 'cancelled', error: null },
      { type: 'agent_error', message: "The response's status is cancelled" },
    ],
    [
      'a status that others use',
      { id: 'resp_1', status: 'expired' },
      { type: 'agent_error', message: "The response's status is expired" },
    ],
    [
      'an error beside a completed status',
      { id: 'resp_1', status: 'completed', error: 'It broke' },
      { type: 'agent_error', message: 'It broke' },
    ],
  ])('is a failure at once when its body says %s', async (_what, body, error) => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, body));
    expect(await callAgent(agent.endpoint, responses())).toEqual({
      kind: 'terminal',
      error: { statusCode: 200, ...error },
      answer: { responseId: 'resp_1' },
    });
  });

  test('is completed whatever its body says under the strict rule', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { id: 'resp_1', status: 'failed', error: 'x' }));
    const outcome = await callAgent(agent.endpoint, responses(), { config: { strictFoundryOutcome: true } });
    const answer = { responseId: 'resp_1', outputNote: 'x' };
    expect(outcome).toEqual({ kind: 'completed', statusCode: 200, answer });
  });

  test.each([
    ['fields of other types', '{"id":7,"status":1,"output":[null,{"content":3}]}'],
    ['an id that is no identifier', JSON.stringify({ id: 'x'.repeat(513) })],
    ['an error that says nothing', '{"status":"completed","error":""}'],
    ['an error that is none', '{"status":"completed","error":false}'],
  ])('is completed when it has %s', async (_what, body) => {
    const agent = await serveAgent((outgoing) => outgoing.writeHead(200).end(body));
    const outcome = await callAgent(agent.endpoint, responses());
    const answer = { outputNote: expect.stringMatching(/^The agent said nothing/) };
    expect(outcome).toEqual({ kind: 'completed', statusCode: 200, answer });
  });

  describe.each([
    ['has no body', 204, undefined, '', {}],
    ['is text', 200, 'text/plain', 'It is done.', { outputText: 'It is done.' }],
    ['is a page', 200, 'text/html', '<p>Sign in</p>', { outputText: '<p>Sign in</p>' }],
    ['is JSON that is no object', 201, 'application/json', '[1]', { outputText: '[1]' }],
    [
      'is JSON with nothing of a response',
      200,
      'application/json',
      '{"detail":"Hi"}',
      { outputText: '{"detail":"Hi"}' },
    ],
    ['is half a JSON object', 200, 'application/json', '{"id":', { outputText: '{"id":' }],
    ['is an event stream', 200, 'text/event-stream', 'data: "hi"\n\n', { outputText: 'hi' }],
  ])('that %s', (_what, status, type, body, answer) => {
    const serve = () =>
      serveAgent((outgoing) =>
        outgoing.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(body),
      );

    test('is a failure: nobody can say that the agent has finished', async () => {
      const kind = type === undefined ? '' : ` (${type})`;
      const message = `The answer${kind} is no response object: its outcome is unknown${body.startsWith('<') ? '; it is a page: Sign in' : ''}`;
      const error = { statusCode: status, type: 'agent_error', message };
      expect(await callAgent((await serve()).endpoint, responses())).toEqual({ kind: 'terminal', error, answer });
    });

    test('is completed under the strict rule', async () => {
      const options = { config: { strictFoundryOutcome: true } };
      const outcome = await callAgent((await serve()).endpoint, responses(), options);
      const noted = body === '' ? { outputNote: expect.stringMatching(/outcome is unknown$/) } : answer;
      expect(outcome).toEqual({ kind: 'completed', statusCode: status, answer: noted });
    });
  });

  test('is a failure when it is too long to be judged', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { id: 'resp_1', text: 'x'.repeat(9_000_000) }));
    const outcome = await callAgent(agent.endpoint, responses());
    expect(outcome).toMatchObject({ kind: 'terminal', error: { statusCode: 200, type: 'agent_error' } });
    expect(outcome).toHaveProperty('error.message', expect.stringContaining('8388608 characters'));
  });
});
