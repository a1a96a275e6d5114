import { describe, expect, test } from 'vitest';
import { callAgent, invocations, sendJson, serveAgent } from './http-agent.ts';

describe('the call of an Invocations agent', () => {
  test('goes to the agent, in the session of the action', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, {}));
    await callAgent(agent.endpoint, invocations({ agentName: 'my agent', sessionId: 'a&b' }));
    expect(agent.seen[0]?.url).toBe(
      '/api/projects/alpha/agents/my%20agent/endpoint/protocols/invocations?api-version=v1&agent_session_id=a%26b',
    );
  });

  test('names no session when the action has none', async () => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, {}));
    await callAgent(agent.endpoint, invocations());
    expect(agent.seen[0]?.url).toMatch(/\/invocations\?api-version=v1$/);
  });

  test.each([
    ['an object', { message: 'hi' }, '{"message":"hi"}', 'application/json'],
    ['null', null, 'null', 'application/json'],
    ['a text', 'héllo', 'héllo', 'text/plain; charset=utf-8'],
    ['a text that is JSON', '{"message":"hi"}', '{"message":"hi"}', 'application/json'],
    ['an empty text', '', '', 'text/plain; charset=utf-8'],
    ['an empty object when there is no input', undefined, '{}', 'application/json'],
  ])('has as body %s as it is', async (_what, input, body, contentType) => {
    const agent = await serveAgent((outgoing) => sendJson(outgoing, {}));
    await callAgent(agent.endpoint, invocations({ input }));
    expect(agent.seen[0]?.body).toBe(body);
    expect(agent.seen[0]?.headers['content-type']).toBe(contentType);
  });
});

describe('the answer of an Invocations agent', () => {
  test('is completed with the ids of its headers', async () => {
    const headers = { 'x-agent-invocation-id': 'inv_1', 'x-agent-session-id': 'sess_1' };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { output: 'Done.' }, { headers }));
    expect(await callAgent(agent.endpoint, invocations())).toEqual({
      kind: 'completed',
      statusCode: 200,
      answer: { responseId: 'inv_1', sessionId: 'sess_1', outputText: 'Done.' },
    });
  });

  test.each([
    ['the text in its output', '{"output":"Done."}', 'Done.'],
    ['JSON without such a text as it was sent', '{ "output": {"a": 1} }', '{ "output": {"a": 1} }'],
    ['a JSON text', '"Done."', 'Done.'],
    ['plain text', 'Done.', 'Done.'],
    ['an error that says nothing', '{"error":null}', '{"error":null}'],
  ])('keeps %s', async (_what, body, outputText) => {
    const agent = await serveAgent((outgoing) => outgoing.writeHead(200).end(body));
    expect(await callAgent(agent.endpoint, invocations())).toEqual({
      kind: 'completed',
      statusCode: 200,
      answer: { outputText },
    });
  });

  test.each<[string, string, BufferEncoding, string]>([
    ['text in the charset that it names', 'text/plain; charset=ISO-8859-1', 'latin1', 'grüß'],
    ['text in a charset between quotes', 'text/plain; format=flowed; charset="utf-16le"', 'utf16le', 'grüß'],
    ['text in a charset that nobody knows as UTF-8', 'text/plain; charset=klingon', 'utf8', 'grüß'],
    ['JSON as UTF-8, whatever it names', 'application/json; charset=iso-8859-1', 'utf8', 'grüß'],
  ])('reads %s', async (_what, type, encoding, text) => {
    const body = Buffer.from(type.includes('json') ? JSON.stringify(text) : text, encoding);
    const agent = await serveAgent((outgoing) => outgoing.writeHead(200, { 'content-type': type }).end(body));
    expect(await callAgent(agent.endpoint, invocations())).toMatchObject({ answer: { outputText: text } });
  });

  test('is whole when a code point comes in two pieces', async () => {
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
    const agent = await serveAgent((outgoing) => {
      outgoing.writeHead(200).write(first);
      setTimeout(() => outgoing.end(second), 50);
    });
    expect(await callAgent(agent.endpoint, invocations())).toMatchObject({ answer: { outputText: 'é' } });
  });

  test("has the platform's own name of the failure as its type", async () => {
    const headers = { 'x-adc-response-details': 'SessionCrashed' };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { error: { code: 'x' } }, { headers }));
    const outcome = await callAgent(agent.endpoint, invocations());
    expect(outcome).toMatchObject({ kind: 'terminal', error: { statusCode: 200, type: 'SessionCrashed' } });
  });

  test('is a failure at once when its body has an error', async () => {
    const error = { code: 'tool_failed', message: 'No such tool' };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, { error }));
    expect(await callAgent(agent.endpoint, invocations())).toEqual({
      kind: 'terminal',
      error: { statusCode: 200, type: 'tool_failed', message: 'No such tool' },
      answer: { outputText: JSON.stringify({ error }) },
    });
  });

  test('is cut to 32 KiB between two code points, and says so', async () => {
    const agent = await serveAgent((outgoing) => outgoing.writeHead(200).end(`a${'é'.repeat(20_000)}`));
    expect(await callAgent(agent.endpoint, invocations())).toEqual({
      kind: 'completed',
      statusCode: 200,
      answer: { outputText: `a${'é'.repeat(16_383)}`, outputTruncated: true },
    });
  });

  test('that is longer than what is kept is read to its end all the same', async () => {
    let sentAll = false;
    const agent = await serveAgent((outgoing) => {
      outgoing.writeHead(200);
      outgoing.end(`a${'é'.repeat(6_000_000)}`, () => {
        sentAll = true;
      });
    });
    const outcome = await callAgent(agent.endpoint, invocations());
    expect(outcome).toMatchObject({ kind: 'completed', answer: { outputTruncated: true } });
    expect(sentAll).toBe(true);
  });
});
