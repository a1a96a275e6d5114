import {
  type Answer,
  accepting,
  events,
  failed,
  finished,
  invocations,
  json,
  type MatrixRow,
  responses,
  retried,
  stream,
  text,
  threads,
} from './matrix-row.ts';

const part = (value: string) => ({ type: 'output_text', text: value });
const message = (...content: unknown[]) => ({ type: 'message', role: 'assistant', content });
const response = (output: unknown, fields: object = {}): Answer =>
  json({ id: 'work', object: 'response', status: 'completed', output, ...fields });
const waits = failed('requires_action');

const approval = { type: 'mcp_approval_request', id: 'a', name: 'delete', server_label: 'files' };
const consent = { type: 'oauth_consent_request', id: 'o', consent_link: 'https://consent.example/' };
const call = { type: 'function_call', call_id: 'c', name: 'pay', arguments: '{}' };
const called = { type: 'function_call_output', call_id: 'c', output: 'paid' };
const toolCalls = [{ id: 'c', type: 'function', function: { name: 'pay', arguments: '{}' } }];

/** What waits for a person, or for the program that called. */
const waitingRows: readonly MatrixRow[] = [
  ...[
    approval,
    consent,
    call,
    { type: 'custom_tool_call', call_id: 'c' },
    { type: 'computer_call', call_id: 'c' },
    { type: 'local_shell_call', call_id: 'c' },
    { type: 'shell_call', call_id: 'c' },
    { type: 'apply_patch_call', call_id: 'c' },
  ].map((item) => ({
    outcome: `answers 200, completed, with an open \`${item.type}\``,
    protocols: accepting,
    start: response([message(part('Wait.')), item]),
    ...waits,
    output: 'Wait.',
  })),
  {
    outcome: 'answers 200, completed, with a `function_call` and its output',
    protocols: accepting,
    start: response([call, called, message(part('Paid.'))]),
    ...finished,
    output: 'Paid.',
  },
  {
    outcome: 'answers 200, completed, with calls of tools of the service',
    protocols: accepting,
    start: response([
      { type: 'web_search_call', id: 'w' },
      { type: 'azure_function_call', call_id: 'z' },
      message(part('Found.')),
    ]),
    ...finished,
    output: 'Found.',
  },
  {
    outcome: 'answers 200, incomplete, for want of consent',
    protocols: responses,
    start: response([consent], { status: 'incomplete' }),
    ...waits,
  },
  {
    outcome: 'answers 200, `requires_action`',
    protocols: accepting,
    start: response([], { status: 'requires_action' }),
    ...waits,
  },
  { outcome: 'accepts, then asks for approval', protocols: accepting, polls: [response([approval])], ...waits },
  {
    outcome: 'accepts, then `requires_action`',
    protocols: accepting,
    polls: [response([], { status: 'requires_action' })],
    ...waits,
  },
  {
    outcome: 'streams a response that asks for approval',
    protocols: accepting,
    start: events(
      { type: 'response.created', response: { id: 'work' } },
      { type: 'response.output_item.done', output_index: 0, item: approval },
      { type: 'response.completed', response: { id: 'work', status: 'completed' } },
    ),
    ...waits,
  },
  {
    outcome: 'answers 200, a chat completion that calls a tool',
    protocols: accepting,
    start: json({
      id: 'work',
      choices: [{ finish_reason: 'tool_calls', message: { role: 'assistant', content: null, tool_calls: toolCalls } }],
    }),
    ...waits,
  },
  {
    outcome: 'streams AG-UI, to the call of a tool of the page',
    protocols: invocations,
    start: events(
      { type: 'RUN_STARTED' },
      { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'pay' },
      { type: 'RUN_FINISHED' },
    ),
    ...waits,
  },
  {
    outcome: 'streams AG-UI, to an interrupt',
    protocols: invocations,
    start: events(
      { type: 'RUN_STARTED' },
      { type: 'RUN_FINISHED', outcome: { type: 'interrupt', interrupts: [{ id: 'i', reason: 'approval' }] } },
    ),
    ...waits,
  },
  {
    outcome: 'answers 200, the state of a graph that was interrupted',
    protocols: invocations,
    start: json({ messages: [], __interrupt__: [{ value: 'Sure?' }] }),
    ...waits,
  },
  {
    outcome: 'answers 200, a task that needs input (A2A)',
    protocols: invocations,
    start: json({ result: { kind: 'task', status: { state: 'input-required' } } }),
    ...waits,
  },
];

const created = { type: 'response.created', response: { id: 'work', status: 'in_progress' } };
const delta = { type: 'response.output_text.delta', output_index: 0, delta: 'Hel' };
const chunk = (fields: object, finish_reason: string | null = null) => ({
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: fields, finish_reason }],
});
const broken = retried('connection_error');

