import * as z from 'zod';
import type { AgentReference } from '../action.ts';
import type { AgentName } from '../agent-name.ts';
import { isJsonObject } from '../json.ts';
import type { StoredFields } from '../schema/stored-fields.ts';
import { isObjectPayload } from '../schema/wire-fields.ts';
import { pathName } from './action-kind.ts';

// What the actions share that call an agent of the project.

export const agentOnWire = { agent_name: pathName.optional(), agent_endpoint_id: pathName.optional() };

/** A refinement of the wire: the condition, and what is said of an action that does not meet it. */
export const namesOneAgent = [
  (action: { readonly agent_name?: unknown; readonly agent_endpoint_id?: unknown }): boolean =>
    (action.agent_name === undefined) !== (action.agent_endpoint_id === undefined),
  {
    error: ({ input }: { readonly input?: unknown }) =>
      `found ${isJsonObject(input) && 'agent_name' in input ? 'both' : 'neither'}; expected exactly one of agent_name and agent_endpoint_id`,
    when: isObjectPayload,
  },
] as const;

export const agentInJson = {
  agentName: z.string().optional(),
  agentEndpointId: z.string().optional(),
} satisfies StoredFields<AgentReference>;

export const agentOf = ({ agentName }: AgentReference): AgentName | null =>
  agentName === undefined ? null : { source: 'project', id: agentName };
