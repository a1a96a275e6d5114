import { describe, expect, test } from 'vitest';
import { callAgent, invocations, pollAgent, responses, serveAgent } from './http-agent.ts';

const serve = (stream: string) =>
  serveAgent((outgoing) => outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(stream));
const sse = (...events: readonly unknown[]): string =>
  events.map((event) => (typeof event === 'string' ? event : `data: ${JSON.stringify(event)}\n\n`)).join('');
const named = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const ask = async (...events: readonly unknown[]) => callAgent((await serve(sse(...events))).endpoint, invocations());

const created = { type: 'response.created', response: { id: 'resp_1', status: 'in_progress', output: [] } };
const completed = (...output: unknown[]) => ({
  type: 'response.completed',
  response: {
    id: 'resp_1',
    status: 'completed',
    output,
    usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7 },
  },
});
const text = (value: string) => ({ type: 'output_text', text: value });
const message = (...content: unknown[]) => ({ type: 'message', id: 'msg_1', role: 'assistant', content });
const delta = (value: string, output_index = 0, content_index = 0) => ({
  type: 'response.output_text.delta',
  item_id: `msg_${output_index}`,
  output_index,
  content_index,
  delta: value,
});
const chunk = (fields: object, finish_reason: string | null = null) => ({
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: fields, finish_reason }],
});

