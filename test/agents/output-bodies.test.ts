import { describe, expect, test } from 'vitest';
import { callAgent, invocations, responses, sendJson, serveAgent } from './http-agent.ts';

const answerOf = async (action: Parameters<typeof callAgent>[1], body: unknown, headers = {}) => {
  const agent = await serveAgent((outgoing) =>
    typeof body === 'string' ? outgoing.writeHead(200, headers).end(body) : sendJson(outgoing, body),
  );
  return callAgent(agent.endpoint, action);
};
const parts = (...content: unknown[]) => ({
  output: [{ type: 'message', role: 'assistant', content }],
});
const text = (value: string) => ({ type: 'output_text', text: value, annotations: [] });

/** What a response says: its fields besides id and status, and the output. */
const said: readonly (readonly [string, object, string])[] = [
  ['a refusal', parts({ type: 'refusal', refusal: 'I cannot.' }), 'I cannot.'],
  ['a refusal behind a text', parts(text('No. '), { type: 'refusal', refusal: 'I cannot.' }), 'No. I cannot.'],
  ['a part of type text', parts({ type: 'text', text: 'Hi' }), 'Hi'],
  ['a part whose text is an object', parts({ type: 'text', text: { value: 'Hi', annotations: [] } }), 'Hi'],
  ['a part of type input_text', parts({ type: 'input_text', text: 'Hi' }), 'Hi'],
  ['a part of a type that is not known', parts({ type: 'output_markdown', text: '# Hi' }), '# Hi'],
  ['a part without a type', parts({ text: 'Hi' }), 'Hi'],
  ['the transcript of a sound', parts({ type: 'output_audio', data: 'AAAA', transcript: 'Hi' }), 'Hi'],
  ['parts that are strings', parts('H', 'i'), 'Hi'],
  ['content that is a string', { output: [{ type: 'message', role: 'assistant', content: 'Hi' }] }, 'Hi'],
  ['content that is one part', { output: [{ type: 'message', content: text('Hi') }] }, 'Hi'],
  ['a part in the place of an item', { output: [text('Hi')] }, 'Hi'],
  ['an output that is a string', { output: 'Hi' }, 'Hi'],
  ['output_text beside the output', { output: [], output_text: 'Hi' }, 'Hi'],
  ['a structured output', { output: [{ type: 'structured_outputs', output: { a: 1 } }] }, '{"a":1}'],
  ['two messages', { output: [...parts(text('One.')).output, ...parts(text('Two.')).output] }, 'One.\nTwo.'],
  [
    'a message between thoughts and tools',
    {
      output: [
        {
          type: 'reasoning',
          summary: [{ type: 'summary_text', text: 'Hm.' }],
          content: [{ type: 'reasoning_text', text: 'Hm.' }],
        },
        { type: 'web_search_call', action: { query: 'x' } },
        { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"text":"in"}' },
        { type: 'function_call_output', call_id: 'c', output: [{ type: 'input_text', text: 'out' }] },
        { type: 'mcp_call', output: 'tool said' },
        ...parts(text('Hi')).output,
      ],
    },
    'Hi',
  ],
  [
    'what the user said',
    { output: [{ type: 'message', role: 'user', content: [text('Question')] }, ...parts(text('Hi')).output] },
    'Hi',
  ],
  ['citation marks', parts(text('It rains【4:0†source】 today【13:2†report.pdf】.')), 'It rains today.'],
  [
    'citation marks of another kind',
    parts(text('It rains\ue200cite\ue202turn0search0\ue201 [3:1†source].')),
    'It rains .',
  ],
  [
    'more kinds of citation marks',
    parts(text('a【oaicite:1】b:contentReference[oaicite:0]{index=0}c[doc1]d[^2^]e【1:2】f')),
    'abcdef',
  ],
  ['brackets that are none', parts(text('【重要】 [1] [see †]')), '【重要】 [1] [see †]'],
  [
    'a chat completion',
    { object: 'chat.completion', choices: [{ message: { role: 'assistant', content: 'Hi' } }] },
    'Hi',
  ],
];

