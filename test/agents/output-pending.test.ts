import { describe, expect, test } from 'vitest';
import { callAgent, invocations, pollAgent, responses, sendJson, serveAgent } from './http-agent.ts';

const message = (text: string) => ({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] });
const done = { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: '{}' };
const doneOutput = { type: 'function_call_output', call_id: 'call_1', output: '7 degrees' };

/** Items that wait, and what the error says of them. */
const waiting: readonly (readonly [string, readonly object[], RegExp])[] = [
  [
    'an approval of a tool of an MCP server',
    [{ type: 'mcp_approval_request', id: 'mcpr_1', name: 'delete_repo', server_label: 'github', arguments: '{}' }],
    /mcp_approval_request for the tool "delete_repo" of "github"$/,
  ],
  [
    'one approval of two',
    [
      { type: 'mcp_approval_request', id: 'mcpr_1', name: 'read', server_label: 's' },
      { type: 'mcp_approval_request', id: 'mcpr_2', name: 'write', server_label: 's' },
      { type: 'mcp_approval_response', approval_request_id: 'mcpr_1', approve: true },
    ],
    /the tool "write"/,
  ],
  [
    'a consent, with its link',
    [
      {
        type: 'oauth_consent_request',
        id: 'o1',
        consent_link: 'https://consent.example/login?data=xyz',
        server_label: 'mail',
      },
    ],
    /oauth_consent_request of "mail"\. Consent is given at https:\/\/consent\.example\/login\?data=xyz$/,
  ],
  [
    'a consent whose link is none for the web',
    [{ type: 'oauth_consent_request', id: 'o1', consent_link: 'javascript:alert(1)' }],
    /: oauth_consent_request$/,
  ],
  [
    'a consent whose link is too long for a message',
    [{ type: 'oauth_consent_request', id: 'o1', consent_link: `https://consent.example/?${'x'.repeat(2000)}` }],
    /: oauth_consent_request$/,
  ],
  ['a call of a function', [done], /function_call for the tool "get_weather"$/],
  ['a call of a function behind what was said', [message('Let me look.'), done], /function_call for/],
  ['a second call of a function', [done, doneOutput, { ...done, call_id: 'call_2', name: 'book' }], /"book"/],
  ['a call without an id', [{ type: 'function_call', name: 'book' }], /"book"/],
  ['a custom tool', [{ type: 'custom_tool_call', call_id: 'c', name: 'sql', input: 'select 1' }], /custom_tool_call/],
  [
    'a click',
    [{ type: 'computer_call', call_id: 'c', status: 'completed', action: { type: 'click' } }],
    /computer_call/,
  ],
  ['a command', [{ type: 'local_shell_call', call_id: 'c', action: { type: 'exec' } }], /local_shell_call/],
  ['a command of the newer tool', [{ type: 'shell_call', call_id: 'c', action: { commands: ['ls'] } }], /shell_call/],
  ['a patch', [{ type: 'apply_patch_call', call_id: 'c', operation: { type: 'create_file' } }], /apply_patch_call/],
  [
    'a search for tools by the client',
    [{ type: 'tool_search_call', execution: 'client', call_id: null }],
    /tool_search_call/,
  ],
  [
    'an approval of a function',
    [{ type: 'function_approval_request', id: 'a', function_call: { name: 'pay' } }],
    /"pay"/,
  ],
  ['a question of a kind that is not known', [{ type: 'step_up_login_request', id: 'q' }], /step_up_login_request/],
  [
    'an item that requires an action',
    [{ type: 'workflow_action', id: 'w', status: 'requires_action' }],
    /workflow_action/,
  ],
  [
    'a request among the parts of a message',
    [{ type: 'message', role: 'assistant', content: [{ type: 'function_approval_request', id: 'a', name: 'pay' }] }],
    /function_approval_request for the tool "pay"/,
  ],
];

const requires = (text: RegExp) => ({
  kind: 'terminal',
  error: { statusCode: 200, type: 'requires_action', message: expect.stringMatching(text) },
});

