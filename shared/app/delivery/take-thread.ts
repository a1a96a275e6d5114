import { factsOf } from '../../domain/kinds/action-kinds.ts';
import { isEnded, type Run, type RunState } from '../../domain/run.ts';
import type { ThreadHolder } from '../ports/thread-store.ts';
import type { Uses } from '../uses.ts';

/** `behind`: the run that has the thread, and has not ended. */
export type TakenThread = { readonly kind: 'taken' } | { readonly kind: 'busy'; readonly behind?: ThreadHolder };

const taken: TakenThread = { kind: 'taken' };
const busy: TakenThread = { kind: 'busy' };

/**
 * Gives a run the thread that its action names: runs of all routines follow one another on it, or each would read what
 * the others say. A thread is the run's until the run has ended, whatever becomes of its deliveries: nothing has to be
 * given back, and a crash keeps no other run out for longer. Busy while another run has it, and for a run that was
 * ended meanwhile: another run may get that thread next. Taken when the action names no thread.
 */
export const takeThread = async (
  deps: Uses<'threads' | 'runs' | 'clock' | 'timings'>,
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

/**
 * Of a run that has ended. The delivery of a cancelled one may still be busy with the thread: the cancel notes its time
 * before its write, the delivery finds that at its next look, waits for an answer and tells the agent to stop.
 */
const hasLetGo = ({ clock, timings }: Uses<'clock' | 'timings'>, state: RunState): boolean =>
  state.phase !== 'killed' || clock.now().getTime() >= state.endedAt.getTime() + timings.letGoSeconds * 1000;
