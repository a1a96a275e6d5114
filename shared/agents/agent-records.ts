import * as z from 'zod';
import type { ListedAgent } from '../app/ports/agent-directory.ts';
import { parseJsonText } from '../domain/json.ts';
import { itemList } from './item-list.ts';

/** An answer of the agent service may hold anything: what is no text of a sensible length is left out. */
const text = (maxLength: number) => z.string().min(1).max(maxLength);
const maybe = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
const maxProtocols = 20;

const definition = z.object({ kind: maybe(text(64)), model: maybe(text(256)) });

const projectAgent = z
  .object({
    id: maybe(text(256)),
    name: text(256),
    versions: maybe(z.object({ latest: z.object({ definition }) })),
    instance_identity: maybe(z.object({ principal_id: maybe(text(256)), client_id: maybe(text(256)) })),
    agent_endpoint: maybe(z.object({ protocols: itemList(text(64)) })),
  })
  .transform(({ id, name, versions, instance_identity: identity, agent_endpoint: endpoint }): ListedAgent => {
    const { kind = 'unknown', model } = versions?.latest.definition ?? {};
    const protocols = (endpoint?.protocols.items ?? []).slice(0, maxProtocols);
    const hasIdentity = (identity?.principal_id ?? identity?.client_id) !== undefined;
    return { id: id ?? name, name, source: 'project', kind, ...(model && { model }), protocols, hasIdentity };
  });

const assistant = z.object({ id: text(256), name: maybe(text(256)), model: maybe(text(256)) }).transform(
  ({ id, name, model }): ListedAgent => ({
    id,
    name: name ?? id,
    source: 'assistant',
    kind: 'assistant',
    ...(model && { model }),
    protocols: ['threads'],
    hasIdentity: false,
  }),
);

const agentSchemas = { project: projectAgent, assistant };

const pageOf = (source: ListedAgent['source']) =>
  z.object({
    data: itemList(agentSchemas[source]),
    has_more: z.boolean().catch(false),
    last_id: maybe(text(256)),
  });

/** What an answer says of one agent; null when it is no agent. */
export const parseAgent = (source: ListedAgent['source'], body: string): ListedAgent | null =>
  agentSchemas[source].safeParse(parseJsonText(body)).data ?? null;

export interface AgentPage {
  readonly agents: readonly ListedAgent[];
  /** Where the list goes on; absent at its end, and when the service does not say. */
  readonly after?: string;
  /** There is more, which cannot be had. */
  readonly isCut: boolean;
}

/** One page of a list of agents; null when it is none. What cannot be read as an agent is left out. */
export const parseAgentPage = (source: ListedAgent['source'], body: string): AgentPage | null => {
  const page = pageOf(source).safeParse(parseJsonText(body)).data;
  if (page === undefined) return null;
  const { data, has_more: hasMore, last_id: last } = page;
  const isCut = data.isCut || (hasMore && last === undefined);
  return { agents: data.items, isCut, ...(hasMore && last !== undefined && { after: last }) };
};
