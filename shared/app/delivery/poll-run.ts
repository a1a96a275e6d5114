import { answeredAttempts } from '../../domain/begun-id.ts';
import { StorageUnavailableError } from '../../domain/errors.ts';
import { pollDelaySeconds } from '../../domain/progress/poll-delay.ts';
import { isUnanswered } from '../../domain/progress/run-facts.ts';
import { type PollingRun, recordWorkEnd, toPollingRun, type WorkOutcome } from '../../domain/progress/run-progress.ts';
import { isEnded, type Run } from '../../domain/run.ts';
import type { AgentWork } from '../ports/agent-caller.ts';
import type { PollMessage } from '../ports/messages.ts';
import type { StoredRun } from '../ports/run-store.ts';
import type { Uses } from '../uses.ts';
import { type Disposition, done, putBack } from './disposition.ts';
import { endRun, type HoldUses, releaseHold } from './hold-routine.ts';
import { logAttempt } from './log-attempt.ts';

export type PollUses = HoldUses & Uses<'agents' | 'attemptTimeoutSeconds' | 'timings'>;

type EndUses = HoldUses & Uses<'agents' | 'attemptTimeoutSeconds'>;

/**
 * Asks for the end of work that an agent has accepted (promise 9). Whatever a poll brings, it never starts the work
 * again. Order, and what a crash after each step leaves:
 * 1. the next poll's message: it polls in this one's place, or after it.
 * 2. the number of this poll on the run: of two messages with one number the second is dropped, so that a repeated
 *    message does not double the polls for ever. A crash, or a write that fails: the next poll comes.
 * 3. the question. A crash: the next poll asks again.
 * 4. the run's end. A crash: the next poll finds it ended.
 * The last poll, past the deadline, sends and counts nothing: until the end is written, the same message comes again.
 */
export const pollRun = async (deps: PollUses, message: PollMessage): Promise<Disposition> => {
  const { project, routine, runId } = message;
  const stored = await deps.runs.get(project, routine, runId);
  if (stored === null) return done('run_ended');
  if (isEnded(stored.run.state)) return afterEnd(deps, stored.run);
  const run = toPollingRun(stored.run);
  if (run === null) return beforeRecord(deps, stored.run);
  if (message.poll <= run.state.polls) return done('polling');
  const now = deps.clock.now();
  const { notBefore } = run.state;
  if (notBefore !== undefined && notBefore > now) {
    return putBack('early', Math.ceil((notBefore.getTime() - now.getTime()) / 1000));
  }
  if (now >= run.work.deadline) return lastPoll(deps, { run, version: stored.version });
  const next = message.poll + 1;
  await deps.deliveries.send(
    { ...message, poll: next },
    pollDelaySeconds(deps.timings, { poll: next, now, work: run.work }),
  );
  const counted = await countPoll(deps, { run, version: stored.version }, message.poll);
  if (counted === null) return done('polling');
  const outcome = await deps.agents.poll(workOf(deps, run));
  if (outcome.kind === 'running' || outcome.kind === 'unknown') {
    await waitAsAsked(deps, counted, outcome);
    return done('polling');
  }
  return endWork(deps, counted, outcome);
};

/**
 * Null when this poll is not to ask: another delivery counted it or ended the run, or storage does not take the count.
 * The next poll looks again. Were this one put back, it would send one more next poll each time.
 */
const countPoll = async (
  { runs, log }: Uses<'runs' | 'log'>,
  { run, version }: StoredPolling,
  poll: number,
): Promise<StoredPolling | null> => {
  const counted: PollingRun = { ...run, state: { ...run.state, polls: poll } };
  try {
    const written = await runs.replace(counted, version);
    return written && { run: counted, version: written.version };
  } catch (error) {
    const facts = { project: run.project, routine: run.routine, run: run.id, poll };
    if (error instanceof StorageUnavailableError) log.warn('Poll not counted', { ...facts, cause: error.message });
    else log.error('Poll not counted', facts, error);
    return null;
  }
};

