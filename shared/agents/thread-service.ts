import * as z from 'zod';
import { parseJsonText } from '../domain/json.ts';
import {
  type AgentHttp,
  type AgentRequest,
  type HttpAnswer,
  isPathSegment,
  isSuccess,
  maxIdentifierLength,
} from './agent-protocol.ts';
import { pageNote } from './call-errors.ts';
import { type ItemList, itemList } from './item-list.ts';

const id = z.string().min(1).max(maxIdentifierLength).refine(isPathSegment);
const metadata = z
  .object({ routine_run_id: z.string().optional().catch(undefined) })
  .nullish()
  .catch(undefined);
const named = z.object({ id, metadata });
const threadRun = z.object({
  id,
  metadata,
  status: z.string(),
  usage: z.unknown().optional(),
  required_action: z.unknown().optional(),
  last_error: z.unknown().optional(),
  incomplete_details: z.object({ reason: z.string().optional() }).nullish().catch(undefined),
});
const message = z.object({
  id,
  metadata,
  role: z.string(),
  run_id: z.string().nullish().catch(undefined),
  /** Read by hand: a list of parts may be long. */
  content: z.unknown().optional(),
});

export type Named = z.infer<typeof named>;
export type ThreadRun = z.infer<typeof threadRun>;
export type ThreadMessage = z.infer<typeof message>;

/** No 2xx. */
export class RefusedByServiceError extends Error {
  override readonly name = 'RefusedByServiceError';
  readonly by: HttpAnswer;
  constructor(by: HttpAnswer) {
    super(`The agent service answered ${by.status}`);
    this.by = by;
  }
}

/** A 2xx whose body does not say what was asked for. */
export class UnreadableAnswerError extends Error {
  override readonly name = 'UnreadableAnswerError';
  readonly by: HttpAnswer;
  constructor(what: string, by: HttpAnswer) {
    super(`The agent service answered ${by.status} without ${what}${pageNote(by)}`);
    this.by = by;
  }
}

export interface Answered<Value> {
  readonly value: Value;
  readonly by: HttpAnswer;
}

export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly by: HttpAnswer;
  readonly hasMore: boolean;
}

/** A thread is small; a message can hold 256,000 characters, a run the instructions of its agent: a page of them fits. */
const threadsOnPage = 100;
const itemsOnPage = 20;
const maxPages = 10;

/**
 * The requests of the classic agent service. All reject with RefusedByServiceError or UnreadableAnswerError, and as
 * their AgentHttp does. What they make carries the metadata that they are given.
 */
export const openThreadService = (base: string, http: AgentHttp) => {
  const ask = async <Schema extends z.ZodType>(
    { schema, what }: { readonly schema: Schema; readonly what: string },
    request: AgentRequest,
  ): Promise<Answered<z.output<Schema>>> => {
    const by = await http.send(request);
    if (!isSuccess(by)) throw new RefusedByServiceError(by);
    const { data } = schema.safeParse(by.isCut ? undefined : parseJsonText(by.text));
    if (data === undefined) throw new UnreadableAnswerError(what, by);
    return { value: data, by };
  };
  const get = (path: string, query?: Query): AgentRequest => ({ method: 'GET', url: urlOf(base, path, query) });
  const post = (path: string, body: object): AgentRequest => ({
    method: 'POST',
    url: urlOf(base, path),
    contentType: 'application/json',
    body: JSON.stringify(body),
  });
  const list = <Schema extends z.ZodType<{ id: string }>>(schema: Schema, path: string, query: Query) =>
    pagesOf((after) => {
      const request = get(path, after === undefined ? query : { ...query, after });
      return ask({ schema: listOf(schema), what: 'a list' }, request);
    });
  const newestFirst = { order: 'desc', limit: String(itemsOnPage) };

  return {
    createThread: (about: Metadata) => ask({ schema: named, what: 'a thread' }, post('/threads', { metadata: about })),
    postMessage: (threadId: string, content: string, about: Metadata) => {
      const body = { role: 'user', content, metadata: about };
      return ask({ schema: z.unknown(), what: 'a message' }, post(`${threadPath(threadId)}/messages`, body));
    },
    startRun: (threadId: string, agentId: string, about: Metadata) => {
      const body = { assistant_id: agentId, metadata: about };
      const request = { ...post(`${threadPath(threadId)}/runs`, body), namesWork: true };
      return ask({ schema: threadRun, what: 'a run' }, request);
    },
    readRun: (threadId: string, runId: string) =>
      ask({ schema: threadRun, what: 'a run' }, get(runPath(threadId, runId))),
    threads: () => list(named, '/threads', { order: 'desc', limit: String(threadsOnPage) }),
    messages: (threadId: string) => list(named, `${threadPath(threadId)}/messages`, newestFirst),
    runs: (threadId: string) => list(threadRun, `${threadPath(threadId)}/runs`, newestFirst),
    /** Of one run only, in the order in which they were written. */
    messagesOf: (threadId: string, runId: string) =>
      list(message, `${threadPath(threadId)}/messages`, {
        run_id: runId,
        order: 'asc',
        limit: String(itemsOnPage),
      }),
  };
};

export type ThreadService = ReturnType<typeof openThreadService>;

export const cancelRequest = (base: string, threadId: string, runId: string): AgentRequest => ({
  method: 'POST',
  url: urlOf(base, `${runPath(threadId, runId)}/cancel`),
});

export interface Metadata {
  readonly routine_run_id: string;
}

type Query = Readonly<Record<string, string>>;

const urlOf = (base: string, path: string, query: Query = {}): string =>
  `${base}${path}?${new URLSearchParams({ 'api-version': 'v1', ...query })}`;
const threadPath = (threadId: string): string => `/threads/${encodeURIComponent(threadId)}`;
const runPath = (threadId: string, runId: string): string =>
  `${threadPath(threadId)}/runs/${encodeURIComponent(runId)}`;

/** An item of another shape is left out: it answers nothing. */
const listOf = <Schema extends z.ZodType>(item: Schema) =>
  z.object({
    data: itemList(item),
    has_more: z.boolean().catch(false),
    last_id: z.string().min(1).optional().catch(undefined),
  });

interface Page<Item> {
  readonly data: ItemList<Item>;
  readonly has_more: boolean;
  readonly last_id?: string | undefined;
}

async function* pagesOf<Item extends { readonly id: string }>(
  ask: (after?: string) => Promise<Answered<Page<Item>>>,
): AsyncGenerator<ListPage<Item>> {
  let after: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const { value, by } = await ask(after);
    const { items, isCut } = value.data;
    // What cannot be read of a page hides nothing behind it, where the service says how to go on.
    const last = items.at(-1)?.id ?? value.last_id;
    // A service that does not know `after` says its first page for ever.
    if (last !== undefined && last === after) return;
    after = last;
    const hasMore = value.has_more || isCut;
    yield { items, by, hasMore };
    if (!hasMore || after === undefined) return;
  }
}
