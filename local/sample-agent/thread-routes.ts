import type { Assistant } from './thread-assistants.ts';
import { assistantView, messageView, runView, threadView } from './thread-views.ts';
import type { Thread, ThreadRefusal, ThreadRun, Threads } from './threads.ts';
import { toInputText, type WireAnswer } from './wire.ts';

interface ThreadRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

/** Thrown where a request cannot be done; answered as what it says. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const isThreadPath = (path: string): boolean => /^\/(threads|assistants)(\/|$)/.test(path);

/** Answers a request to the classic agents as their service does. `path` is the one below the project. */
export const answerThreads = (request: ThreadRequest, path: string, threads: Threads): WireAnswer => {
  const matching = routes.filter((route) => route.path.test(path));
  const route = matching.find(({ method }) => method === request.method);
  if (route === undefined) {
    return errorOf(matching.length === 0 ? 404 : 405, `Invalid URL (${request.method} ${request.url.pathname})`);
  }
  if (request.url.searchParams.get('api-version') !== 'v1') return errorOf(400, 'api-version is missing, expected v1');
  const names = route.path.exec(path)?.groups ?? {};
  try {
    return { status: 200, body: route.answer({ ...request, query: request.url.searchParams }, threads, names) };
  } catch (error) {
    if (error instanceof RefusedError) return errorOf(error.status, error.message);
    throw error;
  }
};

/** This service's errors have no code but the type. */
const errorOf = (status: number, message: string): WireAnswer => ({
  status,
  body: { error: { message, type: 'invalid_request_error', param: null, code: null } },
});

type Names = Readonly<Record<string, string>>;

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  readonly answer: (
    request: ThreadRequest & { readonly query: URLSearchParams },
    threads: Threads,
    names: Names,
  ) => object;
}

const threadOf = (threads: Threads, { thread: id = '' }: Names): Thread => threads.find(id) ?? notFound('thread', id);
const runOf = (threads: Threads, names: Names): ThreadRun =>
  threadOf(threads, names).runs.find(({ id }) => id === names.run) ?? notFound('run', names.run);
const assistantOf = ({ assistants }: Threads, id: string): Assistant => assistants.get(id) ?? notFound('assistant', id);
const notFound = (what: string, id = ''): never => {
  throw new RefusedError(404, `No ${what} found with id '${id}'.`);
};

const made = <Made extends object>(result: Made | ThreadRefusal): Made => {
  if ('refused' in result) throw new RefusedError(400, result.refused);
  return result;
};

const bodyOf = ({ body }: ThreadRequest): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = body === '' ? {} : JSON.parse(body);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Answered like any other body that is no object.
  }
  throw new RefusedError(400, 'We could not parse the JSON body of your request.');
};

const metadataOf = ({ metadata }: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(typeof metadata === 'object' && metadata !== null ? metadata : {}).map(([key, value]) => [
      key,
      String(value),
    ]),
  );

const routes: readonly Route[] = [
  {
    method: 'GET',
    path: /^\/assistants$/,
    answer: ({ query }, { assistants }) => listOf([...assistants.values()].map(assistantView), query),
  },
  {
    method: 'GET',
    path: /^\/assistants\/(?<assistant>[^/]+)$/,
    answer: (_request, threads, { assistant = '' }) => assistantView(assistantOf(threads, assistant)),
  },
  { method: 'GET', path: /^\/threads$/, answer: ({ query }, threads) => listOf(threads.all().map(threadView), query) },
  {
    method: 'POST',
    path: /^\/threads$/,
    answer: (request, threads) => threadView(threads.create(metadataOf(bodyOf(request)))),
  },
  {
    method: 'GET',
    path: /^\/threads\/(?<thread>[^/]+)$/,
    answer: (_request, threads, names) => threadView(threadOf(threads, names)),
  },
  {
    method: 'GET',
    path: /^\/threads\/(?<thread>[^/]+)\/messages$/,
    answer: ({ query }, threads, names) => {
      const runId = query.get('run_id');
      const { messages } = threadOf(threads, names);
      return listOf(messages.filter(({ by }) => runId === null || by?.runId === runId).map(messageView), query);
    },
  },
  {
    method: 'POST',
    path: /^\/threads\/(?<thread>[^/]+)\/messages$/,
    answer: (request, threads, names) => {
      const body = bodyOf(request);
      const text = toInputText(body.content);
      if (body.role !== 'user') throw new RefusedError(400, `Invalid value: '${String(body.role)}' for 'role'.`);
      if (text === '') throw new RefusedError(400, 'Message content must be non-empty.');
      return messageView(made(threads.say(threadOf(threads, names), text, metadataOf(body))));
    },
  },
  {
    method: 'GET',
    path: /^\/threads\/(?<thread>[^/]+)\/runs$/,
    answer: ({ query }, threads, names) => listOf(threadOf(threads, names).runs.map(runView), query),
  },
  {
    method: 'POST',
    path: /^\/threads\/(?<thread>[^/]+)\/runs$/,
    answer: (request, threads, names) => {
      const body = bodyOf(request);
      const thread = threadOf(threads, names);
      return runView(made(threads.run(thread, assistantOf(threads, String(body.assistant_id)), metadataOf(body))));
    },
  },
  {
    method: 'GET',
    path: /^\/threads\/(?<thread>[^/]+)\/runs\/(?<run>[^/]+)$/,
    answer: (_request, threads, names) => runView(runOf(threads, names)),
  },
  {
    method: 'POST',
    path: /^\/threads\/(?<thread>[^/]+)\/runs\/(?<run>[^/]+)\/cancel$/,
    answer: (_request, threads, names) => runView(made(threads.cancel(runOf(threads, names)))),
  },
];

/** One page of what is given oldest first: newest first by default, as the service has it. */
const listOf = <Item extends { readonly id: string }>(items: readonly Item[], query: URLSearchParams): object => {
  const limit = Number(query.get('limit') ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw new RefusedError(400, `Invalid 'limit': ${query.get('limit')}; expected an integer from 1 to 100.`);
  }
  const ordered = query.get('order') === 'asc' ? items : items.toReversed();
  const after = query.get('after');
  const from = after === null ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
  const data = ordered.slice(from, from + limit);
  const ends = { first_id: data.at(0)?.id ?? null, last_id: data.at(-1)?.id ?? null };
  return { object: 'list', data, ...ends, has_more: from + limit < ordered.length };
};
