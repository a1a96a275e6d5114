import * as z from 'zod';
import type { ResponsesAction } from '../action.ts';
import { responseIdFor } from '../begun-id.ts';
import type { NothingLeft } from '../every-field.ts';
import { storedObject } from '../schema/stored-fields.ts';
import { input, only, text } from '../schema/wire-fields.ts';
import type { ActionKind } from './action-kind.ts';
import { agentInJson, agentOf, agentOnWire, namesOneAgent } from './agent-reference.ts';

const wire = z
  .object({
    type: z.literal('invoke_agent_responses_api'),
    ...agentOnWire,
    input,
    input_template: only(false),
    conversation: text(1, 256).optional(),
  })
  .refine(...namesOneAgent);

export const responsesAction = {
  wire,
  aliases: { agent_name: ['agent_id'], conversation: ['conversation_id'] },
  fromWire: ({ type, agent_name, agent_endpoint_id, input, conversation }) => ({
    type,
    agentName: agent_name,
    agentEndpointId: agent_endpoint_id,
    input,
    conversation,
  }),
  toWire: ({ type, agentName, agentEndpointId, input, conversation, ...rest }) => {
    rest satisfies NothingLeft;
    return { type, agent_name: agentName, agent_endpoint_id: agentEndpointId, input, conversation };
  },
  stored: storedObject({
    type: z.literal('invoke_agent_responses_api'),
    ...agentInJson,
    conversation: z.string().optional(),
  }),
  agent: agentOf,
  agentPath: 'action.agent_name',
  givenId: ({ conversation }, work) => responseIdFor(work, conversation),
  defaultDeadlineSeconds: 3600,
  facts: ({ agentEndpointId, conversation }) => ({
    agentEndpointId,
    conversationId: conversation,
    sessionId: undefined,
    threadId: undefined,
  }),
} satisfies ActionKind<ResponsesAction, typeof wire>;
