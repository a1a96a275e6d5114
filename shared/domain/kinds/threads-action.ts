import * as z from 'zod';
import type { ThreadsAction } from '../action.ts';
import type { NothingLeft } from '../every-field.ts';
import { storedObject } from '../schema/stored-fields.ts';
import { input, only } from '../schema/wire-fields.ts';
import { type ActionKind, pathName } from './action-kind.ts';

const wire = z.object({
  type: z.literal('invoke_agent_threads_api'),
  agent_id: pathName,
  input,
  input_template: only(false),
  thread_id: pathName.optional(),
});

export const threadsAction = {
  wire,
  aliases: {},
  fromWire: ({ type, agent_id, input, thread_id }) => ({ type, agentId: agent_id, input, threadId: thread_id }),
  toWire: ({ type, agentId, input, threadId, ...rest }) => {
    rest satisfies NothingLeft;
    return { type, agent_id: agentId, input, thread_id: threadId };
  },
  stored: storedObject({
    type: z.literal('invoke_agent_threads_api'),
    agentId: z.string(),
    threadId: z.string().optional(),
  }),
  agent: ({ agentId }) => ({ source: 'assistant', id: agentId }),
  agentPath: 'action.agent_id',
  givenId: () => undefined,
  defaultDeadlineSeconds: 600,
  facts: ({ threadId }, ids) => ({
    agentEndpointId: undefined,
    conversationId: undefined,
    sessionId: undefined,
    threadId: ids.threadId ?? threadId,
  }),
} satisfies ActionKind<ThreadsAction, typeof wire>;