describe('what a response says', () => {
  test.each(said)('%s', async (_what, body, outputText) => {
    const whole = { id: 'resp_1', object: 'response', status: 'completed', ...body };
    expect(await answerOf(responses(), whole)).toMatchObject({ kind: expect.any(String), answer: { outputText } });
    expect(await answerOf(invocations(), whole)).toMatchObject({ answer: { outputText } });
  });

  test.each([
    ['an empty output', { output: [] }, 'The agent said nothing'],
    ['no output', {}, 'The agent said nothing'],
    [
      'thoughts',
      { output: [{ type: 'reasoning', summary: [] }] },
      'The agent said nothing: its answer holds only reasoning',
    ],
    [
      'tools',
      { output: [{ type: 'mcp_list_tools', tools: [] }, { type: 'mcp_call' }, { type: 'mcp_call' }] },
      'The agent said nothing: its answer holds only mcp_list_tools, mcp_call',
    ],
    [
      'a filter',
      { output: [], incomplete_details: { reason: 'content_filter' } },
      'The agent said nothing: its text was filtered (content_filter)',
    ],
    ['an empty text', parts(text('')), 'The agent said nothing'],
    ['nothing but a mark', parts(text('【4:0†source】')), 'The agent said nothing'],
    [
      'a picture',
      parts({ type: 'output_image', image_url: 'https://x' }),
      'The agent said nothing: its answer holds only message',
    ],
  ])('is noted to be nothing where it holds %s', async (_what, body, outputNote) => {
    const outcome = await answerOf(responses(), { id: 'resp_1', status: 'completed', ...body });
    expect(outcome).toEqual({ kind: 'completed', statusCode: 200, answer: { responseId: 'resp_1', outputNote } });
  });
});

const ai = (content: unknown) => ({ type: 'ai', content, id: 'm2' });

