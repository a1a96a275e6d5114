import type { AgentCall, AgentOutcome, AgentWork } from '../../../shared/app/ports/agent-caller.ts';
import type { RunId } from '../../../shared/domain/names.ts';
import type { WorkOutcome } from '../../../shared/domain/progress/run-progress.ts';
import { isEnded, type Run } from '../../../shared/domain/run.ts';
import { never } from './requests.ts';
import type { Schedule } from './schedule.ts';

export interface ObservedCall {
  readonly runId: RunId;
  readonly actor: string;
  readonly at: Date;
  /** Until when the run was the caller's, by its row. */
  readonly leaseUntil: Date;
  /** Its run had ended by then, by its row: a writer that ends a run notes the time first, and may write it much later. */
  readonly isAfterEnd: boolean;
  /** Another run that had called on the same thread and had not ended. */
  readonly besideOnThread?: RunId;
  endedAt?: Date;
}

/** Work that the agent has accepted. It knows a repeat by its key: one run, one work. */
export interface ObservedWork {
  readonly runId: RunId;
  readonly threadId: string | undefined;
  readonly endsAt: Date;
  /** When the run said so. */
  recordedAt?: Date;
  /** When the agent was first to be told to stop. */
  toldAt?: Date;
  isStopped?: true;
  wasSeenEnded?: true;
}

interface AgentDeps {
  readonly schedule: Schedule;
  readonly readRun: (id: RunId) => Promise<Run | undefined>;
  /** How long the agent takes for what it accepts; 0: it answers at once. */
  readonly workSeconds: number;
}

const unreached = { type: 'http_error', statusCode: 503, message: 'unavailable' };

/** The agent that all actors call, and what it and an onlooker saw. */
export const createObservedAgent = ({ schedule, readRun, workSeconds }: AgentDeps) => {
  const calls: ObservedCall[] = [];
  const works = new Map<RunId, ObservedWork>();

  const threadOf = ({ action }: Pick<Run, 'action'>): string | undefined =>
    action.type === 'invoke_agent_threads_api' ? action.threadId : undefined;

  const unendedOnThread = async (runId: RunId, threadId: string | undefined): Promise<RunId | undefined> => {
    if (threadId === undefined) return undefined;
    for (const earlier of new Set(calls.map((call) => call.runId))) {
      const run = earlier === runId ? undefined : await readRun(earlier);
      if (run !== undefined && threadOf(run) === threadId && !isEnded(run.state)) return earlier;
    }
    return undefined;
  };

  const isAtWork = ({ endsAt, isStopped }: ObservedWork): boolean => !isStopped && endsAt > schedule.now();

  const accept = (runId: RunId, threadId: string | undefined): AgentOutcome => {
    const others = [...works.values()].filter((work) => work.runId !== runId && work.threadId === threadId);
    if (threadId !== undefined && others.some(isAtWork))
      return { kind: 'busy', error: { type: 'thread_locked', message: 'busy' } };
    const endsAt = new Date(schedule.now().getTime() + workSeconds * 1000);
    if (!works.has(runId)) works.set(runId, { runId, threadId, endsAt });
    return { kind: 'accepted', ids: { responseId: runId } };
  };

  /** The agent as one actor meets it. */
  const of = (actor: string) => ({
    call: async ({ runId, action }: AgentCall): Promise<AgentOutcome> => {
      const run = await readRun(runId);
      const leaseUntil = run?.state.phase === 'dispatching' ? run.state.claim.leaseUntil : new Date(0);
      const isAfterEnd = run !== undefined && isEnded(run.state);
      const besideOnThread = await unendedOnThread(runId, threadOf({ action }));
      const at = schedule.now();
      const observed: ObservedCall = { runId, actor, at, leaseUntil, isAfterEnd, besideOnThread };
      calls.push(observed);
      // Nothing but the end of the process keeps an answer away: what goes wrong with a call is an outcome.
      const fault = await schedule.wait(actor, 'agent answers', 0);
      if (fault === 'crash_before') return never();
      const isReached = fault !== 'unavailable';
      const accepted = workSeconds > 0 && isReached ? accept(runId, threadOf({ action })) : null;
      if (fault === 'crash_after') return never();
      observed.endedAt = schedule.now();
      if (!isReached || (accepted !== null && fault === 'lost_answer')) return { kind: 'retryable', error: unreached };
      return accepted ?? { kind: 'completed', answer: {} };
    },
    poll: async ({ runId }: AgentWork): Promise<WorkOutcome> => {
      const fault = await schedule.wait(actor, 'agent is polled', 0);
      if (fault === 'crash_before' || fault === 'crash_after') return never();
      if (fault === 'unavailable' || fault === 'lost_answer') return { kind: 'unknown', error: unreached };
      const work = works.get(runId);
      if (work === undefined) return { kind: 'unknown', error: unreached };
      if (work.isStopped) return { kind: 'cancelled', error: { type: 'cancelled', message: 'stopped' } };
      if (isAtWork(work)) return { kind: 'running' };
      work.wasSeenEnded = true;
      return { kind: 'completed', answer: {} };
    },
    cancel: async ({ runId }: AgentWork): Promise<void> => {
      const fault = await schedule.wait(actor, 'agent is told to stop', 0);
      if (fault === 'crash_before') return never();
      const work = works.get(runId);
      if (work !== undefined) {
        work.toldAt ??= schedule.now();
        if (fault !== 'unavailable' && isAtWork(work)) work.isStopped = true;
      }
      if (fault === 'crash_after') return never();
    },
    // The work of these agents has no id before they say it.
    stopBegun: async () => undefined,
  });

  /** The store tells the onlooker of each run that is written. */
  const onWritten = ({ id, state }: Run): void => {
    const work = works.get(id);
    if (work !== undefined && state.phase === 'polling') work.recordedAt ??= schedule.now();
  };

  return { of, calls, works: () => [...works.values()], onWritten };
};