const dialects: readonly (readonly [string, readonly unknown[], string])[] = [
  ['deltas of a response, and its end', [created, delta('H'), delta('i'), completed(message(text('Hi')))], 'Hi'],
  ['deltas of a response whose end is empty', [created, delta('H'), delta('i'), completed()], 'Hi'],
  ['the end of a response only', [created, completed(message(text('Hi')))], 'Hi'],
  [
    'a text that is done, without deltas',
    [created, { type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'Hi' }, completed()],
    'Hi',
  ],
  [
    'all that repeats a text, once',
    [
      created,
      delta('Hi'),
      { type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'Hi' },
      { type: 'response.content_part.done', output_index: 0, content_index: 0, part: text('Hi') },
      { type: 'response.output_item.done', output_index: 0, item: message(text('Hi')) },
      completed(),
    ],
    'Hi',
  ],
  [
    'an item that is done',
    [created, { type: 'response.output_item.done', output_index: 0, item: message(text('Hi')) }, completed()],
    'Hi',
  ],
  [
    'one message in deltas and one that is done',
    [
      created,
      delta('One.'),
      { type: 'response.output_item.done', output_index: 1, item: message(text('Two.')) },
      completed(),
    ],
    'One.\nTwo.',
  ],
  ['two messages in deltas', [created, delta('One.'), delta('Two.', 1), completed()], 'One.\nTwo.'],
  ['two parts of a message in deltas', [created, delta('One. '), delta('Two.', 0, 1), completed()], 'One. Two.'],
  [
    'deltas whose item has another id in each event',
    [created, { ...delta('H'), item_id: 'a' }, { ...delta('i'), item_id: 'b' }, completed()],
    'Hi',
  ],
  [
    'a refusal of a response',
    [created, { type: 'response.refusal.delta', output_index: 0, delta: 'I cannot.' }, completed()],
    'I cannot.',
  ],
  [
    'a refusal that is done',
    [created, { type: 'response.refusal.done', output_index: 0, refusal: 'I cannot.' }, completed()],
    'I cannot.',
  ],
  [
    'a response that names its events only',
    [
      named('response.created', { response: {} }),
      named('response.output_text.delta', { delta: 'Hi' }),
      'data: [DONE]\n\n',
    ],
    'Hi',
  ],
  ['what an SDK passes on raw', [{ type: 'raw_response_event', data: delta('Hi') }], 'Hi'],
  [
    'a citation mark over three deltas',
    [created, delta('It rains【4:'), delta('0†sour'), delta('ce】.'), completed()],
    'It rains.',
  ],
  [
    'chunks of a chat completion',
    [
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'H' }),
      chunk({ content: 'i' }),
      chunk({}, 'stop'),
      'data: [DONE]\n\n',
    ],
    'Hi',
  ],
  [
    'chunks with thoughts',
    [chunk({ role: 'assistant', reasoning_content: 'Hm.' }), chunk({ content: 'Hi' }), chunk({}, 'stop')],
    'Hi',
  ],
  ['chunks in parts', [chunk({ content: [{ type: 'text', text: 'Hi' }] }), chunk({}, 'stop')], 'Hi'],
  [
    'a refusal in chunks',
    [chunk({ role: 'assistant', content: null, refusal: 'I cannot.' }), chunk({}, 'stop')],
    'I cannot.',
  ],
  [
    'chunks, and what comes behind their end',
    [chunk({ content: 'Hi' }), chunk({}, 'stop'), { object: 'chat.completion.chunk', choices: [], usage: {} }],
    'Hi',
  ],
  [
    'Anthropic',
    [
      named('message_start', { type: 'message_start', message: { role: 'assistant', content: [] } }),
      named('content_block_start', {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'thinking', thinking: '' },
      }),
      named('content_block_delta', {
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'thinking_delta', thinking: 'Hm.' },
      }),
      named('content_block_start', {
        type: 'content_block_start',
        index: 1,
        content_block: { type: 'text', text: '' },
      }),
      named('content_block_delta', { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'H' } }),
      named('ping', { type: 'ping' }),
      named('content_block_delta', { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'i' } }),
      named('content_block_delta', {
        type: 'content_block_delta',
        index: 2,
        delta: { type: 'input_json_delta', partial_json: '{"text":' },
      }),
      named('message_delta', { type: 'message_delta', delta: { stop_reason: 'end_turn' } }),
      named('message_stop', { type: 'message_stop' }),
    ],
    'Hi',
  ],
  [
    'AG-UI',
    [
      { type: 'RUN_STARTED', threadId: 't', runId: 'r' },
      { type: 'STEP_STARTED', stepName: 'text' },
      { type: 'TEXT_MESSAGE_START', messageId: 'm1', role: 'assistant' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'One.' },
      { type: 'TEXT_MESSAGE_END', messageId: 'm1' },
      { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'search' },
      { type: 'TOOL_CALL_ARGS', toolCallId: 'c', delta: '{"q":' },
      { type: 'TOOL_CALL_RESULT', toolCallId: 'c', content: 'raw' },
      { type: 'STATE_SNAPSHOT', snapshot: { text: 'state' } },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm2', delta: 'Two.' },
      { type: 'CUSTOM', name: 'x', value: 'y' },
      { type: 'RUN_FINISHED', threadId: 't', runId: 'r' },
    ],
    'One.\nTwo.',
  ],
  [
    'AG-UI that tells its messages at once',
    [
      { type: 'RUN_STARTED' },
      {
        type: 'MESSAGES_SNAPSHOT',
        messages: [
          { role: 'user', content: 'Question' },
          { role: 'assistant', content: 'Hi' },
        ],
      },
      { type: 'RUN_FINISHED' },
    ],
    'Hi',
  ],
  [
    'the AI SDK',
    [
      { type: 'start', messageId: 'm' },
      { type: 'start-step' },
      { type: 'reasoning-delta', id: 'r', delta: 'Hm.' },
      { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{' },
      { type: 'tool-input-available', toolCallId: 'c', toolName: 'search', input: {} },
      { type: 'tool-output-available', toolCallId: 'c', output: { text: 'raw' } },
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'H' },
      { type: 'text-delta', id: 't', delta: 'i' },
      { type: 'data-weather', data: { text: 'raw' } },
      { type: 'finish' },
      'data: [DONE]\n\n',
    ],
    'Hi',
  ],
  [
    'the Assistants API',
    [
      named('thread.run.created', { id: 'run_1', status: 'queued' }),
      named('thread.message.delta', { id: 'msg_1', delta: { content: [{ type: 'text', text: { value: 'H' } }] } }),
      named('thread.message.delta', { id: 'msg_1', delta: { content: [{ type: 'text', text: { value: 'i' } }] } }),
      named('thread.message.completed', {
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'text', text: { value: 'Hi' } }],
      }),
      named('thread.run.completed', { id: 'run_1', status: 'completed' }),
      'event: done\ndata: [DONE]\n\n',
    ],
    'Hi',
  ],
  [
    'LangGraph, its state',
    [
      named('metadata', { run_id: 'x' }),
      named('values', { messages: [{ type: 'human', content: 'Q' }] }),
      named('values', {
        messages: [
          { type: 'human', content: 'Q' },
          { type: 'ai', content: 'Hi' },
        ],
      }),
    ],
    'Hi',
  ],
  [
    'LangGraph, its tokens',
    [
      named('messages', [{ type: 'AIMessageChunk', id: 'm', content: 'H' }, { langgraph_node: 'agent' }]),
      named('messages', [{ type: 'AIMessageChunk', id: 'm', content: 'i' }, { langgraph_node: 'agent' }]),
      named('messages', [{ type: 'tool', id: 't', content: 'raw' }, { langgraph_node: 'tools' }]),
    ],
    'Hi',
  ],
  [
    'LangGraph, its messages',
    [
      named('messages/metadata', { m: {} }),
      named('messages/partial', [{ type: 'ai', id: 'm', content: 'H' }]),
      named('messages/partial', [{ type: 'ai', id: 'm', content: 'Hi' }]),
    ],
    'Hi',
  ],
  [
    'LangGraph, its updates',
    [
      named('updates', { agent: { messages: [{ type: 'ai', id: 'm', content: 'Hi' }] } }),
      named('updates', { tools: { messages: [] } }),
    ],
    'Hi',
  ],
  [
    'events of LangChain',
    [
      { event: 'on_chat_model_stream', data: { chunk: { content: 'Hi' } } },
      { event: 'on_chain_stream', data: { chunk: { content: 'Hi' } } },
    ],
    'Hi',
  ],
  [
    'A2A',
    [
      { jsonrpc: '2.0', id: 1, result: { kind: 'task', status: { state: 'submitted' } } },
      {
        jsonrpc: '2.0',
        id: 1,
        result: {
          kind: 'status-update',
          status: { state: 'working', message: { parts: [{ kind: 'text', text: 'Searching' }] } },
        },
      },
      {
        jsonrpc: '2.0',
        id: 1,
        result: { kind: 'artifact-update', artifact: { artifactId: 'a', parts: [{ kind: 'text', text: 'H' }] } },
      },
      {
        jsonrpc: '2.0',
        id: 1,
        result: {
          kind: 'artifact-update',
          append: true,
          artifact: { artifactId: 'a', parts: [{ kind: 'text', text: 'i' }] },
        },
      },
      { jsonrpc: '2.0', id: 1, result: { kind: 'status-update', status: { state: 'completed' }, final: true } },
    ],
    'Hi',
  ],
  [
    'Gemini',
    [
      { candidates: [{ content: { parts: [{ text: 'H' }] } }] },
      { candidates: [{ content: { parts: [{ text: 'i' }] }, finishReason: 'STOP' }] },
    ],
    'Hi',
  ],
  [
    "Gemini's development kit",
    [
      { invocationId: 'i', partial: true, content: { role: 'model', parts: [{ text: 'H' }] } },
      { invocationId: 'i', partial: true, content: { role: 'model', parts: [{ text: 'i' }] } },
      { invocationId: 'i', partial: false, content: { role: 'model', parts: [{ text: 'Hi' }] } },
      { invocationId: 'i', content: { role: 'model', parts: [{ text: 'there' }] } },
    ],
    'Hi\nthere',
  ],
  [
    'activities of a bot',
    [
      { type: 'typing', from: { role: 'bot' }, text: 'H' },
      { type: 'message', from: { role: 'bot' }, text: 'Hi' },
      { type: 'message', from: { role: 'bot' }, text: 'there' },
    ],
    'Hi\nthere',
  ],
  [
    'an app of events',
    [
      { event: 'message', answer: 'H' },
      { event: 'agent_thought', thought: 'Hm.', answer: 'x' },
      { event: 'message', answer: 'i' },
      { event: 'message_end', metadata: {} },
    ],
    'Hi',
  ],
  [
    'an end that tells it all again',
    [
      { type: 'token', content: 'H' },
      { type: 'token', content: 'i' },
      { type: 'done', full_text: 'Hi' },
    ],
    'Hi',
  ],
  [
    'an end that tells it first',
    [
      { type: 'status', message: 'Working' },
      { type: 'result', content: 'Hi' },
    ],
    'Hi',
  ],
  [
    'deltas, and an end that tells it all again',
    [
      named('message.delta', { type: 'message.delta', delta: 'Hi' }),
      named('invocation.completed', { type: 'invocation.completed', status: 'completed', message: 'Hi' }),
      'data: [DONE]\n\n',
    ],
    'Hi',
  ],
  ...['content', 'message', 'answer', 'response', 'result'].map((name): [string, unknown[], string] => [
    `the field ${name}`,
    [{ [name]: 'H' }, { [name]: 'i' }],
    'Hi',
  ]),
  [
    'chunks that repeat all that was said',
    [
      { choices: [{ message: { content: 'H' }, delta: { content: 'H' } }] },
      { choices: [{ message: { content: 'Hi' }, delta: { content: 'i' }, finish_reason: 'stop' }] },
    ],
    'Hi',
  ],
  [
    'tokens of a model server',
    [
      { token: { id: 1, text: 'H' } },
      { token: { id: 2, text: 'i' } },
      { token: { text: '</s>', special: true }, generated_text: 'Hi' },
    ],
    'Hi',
  ],
  [
    'whole messages',
    [
      { type: 'message', role: 'assistant', content: 'One.' },
      { type: 'message', role: 'assistant', content: [text('Two.')] },
    ],
    'One.\nTwo.',
  ],
  ['thoughts in its tokens', [{ token: '<think>Hm' }, { token: '.</think>' }, { token: '\n\nHi' }], 'Hi'],
  ['a delta that is an object', [{ delta: { content: 'Hi' } }], 'Hi'],
  [
    'thoughts by the name of their event',
    [named('thinking', 'Hm.'), named('tool_call', { text: 'x' }), { text: 'Hi' }],
    'Hi',
  ],
  [
    'nothing of null, of lists and of numbers in JSON',
    ['data: null\n\n', 'data: [{"op":"add"}]\n\n', { value: 7 }, { text: 'Hi' }],
    'Hi',
  ],
  ['half an event at its end', [{ text: 'Hi' }, 'data: {"text":" the'], 'Hi'],
  ['a whole event at its end that lacks its empty line', [{ text: 'H' }, 'data: {"text":"i"}\n'], 'Hi'],
];