describe.each(waiting)('an output that waits for %s', (_what, output, text) => {
  const body = { id: 'resp_1', status: 'completed', output };
  const ids = { responseId: 'resp_1', invocationId: 'inv_1' };
  const streamed = [
    { type: 'response.created', response: { id: 'resp_1', status: 'in_progress', output: [] } },
    ...output.map((item, index) => ({ type: 'response.output_item.done', output_index: index, item })),
    { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [] } },
  ];
  const serve = () => serveAgent((outgoing) => sendJson(outgoing, body));

  test.each([
    ['responses', responses()],
    ['invocations', invocations()],
  ])('is no success, whole or polled: %s', async (_which, action) => {
    expect(await callAgent((await serve()).endpoint, action)).toMatchObject(requires(text));
    expect(await pollAgent((await serve()).endpoint, { action, ids })).toMatchObject(requires(text));
  });

  test.each([
    ['in its items', streamed],
    ['in its end', [streamed[0], { type: 'response.completed', response: body }]],
  ])('is no success in a stream, %s', async (_where, events) => {
    const agent = await serveAgent((outgoing) => {
      const sent = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(sent);
    });
    expect(await callAgent(agent.endpoint, invocations())).toMatchObject(requires(text));
    expect(await callAgent(agent.endpoint, responses())).toMatchObject(requires(text));
  });
});

describe('an output that waits', () => {
  const outcomeOf = async (body: object, options = {}) =>
    callAgent((await serveAgent((outgoing) => sendJson(outgoing, body))).endpoint, responses(), options);

  test('keeps what was said before', async () => {
    const output = [message('Let me look.'), done];
    expect(await outcomeOf({ id: 'r', status: 'completed', output })).toMatchObject({
      error: { type: 'requires_action' },
      answer: { outputText: 'Let me look.' },
    });
  });

  test('is completed under the strict rule', async () => {
    const options = { config: { strictFoundryOutcome: true } };
    expect(await outcomeOf({ id: 'r', status: 'completed', output: [done] }, options)).toMatchObject({
      kind: 'completed',
    });
  });

  test.each([
    [
      'consent stopped it',
      { status: 'incomplete', output: [{ type: 'oauth_consent_request', id: 'o' }] },
      'requires_action',
    ],
    [
      'consent stopped it, with a reason of its own',
      {
        status: 'incomplete',
        incomplete_details: { reason: 'Consent is needed' },
        output: [{ type: 'oauth_consent_request', id: 'o' }],
      },
      'requires_action',
    ],
    [
      'its tokens ended within a call',
      { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [done] },
      'agent_error',
    ],
    ['it failed besides', { status: 'failed', error: { code: 'x', message: 'No' }, output: [done] }, 'x'],
    ['its status says so', { status: 'requires_action', output: [] }, 'requires_action'],
  ])('has the error type of what ended it: %s', async (_what, body, type) => {
    expect(await outcomeOf({ id: 'r', ...body })).toMatchObject({ kind: 'terminal', error: { type } });
  });
});

describe('an output that holds only what was answered, or ran where the agent runs, is a success', () => {
  test.each([
    ['a function with its output', [done, doneOutput]],
    ['an output before its call', [doneOutput, done]],
    ['a function with its output inside', [{ ...done, output: '7 degrees' }]],
    [
      'an approval that was given',
      [
        { type: 'mcp_approval_request', id: 'mcpr_1', name: 'read' },
        { type: 'mcp_approval_response', approval_request_id: 'mcpr_1', approve: true },
      ],
    ],
    [
      'an approval whose call was made',
      [
        { type: 'mcp_approval_request', id: 'mcpr_1', name: 'read' },
        { type: 'mcp_call', id: 'mcp_1', approval_request_id: 'mcpr_1', output: '' },
      ],
    ],
    [
      'a custom tool with its output',
      [
        { type: 'custom_tool_call', call_id: 'c' },
        { type: 'custom_tool_call_output', call_id: 'c' },
      ],
    ],
    [
      'a click with its screenshot',
      [
        { type: 'computer_call', call_id: 'c' },
        { type: 'computer_call_output', call_id: 'c' },
      ],
    ],
    [
      'a command with its output',
      [
        { type: 'local_shell_call', call_id: 'c' },
        { type: 'local_shell_call_output', call_id: 'c' },
      ],
    ],
    ['a command in a container', [{ type: 'shell_call', call_id: 'c', environment: { type: 'container_reference' } }]],
    ...[
      'web_search_call',
      'file_search_call',
      'code_interpreter_call',
      'mcp_call',
      'image_generation_call',
      'bing_grounding_call',
      'bing_custom_search_preview_call',
      'azure_ai_search_call',
      'azure_function_call',
      'openapi_call',
      'sharepoint_grounding_preview_call',
      'fabric_dataagent_preview_call',
      'browser_automation_preview_call',
      'memory_search_call',
      'a2a_preview_call',
      'tool_search_call',
    ].map((type): [string, object[]] => [type, [{ type, id: 'x', call_id: 'x', status: 'completed' }]]),
  ])('%s', async (_what, output) => {
    const body = { id: 'r', status: 'completed', output: [...output, message('Done.')] };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, body));
    expect(await callAgent(agent.endpoint, responses())).toMatchObject({
      kind: 'completed',
      answer: { outputText: 'Done.' },
    });
  });
});

