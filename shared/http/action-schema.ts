import { z } from 'zod';
import { type Action, actionTypes } from '../domain/action.ts';
import { isJsonObject } from '../domain/json.ts';
import { expectedType, input, isObjectPayload, only, text } from '../domain/schema/wire-fields.ts';
import { inAnySpelling } from './wire-body.ts';

/** It stands in the path of a URL, where dots alone would name another one, and half a surrogate pair is nothing. */
const pathName = text(1, 256).refine(
  (name) => name !== '.' && name !== '..' && name.isWellFormed(),
  'expected a name of whole characters other than "." and ".."',
);

const agentFields = {
  agent_name: pathName.optional(),
  agent_endpoint_id: pathName.optional(),
  input,
  input_template: only(false),
};
const hasOneAgent = (action: { readonly agent_name?: unknown; readonly agent_endpoint_id?: unknown }): boolean =>
  (action.agent_name === undefined) !== (action.agent_endpoint_id === undefined);
const oneAgent = {
  error: ({ input }: { readonly input?: unknown }) =>
    `found ${isJsonObject(input) && 'agent_name' in input ? 'both' : 'neither'}; expected exactly one of agent_name and agent_endpoint_id`,
  when: isObjectPayload,
};

const actionUnion = z.discriminatedUnion(
  'type',
  [
    z
      .object({ type: z.literal('invoke_agent_responses_api'), ...agentFields, conversation: text(1, 256).optional() })
      .refine(hasOneAgent, oneAgent),
    z
      .object({ type: z.literal('invoke_agent_invocations_api'), ...agentFields, session_id: text(1, 256).optional() })
      .refine(hasOneAgent, oneAgent),
    z.object({
      type: z.literal('invoke_agent_threads_api'),
      agent_id: pathName,
      input,
      input_template: only(false),
      thread_id: pathName.optional(),
    }),
  ],
  { error: expectedType(actionTypes) },
);

export const actionSchema = inAnySpelling(actionUnion, actionUnion.options, {
  agent_name: ['agent_id'],
  conversation: ['conversation_id'],
});

export const toAction = (wire: z.infer<typeof actionSchema>): Action => {
  if (wire.type === 'invoke_agent_threads_api') {
    return { type: wire.type, agentId: wire.agent_id, input: wire.input, threadId: wire.thread_id };
  }
  const shared = { agentName: wire.agent_name, agentEndpointId: wire.agent_endpoint_id, input: wire.input };
  switch (wire.type) {
    case 'invoke_agent_responses_api':
      return { type: wire.type, ...shared, conversation: wire.conversation };
    case 'invoke_agent_invocations_api':
      return { type: wire.type, ...shared, sessionId: wire.session_id };
    default:
      return wire satisfies never;
  }
};