describe('what a stream says', () => {
  test.each(dialects)('%s', async (_what, events, outputText) => {
    expect(await ask(...events)).toMatchObject({ kind: 'completed', answer: { outputText } });
  });

  test.each([
    [
      'only thoughts',
      [created, completed({ type: 'reasoning', summary: [] })],
      'The agent said nothing: its answer holds only reasoning',
    ],
    ['only events of the framework', [{ type: 'RUN_STARTED' }, { type: 'RUN_FINISHED' }], 'The agent said nothing'],
    ['lists of events', ['data: [{"type":"x"}]\n\n'], 'The agent said nothing'],
    [
      'a filter',
      [chunk({ role: 'assistant', content: '' }), chunk({}, 'content_filter')],
      'The agent said nothing: its text was filtered (content_filter)',
    ],
  ])('is noted to be nothing: %s', async (_what, events, outputNote) => {
    const outcome = await ask(...events);
    expect(outcome).toMatchObject({ kind: 'completed', answer: { outputNote } });
    expect(outcome).not.toHaveProperty('answer.outputText');
  });

  test.each([
    ['a response', [created, completed()], { inputTokens: 3, outputTokens: 4, totalTokens: 7 }],
    [
      'the last chunk',
      [
        chunk({ content: 'Hi' }, 'stop'),
        { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } },
      ],
      { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
    ],
    [
      'Anthropic',
      [
        { type: 'message_start', message: { usage: { input_tokens: 3, output_tokens: 1 } } },
        { type: 'message_delta', usage: { output_tokens: 4 } },
        { type: 'message_stop' },
      ],
      { inputTokens: 3, outputTokens: 4 },
    ],
  ])('brings the tokens of %s', async (_who, events, usage) => {
    expect(await ask(...events)).toMatchObject({ answer: { usage } });
  });

  test('is a response where a Responses agent streams one, at the start and in a poll', async () => {
    const { endpoint } = await serve(sse(created, delta('Hi'), completed(message(text('Hi')))));
    const answer = { responseId: 'resp_1', outputText: 'Hi', usage: { totalTokens: 7 } };
    expect(await callAgent(endpoint, responses())).toMatchObject({ kind: 'completed', answer });
    const work = { action: responses(), ids: { responseId: 'resp_1' } };
    expect(await pollAgent(endpoint, work)).toMatchObject({ kind: 'completed', answer });
  });
});

