import type { ThreadsAction } from '../domain/action.ts';
import { judgeStatus } from '../domain/progress/call-verdict.ts';
import { describeErrorValue } from '../domain/progress/describe-error.ts';
import type { RunError, WorkIds } from '../domain/run.ts';
import { NoAnswerError } from './agent-http.ts';
import type {
  AgentConversation,
  AgentHttp,
  AgentTarget,
  AnsweredReading,
  HttpAnswer,
  StartReading,
  WorkReading,
} from './agent-protocol.ts';
import { toAnswer } from './answers/output-text.ts';
import { seeRequests } from './answers/pending-items.ts';
import { createPendingRequests } from './answers/pending-requests.ts';
import type { Said } from './answers/said.ts';
import { readUsage } from './answers/usage.ts';
import { readStatus, unknownStatus } from './answers/work-status.ts';
import { saysBusy } from './busy-answer.ts';
import { readThreadAnswer } from './thread-answer.ts';
import {
  cancelRequest,
  type ListPage,
  type Metadata,
  type Named,
  openThreadService,
  RefusedByServiceError,
  type ThreadRun,
  type ThreadService,
  UnreadableAnswerError,
} from './thread-service.ts';

/**
 * A classic agent (`asst_…`): thread, user message, run, then questions about the run. Each of the three carries our run
 * id in its metadata, so that an attempt which was cut off between two of them is gone on with and nothing is made
 * twice. Nothing is begun beside a run that is active on the thread.
 */
export const threadsConversation = (action: ThreadsAction, { base, runId }: AgentTarget): AgentConversation => ({
  start: async (http, { mayRepeat }) => {
    try {
      return await begin(openThreadService(base, http), action, { about: { routine_run_id: runId }, mayRepeat });
    } catch (error) {
      if (error instanceof RefusedByServiceError) return { kind: 'refused', by: error.by };
      if (error instanceof UnreadableAnswerError) return unreadable(error);
      throw error;
    }
  },
  poll: async (http, ids) => {
    try {
      return await askForEnd(base, http, ids);
    } catch (error) {
      // Half an answer is no end: the deadline decides.
      if (error instanceof RefusedByServiceError || error instanceof UnreadableAnswerError) {
        return { kind: 'refused', by: error.by };
      }
      throw error;
    }
  },
  // What an attempt has begun on a thread is found by our run's id in its metadata.
  begunIds: () => null,
  stop: ({ threadId = '', threadRunId = '' }) => cancelRequest(base, threadId, threadRunId),
});

interface Beginning {
  readonly about: Metadata;
  readonly mayRepeat: boolean;
}

/** The order of the requests is the protocol's; before each that makes something stands a look for what was made. */
const begin = async (service: ThreadService, action: ThreadsAction, beginning: Beginning): Promise<StartReading> => {
  const { about, mayRepeat } = beginning;
  const known = action.threadId ?? (mayRepeat ? await findOwn(service.threads(), about) : undefined);
  const threadId = known ?? (await service.createThread(about)).value.id;
  if (known !== undefined) {
    const begun = await findRun(service, threadId, beginning);
    if (begun !== null) return begun;
  }
  const mayBeSaid = mayRepeat && known !== undefined;
  const isSaid = mayBeSaid && (await findOwn(service.messages(threadId), about)) !== undefined;
  const text = toText(action.input);
  // The service takes no empty message: an agent that needs none is started without.
  if (!isSaid && text !== '') await service.postMessage(threadId, text, about);
  const { value, by } = await service.startRun(threadId, action.agentId, about);
  return { kind: 'accepted', ids: idsOf(threadId, value.id), by };
};

/** The composite is what callers know the work by. */
const idsOf = (threadId: string, threadRunId: string): WorkIds => ({
  threadId,
  threadRunId,
  responseId: `agent#${threadId}#${threadRunId}`,
});

const toText = (input: ThreadsAction['input']): string =>
  input === undefined ? '' : typeof input === 'string' ? input : JSON.stringify(input);

