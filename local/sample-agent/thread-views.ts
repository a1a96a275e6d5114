import type { Assistant } from './thread-assistants.ts';
import type { Message, Thread, ThreadRun } from './threads.ts';

const unix = (instant: Date): number => Math.floor(instant.getTime() / 1000);

export const assistantView = ({ id, name, description }: Assistant) => ({
  id,
  object: 'assistant',
  created_at: 1_767_225_600,
  name,
  description,
  model: 'sample-model',
  instructions: null,
  tools: [],
  tool_resources: {},
  temperature: 1,
  top_p: 1,
  metadata: {},
  response_format: 'auto',
});

/** Each as the classic agent service shows it. */
export const threadView = ({ id, createdAt, metadata }: Thread) => ({
  id,
  object: 'thread',
  created_at: unix(createdAt),
  metadata,
  tool_resources: {},
});

export const messageView = ({ id, createdAt, threadId, role, text, metadata, by }: Message) => ({
  id,
  object: 'thread.message',
  created_at: unix(createdAt),
  thread_id: threadId,
  role,
  content: [{ type: 'text', text: { value: text, annotations: [] } }],
  assistant_id: by?.assistantId ?? null,
  run_id: by?.runId ?? null,
  attachments: [],
  metadata,
});

export const runView = ({ id, createdAt, threadId, assistant, metadata, status, endedAt }: ThreadRun) => {
  const endedAs = (end: string): number | null => (status === end && endedAt ? unix(endedAt) : null);
  const toolCall = { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{}' } };
  return {
    id,
    object: 'thread.run',
    created_at: unix(createdAt),
    thread_id: threadId,
    assistant_id: assistant.id,
    status,
    started_at: status === 'queued' ? null : unix(createdAt),
    expires_at: endedAt ? null : unix(createdAt) + 600,
    cancelled_at: endedAs('cancelled'),
    failed_at: endedAs('failed'),
    completed_at: endedAs('completed'),
    required_action:
      status === 'requires_action'
        ? { type: 'submit_tool_outputs', submit_tool_outputs: { tool_calls: [toolCall] } }
        : null,
    last_error: status === 'failed' ? (assistant.lastError ?? null) : null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_completion_tokens' } : null,
    model: 'sample-model',
    instructions: '',
    tools: [],
    metadata,
    usage: null,
    temperature: 1,
    top_p: 1,
    max_prompt_tokens: null,
    max_completion_tokens: null,
    truncation_strategy: { type: 'auto', last_messages: null },
    tool_choice: 'auto',
    response_format: 'auto',
    parallel_tool_calls: true,
  };
};