/** What a body of an agent's own shape says. */
const bodies: readonly (readonly [string, unknown, string])[] = [
  ...['content', 'message', 'answer', 'response', 'result', 'text', 'output', 'output_text', 'reply'].map(
    (name): [string, unknown, string] => [name, { [name]: 'Hi', session: 'x' }, 'Hi'],
  ),
  ['an answer in data', { success: true, data: { answer: 'Hi' } }, 'Hi'],
  ['an answer in its output', { output: { content: 'Hi' } }, 'Hi'],
  ['a response object in response', { response: { output: [{ type: 'message', content: [text('Hi')] }] } }, 'Hi'],
  ['a list of what an automation put out', [{ output: 'Hi' }], 'Hi'],
  ['a chat completion', { choices: [{ message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] }, 'Hi'],
  [
    'a chat completion in parts',
    {
      choices: [
        {
          message: {
            content: [
              { type: 'text', text: 'H' },
              { type: 'text', text: 'i' },
            ],
          },
        },
      ],
    },
    'Hi',
  ],
  ['a refusal of a chat completion', { choices: [{ message: { content: null, refusal: 'I cannot.' } }] }, 'I cannot.'],
  ['an older completion', { choices: [{ text: 'Hi', index: 0 }] }, 'Hi'],
  [
    'a message of Anthropic',
    {
      type: 'message',
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.' },
        { type: 'text', text: 'H' },
        { type: 'text', text: 'i' },
      ],
    },
    'Hi',
  ],
  [
    'an answer of Gemini',
    { candidates: [{ content: { role: 'model', parts: [{ thought: true, text: 'Hm.' }, { text: 'Hi' }] } }] },
    'Hi',
  ],
  [
    'the state of a graph',
    {
      messages: [
        { type: 'human', content: 'Question' },
        ai(''),
        { type: 'tool', content: 'raw' },
        ai('Hi'),
        ai([{ type: 'text', text: 'there' }]),
      ],
    },
    'Hi\nthere',
  ],
  [
    'the state of a graph, as its constructors',
    {
      messages: [
        { lc: 1, type: 'constructor', kwargs: { type: 'human', content: 'Question' } },
        { lc: 1, type: 'constructor', kwargs: { type: 'ai', content: 'Hi' } },
      ],
    },
    'Hi',
  ],
  [
    'messages of the Agent Framework',
    { messages: [{ role: 'assistant', contents: [{ $type: 'text', text: 'Hi' }] }] },
    'Hi',
  ],
  [
    'a message of a page',
    {
      id: 'm',
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'Hi' },
      ],
    },
    'Hi',
  ],
  ['an activity of a bot', { type: 'message', from: { id: 'bot' }, text: 'Hi', attachments: [] }, 'Hi'],
  [
    'activities of a bot',
    { activities: [{ type: 'typing' }, { type: 'message', text: 'Hi' }, { type: 'message', text: 'there' }] },
    'Hi\nthere',
  ],
  [
    'a message of A2A',
    { jsonrpc: '2.0', id: 1, result: { kind: 'message', role: 'agent', parts: [{ kind: 'text', text: 'Hi' }] } },
    'Hi',
  ],
  [
    'a task of A2A',
    {
      jsonrpc: '2.0',
      id: 1,
      result: {
        kind: 'task',
        status: { state: 'completed' },
        artifacts: [{ artifactId: 'a', parts: [{ kind: 'text', text: 'Hi' }] }],
      },
    },
    'Hi',
  ],
  [
    'a task of A2A that says it with its state',
    { result: { status: { state: 'completed', message: { parts: [{ text: 'Hi' }] } } } },
    'Hi',
  ],
  ['a result of MCP', { content: [{ type: 'text', text: 'Hi' }], isError: false }, 'Hi'],
  [
    'a list of events',
    [
      { type: 'RUN_STARTED' },
      { type: 'TEXT_MESSAGE_CONTENT', delta: 'H' },
      { type: 'TEXT_MESSAGE_CONTENT', delta: 'i' },
      { type: 'RUN_FINISHED' },
    ],
    'Hi',
  ],
  ['what nobody understands', '{ "rows": [1, 2] }', '{ "rows": [1, 2] }'],
  ['a list that nobody understands', '["a", "b"]', '["a", "b"]'],
  ['a number', '7', '7'],
  ['an answer in data itself', { data: 'Hi' }, 'Hi'],
  ['what a crew brings', { raw: 'Hi', tasks_output: [], token_usage: {} }, 'Hi'],
  ['what a flow puts out', { outputs: [{ outputs: [{ results: { message: { text: 'Hi' } } }] }] }, 'Hi'],
  [
    'what a model on Bedrock says',
    { output: { message: { role: 'assistant', content: [{ text: 'Hi' }] } }, stopReason: 'end_turn' },
    'Hi',
  ],
  [
    'messages that name their source',
    {
      messages: [
        { source: 'user', type: 'TextMessage', content: 'Q' },
        { source: 'bot', type: 'ThoughtEvent', content: 'Hm.' },
        { source: 'bot', type: 'TextMessage', content: 'Hi' },
      ],
    },
    'Hi',
  ],
  ['an answer beside messages of others only', { messages: [{ role: 'user', content: 'Q' }], output: 'Hi' }, 'Hi'],
  ['a refusal beside no content', { role: 'assistant', content: null, refusal: 'I cannot.' }, 'I cannot.'],
  [
    'lines of a code and a value',
    'f:{"messageId":"m"}\n0:"H"\n0:"i"\ne:{"finishReason":"stop"}\nd:{"finishReason":"stop"}\n',
    'Hi',
  ],
  ['a text with marks', 'It rains【4:0†source】.', 'It rains.'],
];