/** The newest that carries our run id. A list that the service does not offer holds none; one that is ill may. */
const findOwn = async (pages: AsyncIterable<ListPage<Named>>, about: Metadata): Promise<string | undefined> => {
  try {
    for await (const { items } of pages) {
      const own = items.find((item) => isOwn(item, about));
      if (own !== undefined) return own.id;
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof RefusedByServiceError)) throw error;
    if (judgeStatus(error.by.status) === 'terminal' && !saysBusy(error.by)) return undefined;
    throw error;
  }
};

/** Our own run, when an earlier attempt has begun it; `busy` when another run is active, which is the newest then. */
const findRun = async (
  service: ThreadService,
  threadId: string,
  { about, mayRepeat }: Beginning,
): Promise<StartReading | null> => {
  let active: HttpAnswer | null = null;
  for await (const { items, by } of service.runs(threadId)) {
    const own = items.find((item) => isOwn(item, about));
    if (own !== undefined) return { kind: 'accepted', ids: idsOf(threadId, own.id), by };
    if (items.some(isActive)) active = by;
    if (!mayRepeat) break;
  }
  return active && { kind: 'busy', by: active, reason: 'Another run is active on the thread' };
};

const isOwn = ({ metadata }: Named, { routine_run_id }: Metadata): boolean =>
  metadata?.routine_run_id === routine_run_id;

const isActive = ({ status }: ThreadRun): boolean => ['running', 'waiting'].includes(readStatus(status).kind);

const unreadable = ({ by, message }: UnreadableAnswerError): StartReading => ({
  kind: 'answered',
  answer: {},
  failure: { statusCode: by.status, type: 'agent_error', message },
  statusCode: by.status,
});

const askForEnd = async (base: string, http: AgentHttp, ids: WorkIds): Promise<WorkReading> => {
  const { threadId = '', threadRunId = '', responseId } = ids;
  const service = openThreadService(base, http);
  const { value: run, by } = await service.readRun(threadId, threadRunId);
  const { status: statusCode } = by;
  const usage = readUsage(run);
  const said = async (): Promise<Said> => ({ ...(await readThreadAnswer(service, threadId, threadRunId)), usage });
  const failed = (failure: RunError, by: Said = { text: '', usage }): AnsweredReading => ({
    kind: 'answered',
    answer: { responseId, ...toAnswer(by, { hasFailed: true }) },
    failure: { statusCode, ...failure },
    statusCode,
  });
  const status = readStatus(run.status);
  switch (status.kind) {
    case 'completed':
      return {
        kind: 'answered',
        answer: { responseId, ...toAnswer(await said(), { hasFailed: false }) },
        statusCode,
      };
    case 'failed':
      return failed(whyNot(run));
    case 'waiting': {
      const before = await said();
      await stopAction(http, base, ids);
      return failed(toolMissing(run), { ...before, isCut: before.isCut === true && before.text !== '' });
    }
    case 'cancelled':
      return { kind: 'cancelled', error: { type: 'cancelled', message: 'The run was cancelled at the agent service' } };
    case 'running':
      return { kind: 'running', by };
    case 'unknown':
    case 'none':
      return { kind: 'refused', by, message: unknownStatus('the thread run', status) };
    default:
      return status.kind satisfies never;
  }
};

const toolMissing = (run: ThreadRun): RunError => {
  const requests = createPendingRequests();
  seeRequests(requests, run);
  const tool = requests.first()?.tool;
  return {
    type: 'requires_action',
    message: `The agent asks for the output of a tool${tool === undefined ? '' : `, "${tool}"`}, which no routine can give, so its run was told to stop. Let the tool run inside of the agent`,
  };
};

/** Best effort: the service itself lets such a run expire, and this one has failed in any case. */
const stopAction = async (
  http: AgentHttp,
  base: string,
  { threadId = '', threadRunId = '' }: WorkIds,
): Promise<void> => {
  try {
    await http.send(cancelRequest(base, threadId, threadRunId));
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
  }
};

const whyNot = ({ status, last_error, incomplete_details }: ThreadRun): RunError => {
  const { code, message: why = incomplete_details?.reason } = describeErrorValue(last_error);
  const message = `The thread run is ${status}${why === undefined ? '' : `: ${why}`}`;
  return { type: code ?? (/^(?:fail|err)/i.test(status) ? 'agent_error' : status.toLowerCase()), message };
};
