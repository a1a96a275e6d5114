import { factsOf } from '../../domain/kinds/action-kinds.ts';
import { isEnded, type Run, type RunState } from '../../domain/run.ts';
import type { ThreadHolder } from '../ports/thread-store.ts';
import type { Uses } from '../uses.ts';

/**
 * Until when the delivery of a cancelled run may still be busy with the thread: the cancel notes its time before a write
 * that may take ten seconds, the delivery looks each five seconds, and then waits for an answer and tells the agent to
 * stop, five seconds each.
 */
const letGoSeconds = 30;

/** `behind`: the run that has the thread, and has not ended. */
export type TakenThread = { readonly kind: 'taken' } | { readonly kind: 'busy'; readonly behind?: ThreadHolder };

const taken: TakenThread = { kind: 'taken' };
const busy: TakenThread = { kind: 'busy' };

/**
 * Gives a run the thread that its action names: runs of all routines follow one another on it, or each would read what
 * the others say. A thread is the run's until the run has ended, whatever becomes of its deliveries, so nothing has to
 * be given back, and a crash keeps nobody out for longer. Busy while another run has it, and for a run that was ended
 * meanwhile: its thread may be somebody else's soon. Taken without a thread.
 */
export const takeThread = async (
  deps: Uses<'threads' | 'runs' | 'clock' | 'delayScale'>,
  run: Run,
): Promise<TakenThread> => {
  const { project, routine, id: runId, action } = run;
  const { threadId } = factsOf(action);
  if (threadId === undefined) return taken;
  const over = await deps.threads.read(project, threadId);
  const { holder } = over;
  if (holder?.runId !== runId) {
    const other = holder && (await deps.runs.get(project, holder.routine, holder.runId));
    if (other && !isEnded(other.run.state)) return { kind: 'busy', behind: holder };
    if (other && !hasLetGo(deps, other.run.state)) return busy;
    if (!(await deps.threads.give(project, threadId, { holder: { routine, runId }, over }))) return busy;
  }
  const own = await deps.runs.get(project, routine, runId);
  return own !== null && !isEnded(own.run.state) ? taken : busy;
};

/** Of a run that has ended. */
const hasLetGo = ({ clock, delayScale }: Uses<'clock' | 'delayScale'>, state: RunState): boolean =>
  state.phase !== 'killed' || clock.now().getTime() >= state.endedAt.getTime() + letGoSeconds * delayScale * 1000;
