import * as z from 'zod';
import type { InvocationsAction } from '../action.ts';
import { invocationIdFor } from '../begun-id.ts';
import type { NothingLeft } from '../every-field.ts';
import { storedObject } from '../schema/stored-fields.ts';
import { input, only, text } from '../schema/wire-fields.ts';
import type { ActionKind } from './action-kind.ts';
import { agentInJson, agentOf, agentOnWire, namesOneAgent } from './agent-reference.ts';

const wire = z
  .object({
    type: z.literal('invoke_agent_invocations_api'),
    ...agentOnWire,
    input,
    input_template: only(false),
    session_id: text(1, 256).optional(),
  })
  .refine(...namesOneAgent);

export const invocationsAction = {
  wire,
  aliases: { agent_name: ['agent_id'] },
  fromWire: ({ type, agent_name, agent_endpoint_id, input, session_id }) => ({
    type,
    agentName: agent_name,
    agentEndpointId: agent_endpoint_id,
    input,
    sessionId: session_id,
  }),
  toWire: ({ type, agentName, agentEndpointId, input, sessionId, ...rest }) => {
    rest satisfies NothingLeft;
    return { type, agent_name: agentName, agent_endpoint_id: agentEndpointId, input, session_id: sessionId };
  },
  stored: storedObject({
    type: z.literal('invoke_agent_invocations_api'),
    ...agentInJson,
    sessionId: z.string().optional(),
  }),
  agent: agentOf,
  agentPath: 'action.agent_name',
  givenId: (_action, work) => invocationIdFor(work),
  defaultDeadlineSeconds: 600,
  facts: ({ agentEndpointId, sessionId }) => ({
    agentEndpointId,
    conversationId: undefined,
    sessionId,
    threadId: undefined,
  }),
} satisfies ActionKind<InvocationsAction, typeof wire>;
