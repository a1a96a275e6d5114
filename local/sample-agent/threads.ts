import { type Assistant, createAssistants, type RunStatus } from './thread-assistants.ts';
import { newId } from './wire.ts';

type Metadata = Readonly<Record<string, string>>;

export interface Thread {
  readonly id: string;
  readonly createdAt: Date;
  readonly metadata: Metadata;
  readonly messages: Message[];
  readonly runs: ThreadRun[];
}

export interface Message {
  readonly id: string;
  readonly createdAt: Date;
  readonly threadId: string;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly metadata: Metadata;
  /** Of what an assistant said. */
  readonly by?: { readonly runId: string; readonly assistantId: string };
}

export interface ThreadRun {
  readonly id: string;
  readonly createdAt: Date;
  readonly threadId: string;
  readonly assistant: Assistant;
  readonly metadata: Metadata;
  /** What was said last when it began. */
  readonly heard: string;
  status: RunStatus;
  endedAt?: Date;
}

/** Why nothing was done, in the words of the real service. */
export interface ThreadRefusal {
  readonly refused: string;
}

const active: ReadonlySet<RunStatus> = new Set(['queued', 'in_progress', 'requires_action', 'cancelling']);
export const isActive = ({ status }: ThreadRun): boolean => active.has(status);

/**
 * Threads with their messages and runs, in memory. A run's time passes between requests; a request works out what has
 * become of it. `slowSeconds`: how long asst_slow takes.
 */
export const createThreads = (slowSeconds: number, now: () => Date) => {
  const assistants = createAssistants(slowSeconds);
  const threads = new Map<string, Thread>();

  /** The thread as it is by now. */
  const find = (id: string): Thread | undefined => {
    const thread = threads.get(id);
    for (const run of thread?.runs ?? []) if (thread !== undefined) goOn(thread, run, now());
    return thread;
  };

  return {
    assistants,
    find,
    all: (): readonly Thread[] => [...threads.values()],
    create: (metadata: Metadata): Thread => {
      const thread = { id: newId('thread'), createdAt: now(), metadata, messages: [], runs: [] };
      threads.set(thread.id, thread);
      return thread;
    },
    say: (thread: Thread, text: string, metadata: Metadata): Message | ThreadRefusal => {
      const busy = thread.runs.find(isActive);
      if (busy) return { refused: `Can't add messages to ${thread.id} while a run ${busy.id} is active.` };
      const message = {
        id: newId('msg'),
        createdAt: now(),
        threadId: thread.id,
        role: 'user',
        text,
        metadata,
      } as const;
      thread.messages.push(message);
      return message;
    },
    run: (thread: Thread, assistant: Assistant, metadata: Metadata): ThreadRun | ThreadRefusal => {
      const busy = thread.runs.find(isActive);
      if (busy) return { refused: `Thread ${thread.id} already has an active run ${busy.id}.` };
      const heard = thread.messages.findLast(({ role }) => role === 'user')?.text ?? '';
      const about = { threadId: thread.id, assistant, metadata, heard };
      const run: ThreadRun = { id: newId('run'), createdAt: now(), ...about, status: 'queued' };
      thread.runs.push(run);
      return run;
    },
    cancel: (run: ThreadRun): ThreadRun | ThreadRefusal => {
      if (!isActive(run)) return { refused: `Cannot cancel run with status '${run.status}'.` };
      run.status = 'cancelling';
      return run;
    },
  };
};

export type Threads = ReturnType<typeof createThreads>;

const goOn = (thread: Thread, run: ThreadRun, now: Date): void => {
  if (run.status === 'cancelling') {
    run.status = 'cancelled';
    run.endedAt = now;
  }
  if (!isActive(run) || run.status === 'requires_action') return;
  const { seconds, end, answers } = run.assistant;
  const endsAt = new Date(run.createdAt.getTime() + seconds * 1000);
  run.status = now < endsAt ? 'in_progress' : end;
  if (isActive(run)) return;
  run.endedAt = endsAt;
  const by = { runId: run.id, assistantId: run.assistant.id };
  for (const text of answers(run.heard)) {
    const said = { id: newId('msg'), createdAt: endsAt, threadId: thread.id, role: 'assistant', text, by } as const;
    thread.messages.push({ ...said, metadata: {} });
  }
};
