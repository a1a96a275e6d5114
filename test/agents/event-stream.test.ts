import { describe, expect, test } from 'vitest';
import { callAgent, holdTime, invocations, serveAgent, watchHeaders } from './http-agent.ts';
import { pour, repeat } from './large-bodies.ts';

const eventStream = { 'content-type': 'text/event-stream; charset=utf-8' };

/** An agent that answers with the pieces of a stream, each in a write of its own. */
const serveStream = (pieces: Iterable<string | Uint8Array>) =>
  serveAgent((outgoing) => void pour(outgoing.writeHead(200, eventStream), pieces));

const outcomeOf = async (...pieces: (string | Uint8Array)[]) =>
  callAgent((await serveStream(pieces)).endpoint, invocations());

const completed = (outputText: string) => ({ kind: 'completed', statusCode: 200, answer: { outputText } });

describe('an event stream', () => {
  test.each([
    ['texts as they are', ['data: Hel\n\n', 'data: lo\n\n'], 'Hello'],
    ['JSON texts', ['data: "Hel"\n\n', 'data: "lo"\n\n'], 'Hello'],
    ['deltas', ['data: {"type":"response.output_text.delta","delta":"Hello"}\n\n'], 'Hello'],
    ['a refusal', ['data: {"type":"response.refusal.delta","delta":"I cannot"}\n\n'], 'I cannot'],
    ['a text of a type of its own', ['data: {"type":"response.message","text":"Hello"}\n\n'], 'Hello'],
    ['tokens', ['data: {"token":"Hel"}\n\n', 'data: {"token":"lo"}\n\nevent: done\ndata: {}\n\n'], 'Hello'],
    [
      'a code point whose halves come in two deltas',
      ['data: {"delta":"\\ud83d"}\n\n', 'data: {"delta":"\\ude80"}\n\n'],
      '🚀',
    ],
    [
      'text, output_text and output',
      ['data: {"text":"a"}\n\ndata: {"output_text":"b"}\n\ndata: {"output":"c"}\n\n'],
      'abc',
    ],
    ['the delta rather than all that was said', ['data: {"text":"Hello","delta":"lo"}\n\n'], 'lo'],
    ['JSON behind blanks', ['data:   {"text":"a"}\n\n'], 'a'],
    ['a text beside an error that says nothing', ['data: {"text":"a","error":""}\n\n'], 'a'],
    [
      'a text beside a megabyte of something else',
      [`data: {"padding":"${'x'.repeat(1_048_500)}","text":"a"}\n\n`],
      'a',
    ],
    ['one text in several lines', ['data: a\ndata: b\n\n'], 'a\nb'],
    ['lines that end as on other systems', ['data: a\r\n\r\n', 'data: b\r\r'], 'ab'],
    ['one text whose line ends are cut in two', ['data: a\r', '\ndata: b\r\n\r', '\n'], 'a\nb'],
    ['JSON without a text', ['data: {"status":"working"}\n\ndata: {"text":"a"}\n\n'], 'a'],
    ['comments, ids and the end mark of others', [': ping\n\nid: 7\ndata: a\n\ndata: [DONE]\n\n'], 'a'],
    ['a last event without its empty line', ['data: a\n\ndata: b'], 'ab'],
  ])('is kept as the text of its events: %s', async (_what, pieces, text) => {
    expect(await outcomeOf(...pieces)).toEqual(completed(text));
  });

  test.each([
    [
      'the Responses API',
      [
        { type: 'response.reasoning_summary_text.delta', delta: 'Let me think.' },
        { type: 'response.function_call_arguments.delta', delta: '{"city":' },
        { type: 'response.output_text.delta', delta: 'Hel' },
        { type: 'response.output_text.delta', delta: 'lo' },
        { type: 'response.output_text.done', text: 'Hello' },
        { type: 'response.completed', response: { status: 'completed' } },
      ],
    ],
    [
      'AG-UI',
      [
        { type: 'THINKING_TEXT_MESSAGE_CONTENT', delta: 'Let me think.' },
        { type: 'REASONING_MESSAGE_CONTENT', delta: 'Let me think.' },
        { type: 'TOOL_CALL_ARGS', delta: '{"city":' },
        { type: 'TEXT_MESSAGE_CONTENT', delta: 'Hel' },
        { type: 'TEXT_MESSAGE_CONTENT', delta: 'lo' },
        { type: 'RUN_FINISHED' },
      ],
    ],
  ])('of %s is kept as what the agent says, once, without thoughts and tool calls', async (_which, events) => {
    expect(await outcomeOf(...events.map((event) => `data: ${JSON.stringify(event)}\n\n`))).toEqual(completed('Hello'));
  });

  test('is completed without a text when it is empty', async () => {
    const answer = { outputNote: 'The agent said nothing' };
    expect(await outcomeOf('')).toEqual({ kind: 'completed', statusCode: 200, answer });
  });

  test('is whole when an event and a code point of it come in pieces', async () => {
    const bytes = Buffer.from('data: "grüß 🚀"\n\n');
    expect(await outcomeOf(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(completed('grüß 🚀'));
  });

  test.each([
    ['an event named error', 'event: error\ndata: {"code":"overloaded","message":"Later"}\n\n', 'overloaded', 'Later'],
    ['an event named error, of text', 'event: error\ndata: Later\n\n', 'agent_error', 'Later'],
    ['an error', 'data: {"error":{"code":"x","message":"No"}}\n\ndata: {"status":"completed"}\n\n', 'x', 'No'],
    ['an error of text', 'data: {"error":"No"}\n\n', 'agent_error', 'No'],
    [
      'several errors, for the first',
      'data: {"error":{"code":"x","message":"No"}}\n\ndata: {"error":{"code":"y","message":"Gone"}}\n\n',
      'x',
      'No',
    ],
    [
      'an event of type error',
      'data: {"type":"error","message":"Later"}\n\nevent: done\ndata: {}\n\n',
      'agent_error',
      'Later',
    ],
    ['an AG-UI run that failed', 'data: {"type":"RUN_ERROR","code":"x","message":"No"}\n\n', 'x', 'No'],
    [
      'a response that failed',
      'data: {"type":"response.failed","response":{"status":"failed","error":{"code":"x","message":"No"}}}\n\n',
      'x',
      'No',
    ],
    [
      'failed for its last status',
      'data: {"text":"a"}\n\ndata: {"status":"failed"}\n\n',
      'agent_error',
      'The stream says that its status is failed',
    ],
    [
      'incomplete for its last status',
      'data: {"response":{"status":"incomplete"}}',
      'agent_error',
      'The stream says that its status is incomplete',
    ],
  ])('is a failure when it holds %s', async (_what, stream, type, message) => {
    expect(await outcomeOf(stream)).toMatchObject({ kind: 'terminal', error: { statusCode: 200, type, message } });
  });

  test('is completed when a step of the agent failed on the way to its completion', async () => {
    const stream = 'data: {"status":"failed","tool":"search"}\n\ndata: {"status":"completed","text":"Done."}\n\n';
    expect(await outcomeOf(stream)).toEqual(completed('Done.'));
  });

  test('says why the agent refuses when it comes with a refusal', async () => {
    const agent = await serveAgent((outgoing) =>
      outgoing.writeHead(503, eventStream).end('event: error\ndata: {"code":"overloaded","message":"Later"}\n\n'),
    );
    expect(await callAgent(agent.endpoint, invocations())).toEqual({
      kind: 'retryable',
      error: { statusCode: 503, type: 'overloaded', message: 'Later' },
    });
  });

  test('that never ends is a timeout, and is not read any longer', async () => {
    let isClosed = false;
    const agent = await serveAgent((outgoing) => {
      const timer = setInterval(() => outgoing.write('data: a\n\n'), 20);
      outgoing.writeHead(200, eventStream).once('close', () => {
        isClosed = true;
        clearInterval(timer);
      });
    });
    const headers = watchHeaders();
    const time = holdTime();
    const outcome = callAgent(agent.endpoint, invocations(), { fetch: headers.fetch, call: { timeoutSeconds: 30 } });
    await headers.come;
    time.pass(30);
    expect(await outcome).toMatchObject({ kind: 'retryable', error: { type: 'timeout' } });
    await expect.poll(() => isClosed, { timeout: 30_000 }).toBe(true);
  });

  test('that breaks off may be retried', async () => {
    const agent = await serveAgent((outgoing) => {
      outgoing.writeHead(200, eventStream).write('data: a\n\n', () => outgoing.destroy());
    });
    const outcome = await callAgent(agent.endpoint, invocations());
    expect(outcome).toMatchObject({ kind: 'retryable', error: { type: 'connection_error' } });
  });
});

describe('a stream that is longer than what is kept', () => {
  const truncated = { kind: 'completed', answer: { outputTruncated: true } };
  const kibibyte = 1024;

  test('is kept as far as a run keeps its output', async () => {
    const { endpoint } = await serveStream(repeat(`data: ${'x'.repeat(kibibyte)}\n\n`, 40));
    expect(await callAgent(endpoint, invocations())).toMatchObject({
      ...truncated,
      answer: { outputText: 'x'.repeat(32 * kibibyte), outputTruncated: true },
    });
  });

  test('is a failure when an event named error is too long to be read', async () => {
    const pieces = ['event: error\ndata: "', ...repeat('x'.repeat(64 * kibibyte), 20), '"\n\ndata: "after"\n\n'];
    const outcome = await callAgent((await serveStream(pieces)).endpoint, invocations());
    expect(outcome).toMatchObject({
      kind: 'terminal',
      error: { type: 'agent_error', message: 'The stream ended with an error' },
      answer: { outputText: 'after', outputTruncated: true },
    });
  });

  test('is left out of the text where the lines of one event are too many', async () => {
    const pieces = ['data: before\n\n', ...repeat('data:\n'.repeat(kibibyte), 1_100), '\ndata: after\n\n'];
    const outcome = await callAgent((await serveStream(pieces)).endpoint, invocations());
    expect(outcome).toMatchObject({ ...truncated, answer: { outputText: 'beforeafter', outputTruncated: true } });
  });

  test('fails when it says so at its end', async () => {
    function* pieces() {
      yield* repeat(`data: {"delta":"${'é'.repeat(kibibyte)}"}\n\n`, 100);
      yield 'data: {"status":"failed","error":{"code":"late","message":"Too late"}}\n\n';
    }
    const outcome = await callAgent((await serveStream(pieces())).endpoint, invocations());
    expect(outcome).toMatchObject({
      kind: 'terminal',
      error: { type: 'late', message: 'Too late' },
      answer: { outputText: 'é'.repeat(16 * kibibyte), outputTruncated: true },
    });
  });
});