describe('a stream that ends before its end', () => {
  const begun = { type: 'text-start', id: 't' };
  const cut: readonly (readonly [string, readonly unknown[], string])[] = [
    ['a response', [created, delta('Hel')], 'response.completed'],
    [
      'a response that is queued',
      [{ type: 'response.queued', response: { id: 'r', status: 'queued' } }],
      'response.completed',
    ],
    [
      'a response behind an item',
      [{ type: 'response.output_item.done', output_index: 0, item: message(text('Hi')) }],
      'response.completed',
    ],
    [
      'a response in the middle of its end',
      [created, delta('Hel'), 'data: {"type":"response.completed","response":{"id'],
      'response.completed',
    ],
    ['the second of two responses', [created, completed(), created, delta('Hel')], 'response.completed'],
    [
      'AG-UI',
      [{ type: 'RUN_STARTED' }, { type: 'TEXT_MESSAGE_CONTENT', delta: 'Hel' }, { type: 'TEXT_MESSAGE_END' }],
      'RUN_FINISHED',
    ],
    ['chunks', [chunk({ role: 'assistant', content: '' }), chunk({ content: 'Hel' })], '[DONE]'],
    [
      'Anthropic',
      [
        { type: 'message_start', message: {} },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
      ],
      'message_stop',
    ],
    [
      'the AI SDK',
      [{ type: 'start' }, begun, { type: 'text-delta', id: 't', delta: 'Hel' }, { type: 'finish-step' }],
      'finish',
    ],
    [
      'the Assistants API',
      [named('thread.run.created', { status: 'queued' }), named('thread.run.step.completed', { status: 'completed' })],
      'thread.run.completed',
    ],
    ['A2A', [{ result: { kind: 'status-update', status: { state: 'working' }, final: false } }], 'a final status'],
  ];

  test.each(cut)('is a broken connection: %s', async (_what, events, end) => {
    const { endpoint } = await serve(sse(...events));
    const message = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+: The event stream ended before its last event, /);
    const error = { type: 'connection_error', message };
    const outcome = await callAgent(endpoint, invocations());
    expect(outcome).toMatchObject({ kind: 'retryable', error });
    expect(outcome).toHaveProperty(
      'error.message',
      expect.stringMatching(new RegExp(`${end.replaceAll(/[[\]]/g, '.')}$`)),
    );
    // A poll asks again.
    const work = { action: invocations(), ids: { invocationId: 'inv_1' } };
    expect(await pollAgent(endpoint, work)).toMatchObject({ kind: 'unknown', error });
  });

  test.each(['queued', 'in_progress', 'running', 'InProgress'])(
    'is a broken connection where its last status is %s',
    async (status) => {
      const { endpoint } = await serve(sse({ text: 'Hel' }, { status }));
      expect(await callAgent(endpoint, invocations())).toMatchObject({
        kind: 'retryable',
        error: { type: 'connection_error' },
      });
      const work = { action: invocations(), ids: { invocationId: 'inv_1' } };
      expect(await pollAgent(endpoint, work)).toEqual({ kind: 'running' });
    },
  );

  test.each([
    ['a response, by its mark', [created, delta('Hi'), 'data: [DONE]\n\n']],
    ['a mark that lacks its empty line', [created, delta('Hi'), 'data: [DONE]']],
    [
      'an end that lacks its empty line',
      [created, delta('Hi'), 'data: {"type":"response.completed","response":{"status":"completed"}}'],
    ],
    ['a last status', [{ status: 'in_progress' }, { text: 'Hi' }, { status: 'completed' }]],
    ['no dialect', [{ text: 'Hi' }]],
    ['texts', ['data: Hi\n\n']],
    ['deltas that another dialect borrows', [{ type: 'response.output_text.delta', delta: 'Hi' }]],
    ['an aborted chunk behind the end', [chunk({ content: 'Hi' }, 'length')]],
  ])('is another than one that ends by %s', async (_what, events) => {
    expect(await ask(...events)).toMatchObject({ kind: 'completed', answer: { outputText: 'Hi' } });
  });

  test.each([
    [
      'response.failed',
      { response: { error: { code: 'server_error', message: 'It broke' } } },
      'server_error',
      /^It broke$/,
    ],
    ['response.failed', { response: { id: 'r' } }, 'agent_error', /status is failed$/],
    [
      'response.incomplete',
      { response: { incomplete_details: { reason: 'max_output_tokens' } } },
      'agent_error',
      /status is incomplete: max_output_tokens$/,
    ],
    ['response.incomplete', {}, 'agent_error', /status is incomplete$/],
    ['response.cancelled', { response: {} }, 'agent_error', /status is cancelled$/],
    ['error', { code: 'rate_limit', message: 'Later' }, 'rate_limit', /^Later$/],
  ])('is a failure by %s, with what was said', async (type, fields, errorType, message) => {
    const { endpoint } = await serve(sse(created, delta('Hel'), { type, ...fields }));
    for (const action of [invocations(), responses()]) {
      expect(await callAgent(endpoint, action)).toMatchObject({
        kind: 'terminal',
        error: { statusCode: 200, type: errorType, message: expect.stringMatching(message) },
        answer: { outputText: 'Hel' },
      });
    }
  });

  test.each([
    ['the AI SDK', [begun, { type: 'error', errorText: 'It broke' }], 'It broke'],
    ['the AI SDK, aborted', [begun, { type: 'abort' }], 'The stream says that its work was aborted'],
    [
      'the Assistants API',
      [named('thread.run.failed', { status: 'failed', last_error: { code: 'x', message: 'It broke' } })],
      'It broke',
    ],
    [
      'A2A',
      [{ result: { kind: 'status-update', final: true, status: { state: 'failed' } } }],
      'The stream says that its status is failed',
    ],
  ])('is a failure, of %s', async (_who, events, message) => {
    expect(await ask(...events)).toMatchObject({ kind: 'terminal', error: { message } });
  });
});