/** The agent's work outlives a cancelled run until it is told; the routine is free when that was tried. */
const afterEnd = async (deps: EndUses, run: Run): Promise<Disposition> => {
  if (run.state.phase !== 'killed') return done('run_ended');
  if (run.work !== undefined && !run.work.isCancelledThere) {
    await deps.agents.cancel(workOf(deps, { ...run, work: run.work }));
    await releaseHold(deps, run);
  } else if (isUnanswered(run)) {
    const { project, action, id: runId } = run;
    const answered = answeredAttempts(run);
    await deps.agents.stopBegun({ project, action, runId, answered, timeoutSeconds: deps.attemptTimeoutSeconds });
  }
  return done('run_ended');
};

/**
 * The first poll is sent before the run says that it polls. It waits for as long as the run has not ended: a process
 * that stood still can write the record after its lease, and that work has no other poll.
 */
const beforeRecord = ({ clock, timings }: Uses<'clock' | 'timings'>, { state }: Run): Disposition => {
  const { beforeRecordSeconds } = timings;
  const remainingMs = state.phase === 'dispatching' ? state.claim.leaseUntil.getTime() - clock.now().getTime() : 0;
  const seconds = remainingMs > 0 ? Math.ceil(remainingMs / 1000) : beforeRecordSeconds;
  return putBack('leased', Math.min(beforeRecordSeconds, seconds));
};

interface StoredPolling extends StoredRun {
  readonly run: PollingRun;
}

const lastPoll = async (deps: EndUses, stored: StoredPolling): Promise<Disposition> => {
  const work = workOf(deps, stored.run);
  const outcome = await deps.agents.poll(work);
  if (outcome.kind !== 'running' && outcome.kind !== 'unknown') return endWork(deps, stored, outcome);
  await deps.agents.cancel(work);
  const { startedAt, deadline } = stored.run.work;
  const seconds = Math.round((deadline.getTime() - startedAt.getTime()) / 1000);
  const last = outcome.kind === 'unknown' ? `; the last poll met: ${outcome.error.message}` : '';
  const message = `The agent accepted the work and did not end it within ${seconds} s${last}`;
  return endWork(deps, stored, { kind: 'terminal', error: { type: 'timeout', message } });
};

const maxEndTries = 5;

/** An answer that took long meets a run that the polls after it have counted on: it is the end all the same. */
const endWork = async (
  deps: HoldUses,
  stored: StoredPolling,
  outcome: Parameters<typeof recordWorkEnd>[1],
): Promise<Disposition> => {
  const endedAt = deps.clock.now();
  let over: StoredPolling | null = stored;
  for (let tries = 0; tries < maxEndTries && over !== null; tries += 1) {
    const ended = recordWorkEnd(over.run, outcome, endedAt);
    if (await endRun(deps, over, ended)) {
      logAttempt(deps.log, ended, true);
      return done(ended.state.phase === 'completed' ? 'completed' : 'failed');
    }
    over = await readPolling(deps, stored.run);
  }
  logAttempt(deps.log, recordWorkEnd(stored.run, outcome, endedAt), false);
  // The run was cancelled meanwhile: the message comes again and finds it ended.
  return putBack('contended', 1);
};

const readPolling = async ({ runs }: Uses<'runs'>, { project, routine, id }: Run): Promise<StoredPolling | null> => {
  const stored = await runs.get(project, routine, id);
  const run = stored && toPollingRun(stored.run);
  return stored && run && { run, version: stored.version };
};

/** The next message is on its way already: a longer wait that the agent asks for is left on the run. */
const waitAsAsked = async (
  deps: Uses<'runs' | 'clock' | 'timings'>,
  { run, version }: StoredPolling,
  { retryAfterSeconds = 0 }: Extract<WorkOutcome, { readonly kind: 'running' | 'unknown' }>,
): Promise<void> => {
  const now = deps.clock.now();
  const coming = { poll: run.state.polls + 1, now, work: run.work };
  const seconds = pollDelaySeconds(deps.timings, { ...coming, retryAfterSeconds });
  if (seconds <= pollDelaySeconds(deps.timings, coming)) return;
  const notBefore = new Date(now.getTime() + seconds * 1000);
  await deps.runs.replace({ ...run, state: { ...run.state, notBefore } }, version);
};

export const workOf = (deps: Uses<'attemptTimeoutSeconds'>, run: Run & Required<Pick<Run, 'work'>>): AgentWork => ({
  project: run.project,
  action: run.action,
  runId: run.id,
  ids: run.work.ids,
  timeoutSeconds: deps.attemptTimeoutSeconds,
});