describe('what a body of an agent of its own make says', () => {
  test.each(bodies)('%s', async (_what, body, outputText) => {
    expect(await answerOf(invocations(), body)).toMatchObject({ kind: 'completed', answer: { outputText } });
  });

  test.each(['<think>Hm.</think>\n\nHi', { content: '<think>Hm.</think>Hi' }])(
    'no thoughts before it: %j',
    async (body) => {
      expect(await answerOf(invocations(), body)).toMatchObject({ answer: { outputText: 'Hi' } });
    },
  );

  test('a stream whose type says that it is text', async () => {
    const stream = ': hello\n\ndata: {"type":"token","content":"H"}\n\ndata: {"type":"token","content":"i"}\n\n';
    const outcome = await answerOf(invocations(), stream, { 'content-type': 'text/plain' });
    expect(outcome).toMatchObject({ kind: 'completed', answer: { outputText: 'Hi' } });
    const cut = 'data: {"type":"RUN_STARTED"}\n\ndata: {"type":"TEXT_MESSAGE_CONTENT","delta":"H"}\n\n';
    expect(await answerOf(invocations(), cut)).toMatchObject({
      kind: 'retryable',
      error: { type: 'connection_error' },
    });
    expect(await answerOf(invocations(), 'data: all is well')).toMatchObject({
      answer: { outputText: 'data: all is well' },
    });
  });

  test('lines of JSON', async () => {
    const lines =
      '{"message":{"role":"assistant","content":"H"},"done":false}\n{"message":{"content":"i"},"done":true}\n';
    const outcome = await answerOf(invocations(), lines, { 'content-type': 'application/x-ndjson' });
    expect(outcome).toMatchObject({ kind: 'completed', answer: { outputText: 'Hi' } });
  });

  test.each([
    ['null', 'null', 'The agent said nothing: its answer is null'],
    ['an empty text in its place', { content: '' }, 'The agent said nothing'],
    ['an empty body', '', 'The agent said nothing'],
    ['a list of events without a text', [{ type: 'RUN_STARTED' }, { type: 'RUN_FINISHED' }], 'The agent said nothing'],
    [
      'a chat completion that was filtered',
      { choices: [{ message: { content: '' }, finish_reason: 'content_filter' }] },
      'The agent said nothing: its text was filtered (content_filter)',
    ],
  ])('is noted to be nothing: %s', async (_what, body, outputNote) => {
    expect(await answerOf(invocations(), body)).toEqual({ kind: 'completed', statusCode: 200, answer: { outputNote } });
  });
});

describe('the tokens that an answer tells of', () => {
  const whole = { inputTokens: 3, outputTokens: 4, totalTokens: 7 };

  test.each([
    [
      'a response',
      { usage: { input_tokens: 3, input_tokens_details: { cached_tokens: 2 }, output_tokens: 4, total_tokens: 7 } },
      whole,
    ],
    ['a chat completion', { usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } }, whole],
    ['Anthropic', { usage: { input_tokens: 3, output_tokens: 4 } }, { inputTokens: 3, outputTokens: 4 }],
    ['Gemini', { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 7 } }, whole],
    ['the AI SDK', { usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 } }, whole],
    [
      'the Agent Framework',
      { usage_details: { input_token_count: 3, output_token_count: 4, total_token_count: 7 } },
      whole,
    ],
    ['what a result wraps', { result: { usage: { total_tokens: 7 } } }, { totalTokens: 7 }],
    [
      'counts among what is none',
      { usage: { input_tokens: -1, output_tokens: 4, total_tokens: 7.5 } },
      { outputTokens: 4 },
    ],
  ])('are kept, of %s', async (_who, fields, usage) => {
    const body = { id: 'r', status: 'completed', output: [], ...fields };
    expect(await answerOf(responses(), body)).toMatchObject({ answer: { usage } });
    expect(await answerOf(invocations(), body)).toMatchObject({ answer: { usage } });
  });

  test.each([null, 'many', [], { input_tokens: null }, { total_tokens: '7' }, { total_tokens: 1e300 }])(
    'are none where it says %j',
    async (usage) => {
      const outcome = await answerOf(responses(), { id: 'r', status: 'completed', usage });
      expect(outcome).not.toHaveProperty('answer.usage');
    },
  );
});
