import { type AgentReply, isCompleted } from './agent-reply.ts';
import { newId } from './wire.ts';

/** Work that an agent accepts and does by itself. */
export interface WorkPlan {
  readonly seconds: number;
  readonly end: AgentReply | { readonly kind: 'cancelled' };
  /** For how long requests do not find it. */
  readonly hiddenSeconds?: number;
}

export interface BackgroundAgent {
  readonly name: string;
  readonly description: string;
  readonly work: WorkPlan;
}

export interface Work {
  /** With the protocol's prefix. */
  readonly id: string;
  readonly agent: BackgroundAgent;
  readonly input: string;
  readonly sessionId: string;
  readonly conversation: unknown;
  readonly startedAt: Date;
  readonly isCancelled: boolean;
}

export type WorkStatus = 'in_progress' | 'completed' | 'failed' | 'cancelled';

export interface BackgroundWorks {
  /** The same id begins nothing twice; without an id neither does the same key, but for the empty one. */
  begin(work: Pick<Work, 'agent' | 'input' | 'conversation'> & BeginOptions): Work;
  /** Whether an id is taken, also by work that is hidden. */
  isTaken(id: string): boolean;
  /** Undefined while it is hidden, too. */
  find(id: string): Work | undefined;
  statusOf(work: Work): WorkStatus;
  /** What it was before. */
  cancel(work: Work): WorkStatus;
}

interface BeginOptions {
  readonly prefix: 'resp' | 'inv';
  readonly runKey: string;
  readonly sessionId: string | null;
  /** The caller's; one is made when it has none. */
  readonly id?: string;
}

const rememberedWorks = 10_000;

/** Remembers the newest ten thousand. Nothing runs: what has become of work is a matter of the time. */
export const createBackgroundWorks = (now: () => Date): BackgroundWorks => {
  const works = new Map<string, Work>();
  const idsByKey = new Map<string, string>();
  const ageOf = ({ startedAt }: Work): number => (now().getTime() - startedAt.getTime()) / 1000;
  const statusOf = (work: Work): WorkStatus => {
    if (work.isCancelled) return 'cancelled';
    const { seconds, end } = work.agent.work;
    if (ageOf(work) < seconds) return 'in_progress';
    return isCompleted(end) ? 'completed' : end.kind === 'cancelled' ? 'cancelled' : 'failed';
  };
  return {
    begin: ({ prefix, runKey, sessionId, id, ...asked }) => {
      const key = `${prefix} ${asked.agent.name} ${runKey}`;
      const known = works.get(id ?? (runKey === '' ? '' : (idsByKey.get(key) ?? '')));
      if (known !== undefined) return known;
      const named = { id: id ?? newId(prefix), sessionId: sessionId ?? newId('sess') };
      const work = { ...asked, ...named, startedAt: now(), isCancelled: false };
      works.set(work.id, work);
      idsByKey.set(key, work.id);
      for (const memory of [works, idsByKey]) {
        const [oldest] = memory.keys();
        if (memory.size > rememberedWorks && oldest !== undefined) memory.delete(oldest);
      }
      return work;
    },
    find: (id) => {
      const work = works.get(id);
      return work !== undefined && ageOf(work) >= (work.agent.work.hiddenSeconds ?? 0) ? work : undefined;
    },
    isTaken: (id) => works.has(id),
    statusOf,
    cancel: (work) => {
      const before = statusOf(work);
      if (before === 'in_progress') works.set(work.id, { ...work, isCancelled: true });
      return before;
    },
  };
};

/** `seconds`: how long they work. */
export const createBackgroundAgents = (seconds: number): readonly BackgroundAgent[] => [
  {
    name: 'background-agent',
    description: `Accepts the work and completes it after ${seconds} seconds.`,
    work: { seconds, end: { kind: 'said', text: 'background-agent has finished' } },
  },
  {
    name: 'background-failing-agent',
    description: `Accepts the work and fails after ${seconds} seconds.`,
    work: {
      seconds,
      end: { kind: 'failed', code: 'server_error', message: 'background-failing-agent could not finish its work' },
    },
  },
  {
    name: 'background-cancelled-agent',
    description: `Accepts the work, which somebody cancels there after ${seconds} seconds.`,
    work: { seconds, end: { kind: 'cancelled' } },
  },
  {
    name: 'late-agent',
    description: `Accepts the work, does not find it for ${seconds / 2} seconds, and completes it after ${seconds}.`,
    work: { seconds, hiddenSeconds: seconds / 2, end: { kind: 'said', text: 'late-agent has finished' } },
  },
];