/** Streams that end before their end. */
const cutRows: readonly MatrixRow[] = [
  { outcome: 'streams a response, without its end', protocols: accepting, start: events(created, delta), ...broken },
  {
    outcome: 'streams a response, to the middle of its end',
    protocols: accepting,
    start: stream(created, delta, 'data: {"type":"response.completed","response":{'),
    ...broken,
  },
  {
    outcome: 'streams a response, to its mark',
    protocols: accepting,
    start: stream(created, delta, 'data: [DONE]\n\n'),
    ...finished,
    output: 'Hel',
  },
  {
    outcome: 'streams a response that failed',
    protocols: accepting,
    start: events(created, delta, { type: 'response.failed', response: { error: { code: 'server_error' } } }),
    ...failed('server_error'),
    output: 'Hel',
  },
  {
    outcome: 'streams a response that is incomplete',
    protocols: accepting,
    start: events(created, delta, { type: 'response.incomplete', response: {} }),
    ...failed('agent_error'),
    output: 'Hel',
  },
  {
    outcome: 'streams AG-UI, without its end',
    protocols: invocations,
    start: events({ type: 'RUN_STARTED' }, { type: 'TEXT_MESSAGE_CONTENT', delta: 'Hel' }),
    ...broken,
  },
  {
    outcome: 'streams chunks of a chat completion, without their end',
    protocols: invocations,
    start: events(chunk({ content: 'Hel' })),
    ...broken,
  },
  {
    outcome: 'streams a message of Anthropic, without its end',
    protocols: invocations,
    start: events({ type: 'message_start', message: {} }),
    ...broken,
  },
  {
    outcome: 'streams the events of the AI SDK, without their end',
    protocols: invocations,
    start: events({ type: 'text-delta', id: 't', delta: 'Hel' }),
    ...broken,
  },
  {
    outcome: 'streams events, the last status in_progress',
    protocols: invocations,
    start: events({ text: 'Hel' }, { status: 'in_progress' }),
    ...broken,
  },
  {
    outcome: 'streams events of no dialect, the last one half',
    protocols: invocations,
    start: stream({ text: 'Hi' }, 'data: {"text":" the'),
    ...finished,
    output: 'Hi',
  },
];

const nothing = 'The agent said nothing';
const thread = (...data: readonly object[]): Answer => json({ object: 'list', data, has_more: false });
const ended = json({ id: 'work', status: 'completed' });

/** What is kept of what agents say. */
const keptRows: readonly MatrixRow[] = [
  {
    outcome: 'refuses to answer, 200',
    protocols: accepting,
    start: response([message({ type: 'refusal', refusal: 'I cannot.' })]),
    ...finished,
    output: 'I cannot.',
  },
  {
    outcome: 'refuses to answer, on its thread',
    protocols: threads,
    polls: [ended],
    messages: thread({ id: 'm', role: 'assistant', content: [{ type: 'refusal', refusal: 'I cannot.' }] }),
    ...finished,
    output: 'I cannot.',
  },
  {
    outcome: 'answers 200, content that is a string',
    protocols: accepting,
    start: response([{ type: 'message', content: 'Hi' }]),
    ...finished,
    output: 'Hi',
  },
  {
    outcome: 'answers 200, two messages with citation marks',
    protocols: accepting,
    start: response([message(part('One【4:0†source】.')), message(part('Two.'))]),
    ...finished,
    output: 'One.\nTwo.',
  },
  {
    outcome: 'answers 200, nothing but thoughts',
    protocols: accepting,
    start: response([{ type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] }]),
    ...finished,
  },
  {
    outcome: 'answers 200, completed, without an output',
    protocols: responses,
    start: response([]),
    ...finished,
    output: nothing,
  },
  {
    outcome: 'answers 200, a chat completion',
    protocols: accepting,
    start: json({ id: 'work', choices: [{ message: { role: 'assistant', content: 'Hi' } }] }),
    ...finished,
    output: 'Hi',
  },
  ...['content', 'message'].map((name) => ({
    outcome: `answers 200, JSON with \`${name}\``,
    protocols: invocations,
    start: json({ [name]: 'Hi' }),
    ...finished,
    output: 'Hi',
  })),
  {
    outcome: 'answers 200, JSON of a form that is not known',
    protocols: invocations,
    start: text('application/json', '{ "rows": [] }'),
    ...finished,
    output: '{ "rows": [] }',
  },
  {
    outcome: 'streams a response whose text stands in its end only',
    protocols: accepting,
    start: events(created, {
      type: 'response.completed',
      response: { id: 'work', status: 'completed', output: [message(part('Hi'))] },
    }),
    ...finished,
    output: 'Hi',
  },
  {
    outcome: 'streams chunks of a chat completion',
    protocols: invocations,
    start: stream(chunk({ content: 'H' }), chunk({ content: 'i' }), chunk({}, 'stop'), 'data: [DONE]\n\n'),
    ...finished,
    output: 'Hi',
  },
  {
    outcome: 'streams deltas of Anthropic',
    protocols: invocations,
    start: events(
      { type: 'message_start', message: {} },
      { type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: 'Hm.' } },
      { type: 'content_block_delta', delta: { type: 'text_delta', text: 'Hi' } },
      { type: 'message_stop' },
    ),
    ...finished,
    output: 'Hi',
  },
  {
    outcome: 'streams null, lists and events without a text',
    protocols: invocations,
    start: stream('data: null\n\n', 'data: [{"op":"add"}]\n\n', { type: 'STATE_DELTA' }),
    ...finished,
    output: nothing,
  },
  {
    outcome: 'accepts, completes, its messages cannot be read',
    protocols: threads,
    polls: [ended],
    messages: json({}, 503),
    ...finished,
    output: 'The messages of the run could not be read: The agent service answered 503',
  },
];

/** What agents say, and what waits for a person. */
export const saidRows: readonly MatrixRow[] = [...waitingRows, ...cutRows, ...keptRows];