describe('a body of an agent of another make', () => {
  const ask = async (body: object) =>
    callAgent((await serveAgent((outgoing) => sendJson(outgoing, body))).endpoint, invocations());
  const calls = [{ id: 'call_1', type: 'function', function: { name: 'pay', arguments: '{}' } }];

  test.each([
    [
      'that requires an action',
      {
        status: 'requires_action',
        required_action: { type: 'submit_tool_outputs', submit_tool_outputs: { tool_calls: calls } },
      },
      /status requires_action for the tool "pay"/,
    ],
    [
      'that calls tools, of chat completions',
      { choices: [{ finish_reason: 'tool_calls', message: { role: 'assistant', content: null, tool_calls: calls } }] },
      /tool_calls for the tool "pay"/,
    ],
    [
      'that calls a function, of older chat completions',
      { choices: [{ finish_reason: 'function_call', message: { content: null, function_call: { name: 'pay' } } }] },
      /"pay"/,
    ],
    [
      'that uses a tool, of Anthropic',
      { type: 'message', stop_reason: 'tool_use', content: [{ type: 'tool_use', id: 't', name: 'pay', input: {} }] },
      /tool_use for the tool "pay"/,
    ],
    [
      'that calls a function, of Gemini',
      { candidates: [{ content: { parts: [{ functionCall: { name: 'pay' } }] } }] },
      /"pay"/,
    ],
    [
      'that was interrupted, of LangGraph',
      { messages: [], __interrupt__: [{ value: 'Sure?', id: 'i' }] },
      /__interrupt__/,
    ],
    [
      'whose last message calls a tool, of LangGraph',
      {
        messages: [
          { type: 'human', content: 'hi' },
          { type: 'ai', content: '', tool_calls: [{ name: 'pay', id: 'c', args: {} }] },
        ],
      },
      /"pay"/,
    ],
    [
      'that needs input, of A2A',
      {
        jsonrpc: '2.0',
        id: 1,
        result: {
          kind: 'task',
          status: { state: 'input-required', message: { parts: [{ kind: 'text', text: 'Which?' }] } },
        },
      },
      /input-required/,
    ],
    [
      'that needs input, of A2A 1.0',
      { result: { task: { status: { state: 'TASK_STATE_INPUT_REQUIRED' } } } },
      /TASK_STATE_INPUT_REQUIRED/,
    ],
    [
      'that was interrupted, of the Agents SDK',
      { interruptions: [{ type: 'tool_approval_item', name: 'pay' }] },
      /interruptions/,
    ],
    ['that waits for approval', { status: 'awaiting_approval', message: 'Please approve' }, /awaiting_approval/],
    [
      'that asks its user, of the Agent Framework',
      {
        messages: [
          {
            role: 'assistant',
            contents: [{ type: 'function_approval_request', id: 'a', function_call: { name: 'pay' } }],
          },
        ],
      },
      /function_approval_request for the tool "pay"/,
    ],
    [
      'that holds an approval in an envelope of its own',
      { ok: true, payload: { events: [{ type: 'mcp_approval_request', id: 'a', name: 'pay' }] } },
      /mcp_approval_request for the tool "pay"/,
    ],
    [
      'that requires an action somewhere',
      { session: { run: { status: 'requires_action' } } },
      /status requires_action/,
    ],
    [
      'that asks for consent beside its text',
      { content: 'Please log in', actions: [{ type: 'oauth_consent_request', consent_link: 'https://c.example/' }] },
      /oauth_consent_request\. Consent is given at https:\/\/c\.example\/$/,
    ],
  ])('%s is no success', async (_what, body, text) => {
    expect(await ask(body)).toMatchObject(requires(text));
  });

  test.each([
    [
      'whose tools were answered',
      {
        messages: [
          { type: 'ai', content: '', tool_calls: [{ name: 'pay', id: 'c' }] },
          { type: 'tool', tool_call_id: 'c', content: 'ok' },
          { type: 'ai', content: 'Paid.' },
        ],
      },
      'Paid.',
    ],
    [
      'that writes of a request',
      { type: 'pull_request', title: 'x', content: 'See the pull request.' },
      'See the pull request.',
    ],
    [
      'that writes of a status',
      { output: { text: 'The account is suspended.', status: 'suspended' } },
      'The account is suspended.',
    ],
  ])('%s is a success', async (_what, body, outputText) => {
    expect(await ask(body)).toMatchObject({ kind: 'completed', answer: { outputText } });
  });
});