describe('a stream that waits for a person or a client', () => {
  const call = { id: 'c', index: 0, type: 'function', function: { name: 'pay', arguments: '' } };
  const start = { type: 'RUN_STARTED' };
  const tool = { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'pay' };

  test.each([
    [
      'chunks',
      [
        chunk({ role: 'assistant', content: null, tool_calls: [call] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }),
        chunk({}, 'tool_calls'),
      ],
      /tool_calls for the tool "pay"/,
    ],
    [
      'Anthropic',
      [
        { type: 'message_start', message: {} },
        { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 't', name: 'pay' } },
        { type: 'message_stop' },
      ],
      /tool_use for the tool "pay"/,
    ],
    [
      'AG-UI, by a tool of the page',
      [start, tool, { type: 'TOOL_CALL_END', toolCallId: 'c' }, { type: 'RUN_FINISHED' }],
      /"pay"/,
    ],
    [
      'AG-UI, by an interrupt',
      [start, { type: 'RUN_FINISHED', outcome: { type: 'interrupt', interrupts: [{ id: 'i', reason: 'tool_call' }] } }],
      /RUN_FINISHED with an interrupt/,
    ],
    [
      'AG-UI, by the interrupt of its draft',
      [start, { type: 'RUN_FINISHED', outcome: 'interrupt', interrupt: { reason: 'x' } }],
      /RUN_FINISHED with an interrupt/,
    ],
    [
      'the AI SDK, by a tool of the page',
      [{ type: 'start-step' }, { type: 'tool-input-available', toolCallId: 'c', toolName: 'pay' }, { type: 'finish' }],
      /tool-input-available for the tool "pay"/,
    ],
    [
      'the AI SDK, by an approval',
      [{ type: 'start-step' }, { type: 'tool-approval-request', approvalId: 'a', toolCallId: 'c' }, { type: 'finish' }],
      /tool-approval-request/,
    ],
    [
      'the Assistants API',
      [
        named('thread.run.requires_action', {
          status: 'requires_action',
          required_action: { submit_tool_outputs: { tool_calls: [call] } },
        }),
      ],
      /requires_action for the tool "pay"/,
    ],
    [
      'an event that is named after its question',
      [named('approval_required', { id: 'a', tool_name: 'pay' })],
      /approval_required for the tool "pay"/,
    ],
    [
      'AG-UI, by an event of its own',
      [start, { type: 'CUSTOM', name: 'on_interrupt', value: 'Sure?' }, { type: 'RUN_FINISHED' }],
      /: on_interrupt$/,
    ],
    ['an interrupt', [named('interrupt', { value: 'Sure?' })], /: interrupt$/],
    ['LangGraph', [named('updates', { __interrupt__: [{ value: 'Sure?' }] })], /__interrupt__/],
    [
      'A2A',
      [{ result: { kind: 'status-update', final: true, status: { state: 'input-required' } } }],
      /input-required/,
    ],
    ['a last status', [{ status: 'in_progress' }, { status: 'requires_action' }], /status requires_action/],
    [
      'a response',
      [created, { type: 'response.completed', response: { status: 'requires_action' } }],
      /status requires_action/,
    ],
    [
      'a response that consent stopped',
      [
        created,
        {
          type: 'response.output_item.done',
          item: { type: 'oauth_consent_request', consent_link: 'https://c.example/' },
        },
        { type: 'response.incomplete', response: { status: 'incomplete' } },
      ],
      /consent is given at https:\/\/c\.example\/$/i,
    ],
  ])('is no success: %s', async (_what, events, message) => {
    expect(await ask(...events)).toMatchObject({
      kind: 'terminal',
      error: { statusCode: 200, type: 'requires_action', message: expect.stringMatching(message) },
    });
  });

  test.each([
    [
      'AG-UI that shows no results of its tools',
      [start, tool, { type: 'TEXT_MESSAGE_CONTENT', delta: 'Hi' }, { type: 'RUN_FINISHED' }],
    ],
    [
      'AG-UI that shows them',
      [
        start,
        { type: 'TEXT_MESSAGE_CONTENT', delta: 'Hi' },
        tool,
        { type: 'TOOL_CALL_RESULT', toolCallId: 'c' },
        { type: 'RUN_FINISHED' },
      ],
    ],
    [
      'the AI SDK, where the provider ran it',
      [
        { type: 'text-delta', id: 't', delta: 'Hi' },
        { type: 'tool-input-available', providerExecuted: true },
        { type: 'finish' },
      ],
    ],
    [
      'chunks of an agent that calls its own tools',
      [chunk({ tool_calls: [call] }, 'tool_calls'), chunk({ content: 'Hi' }), chunk({}, 'stop')],
    ],
    ['a status that went on', [{ status: 'awaiting_approval' }, { text: 'Hi' }, { status: 'completed' }]],
    [
      'a call that was answered',
      [
        created,
        { type: 'response.output_item.done', output_index: 0, item: { type: 'function_call', call_id: 'c' } },
        { type: 'response.output_item.done', output_index: 1, item: { type: 'function_call_output', call_id: 'c' } },
        delta('Hi', 2),
        completed(),
      ],
    ],
  ])('is another than %s', async (_what, events) => {
    expect(await ask(...events)).toMatchObject({ kind: 'completed', answer: { outputText: 'Hi' } });
  });
});
