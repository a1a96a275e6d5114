import { answeredAttempts } from '../../domain/begun-id.ts';
import { StorageUnavailableError } from '../../domain/errors.ts';
import { type BusyOutcome, recordBusy, unfoundSeconds } from '../../domain/progress/busy-wait.ts';
import { deadlineSecondsOf } from '../../domain/progress/deadline.ts';
import { pollDelaySeconds } from '../../domain/progress/poll-delay.ts';
import {
  type AcceptedOutcome,
  type EndedWork,
  type PollingRun,
  recordAccepted,
  recordAttempt,
  recordWorkEnd,
} from '../../domain/progress/run-progress.ts';
import { isEnded, type Run } from '../../domain/run.ts';
import type { AgentOutcome, CallEnd } from '../ports/agent-caller.ts';
import type { StoredHold, WrittenRun } from '../ports/run-store.ts';
import type { ThreadHolder } from '../ports/thread-store.ts';
import type { Uses } from '../uses.ts';
import type { StoredClaim } from './claim-run.ts';
import { type Disposition, done, putBack } from './disposition.ts';
import { type HoldUses, holdAfterStandingBack, wakeWaiting } from './hold-routine.ts';
import { logAttempt } from './log-attempt.ts';
import { workOf } from './poll-run.ts';
import { takeThread } from './take-thread.ts';

/** What the last look has for its answer: seconds that the lease's margin has to spare. */
const leastLookSeconds = 1;

const threadBusy: BusyOutcome = {
  kind: 'busy',
  error: { type: 'thread_locked', message: 'Another run has the thread' },
};

export type AttemptUses = HoldUses &
  Uses<'threads' | 'agents' | 'retryPolicy' | 'attemptTimeoutSeconds' | 'runDeadlineSeconds' | 'timings'>;

/**
 * Makes the claimed attempt: one call of the agent, then its record. `superseded`: the lease ended and another
 * delivery took the run over, or the run was cancelled; what this call brought is not recorded, the other delivery asks
 * again under the same idempotency key. The call never outlasts the lease, of which slow storage has used up a part, or all: `too_late`,
 * nothing was called.
 */
export const attemptRun = async (
  deps: AttemptUses,
  claim: StoredClaim,
): Promise<Disposition | 'superseded' | 'too_late'> => {
  const { run } = claim;
  const thread = await takeThread(deps, run);
  if (thread.kind === 'busy') return standBack(deps, { ...claim, behind: thread.behind }, threadBusy);
  // Last of all: taking the thread may take its time too.
  const leasedSeconds = Math.floor((run.state.claim.leaseUntil.getTime() - deps.clock.now().getTime()) / 1000);
  if (leasedSeconds < 1) return 'too_late';
  const outcome = await callWhileOwn(deps, claim, Math.min(deps.attemptTimeoutSeconds, leasedSeconds));
  if (outcome.kind === 'accepted') return followWork(deps, claim, outcome);
  if (outcome.kind === 'busy') return standBack(deps, claim, outcome);
  return recordEnd(deps, claim, recordAttempt(run, outcome, deps.retryPolicy, deps.clock.now()));
};

/** Writes what became of an attempt that the agent answered, or did not. */
const recordEnd = async (
  deps: HoldUses & Uses<'timings'>,
  claim: StoredClaim,
  next: Run,
): Promise<Disposition | 'superseded'> => {
  const written = await writeWhileLeased(deps, next, claim);
  logAttempt(deps.log, next, written !== null);
  if (written === null) return 'superseded';
  if (isEnded(next.state)) await wakeWaiting(deps, next, written.hold);
  return restOf(next, deps.clock.now());
};

type FollowUses = HoldUses & Uses<'agents' | 'attemptTimeoutSeconds' | 'runDeadlineSeconds' | 'timings'>;

/**
 * The agent goes on by itself. Much of such work ends within seconds: it is looked at a few times under the lease, and
 * what has ended by then ends here, without a message and a write for its waiting. A crash meanwhile: the next delivery
 * asks again, under the same id and idempotency key, and an agent that honours either begins nothing new.
 */
const followWork = async (
  deps: FollowUses,
  claim: StoredClaim,
  outcome: AcceptedOutcome,
): Promise<Disposition | 'superseded'> => {
  const accepted = recordAccepted(claim.run, outcome, deadlineSecondsOf(claim.run, deps.runDeadlineSeconds));
  const end = await lookForEnd(deps, claim, { accepted, outcome });
  return end === null
    ? acceptWork(deps, claim, { accepted, outcome })
    : recordEnd(deps, claim, recordWorkEnd(accepted, end, deps.clock.now()));
};

/**
 * Null for work that goes on. An agent that wants to be asked later is asked later, and the lease keeps the time that
 * the record may need.
 */
const lookForEnd = async (
  deps: Uses<'agents' | 'attemptTimeoutSeconds' | 'clock' | 'timings'>,
  { run }: StoredClaim,
  { accepted, outcome }: WorkUnderWay,
): Promise<EndedWork | null> => {
  const { lookDelaysSeconds, recordMarginSeconds } = deps.timings;
  const lookSeconds = lookDelaysSeconds.reduce((sum, seconds) => sum + seconds, 0);
  if ((outcome.retryAfterSeconds ?? 0) > lookSeconds) return null;
  const leaseEndMs = run.state.claim.leaseUntil.getTime() - recordMarginSeconds * 1000;
  const endMs = Math.min(deps.clock.now().getTime() + lookSeconds * 1000, leaseEndMs);
  const remainingSeconds = () => (endMs - deps.clock.now().getTime()) / 1000;
  for (const seconds of lookDelaysSeconds) {
    if (remainingSeconds() < seconds) return null;
    await deps.clock.sleep(seconds * 1000);
    const timeoutSeconds = Math.max(leastLookSeconds, remainingSeconds());
    const end = await deps.agents.poll({ ...workOf(deps, accepted), timeoutSeconds });
    if (end.kind !== 'running' && end.kind !== 'unknown') return end;
  }
  return null;
};

interface WorkUnderWay {
  readonly accepted: PollingRun;
  readonly outcome: AcceptedOutcome;
}

/**
 * The work's first poll is sent before the run says so: a crash between the two repeats the call under the same id and
 * idempotency key, and the poll finds nothing to do; afterwards no message is needed but the poll.
 */
const acceptWork = async (
  deps: FollowUses,
  claim: StoredClaim,
  { accepted: next, outcome }: WorkUnderWay,
): Promise<Disposition | 'superseded'> => {
  const { project, routine, id: runId, action } = next;
  const { retryAfterSeconds } = outcome;
  const coming = { poll: 1, now: deps.clock.now(), work: next.work, retryAfterSeconds };
  const delay = pollDelaySeconds(deps.timings, coming);
  const firstPoll = { kind: 'poll', project, routine, runId, poll: 1 } as const;
  await whileLeased(deps, claim, () => deps.deliveries.send(firstPoll, delay));
  if ((await writeWhileLeased(deps, next, claim)) !== null) {
    deps.log.info('Work accepted', { project, routine, run: runId, attempt: next.work.attempt, ...outcome.ids });
    return done('accepted');
  }
  const stored = await deps.runs.get(project, routine, runId);
  // Cancelled meanwhile, before the run said what to cancel at the agent. A run that another delivery has ended has had
  // the same work, where the agent takes our ids.
  if (stored?.run.state.phase === 'killed') {
    await deps.agents.cancel({ project, action, runId, ids: outcome.ids, timeoutSeconds: deps.attemptTimeoutSeconds });
  }
  return 'superseded';
};

/** `behind`: the run that has its thread. */
interface ClaimBehind extends StoredClaim {
  readonly behind?: ThreadHolder;
}

/** Nothing was called: the run gives up its claim and comes again, with no attempt counted. */
const standBack = async (
  deps: HoldUses & Uses<'runDeadlineSeconds' | 'timings'>,
  claim: ClaimBehind,
  outcome: BusyOutcome,
): Promise<Disposition | 'superseded'> => {
  const now = deps.clock.now();
  const deadlineSeconds = deadlineSecondsOf(claim.run, deps.runDeadlineSeconds);
  const next = recordBusy(claim.run, outcome, { now, deadlineSeconds, timings: deps.timings });
  const written = await writeWhileLeased(deps, next, claim);
  if (written === null) return 'superseded';
  if (isEnded(next.state)) await wakeWaiting(deps, next, written.hold);
  return restOf(next, now, 'busy');
};

type WatchUses = Uses<'runs' | 'clock' | 'log' | 'timings'>;

/** Calls the agent. When the run is cancelled, or another delivery takes it over, the call ends within seconds. */
const callWhileOwn = async (
  deps: WatchUses & Uses<'agents'>,
  claim: StoredClaim,
  timeoutSeconds: number,
): Promise<AgentOutcome> => {
  const { project, action, id: runId } = claim.run;
  const lost = new AbortController();
  const ended = new AbortController();
  void watchClaim(deps, claim, { lost, ended: ended.signal });
  try {
    return await deps.agents.call({
      project,
      action,
      runId,
      mayRepeat: claim.mayRepeat,
      answered: answeredAttempts(claim.run),
      mayBeBegun: claim.mayBeBegun,
      unfoundSeconds: unfoundSeconds(claim.run, deps.clock.now()),
      timeoutSeconds,
      signal: lost.signal,
    });
  } finally {
    ended.abort();
  }
};

interface Watch {
  readonly lost: AbortController;
  readonly ended: AbortSignal;
}

/** Never rejects: what cannot be read is no reason to break a call off. */
const watchClaim = async (deps: WatchUses, { run, version }: StoredClaim, { lost, ended }: Watch) => {
  for (;;) {
    await deps.clock.sleep(deps.timings.watchEverySeconds * 1000, ended);
    if (ended.aborted) return;
    try {
      const stored = await deps.runs.get(run.project, run.routine, run.id);
      if (stored?.version !== version) {
        const end: CallEnd = stored !== null && isEnded(stored.run.state) ? 'cancelled' : 'taken_over';
        return lost.abort(end);
      }
    } catch (error) {
      const { project, routine, id } = run;
      deps.log.warn('Run not looked at while its agent is called', { project, routine, run: id, cause: String(error) });
    }
  }
};

const writeWhileLeased = (
  deps: Uses<'runs' | 'clock' | 'timings'>,
  run: Run,
  claim: ClaimBehind,
): Promise<WrittenRun | null> => whileLeased(deps, claim, () => writeRecord(deps, run, claim));

/** The agent has done its work: to say so is worth every try until the lease ends (promise 11). */
const whileLeased = async <Result>(
  deps: Uses<'clock' | 'timings'>,
  claim: StoredClaim,
  write: () => Promise<Result>,
): Promise<Result> => {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof StorageUnavailableError)) throw error;
      const { leaseUntil } = claim.run.state.claim;
      const writeAgainAfterMs = deps.timings.writeAgainAfterSeconds * 1000;
      if (deps.clock.now().getTime() + writeAgainAfterMs >= leaseUntil.getTime()) throw error;
      await deps.clock.sleep(writeAgainAfterMs);
    }
  }
};

/** Null when another delivery has the run. A hold that another writer has changed meanwhile is read again. */
const writeRecord = async (deps: Uses<'runs' | 'timings'>, run: Run, { version, hold, behind }: ClaimBehind) => {
  const { timings } = deps;
  for (let over = hold; ; ) {
    const change = over && { over, to: holdAfterStandingBack(run, over, { behind, timings }) };
    const written = await deps.runs.replace(run, version, change);
    if (written !== null || over === undefined) return written;
    const standing = await deps.runs.get(run.project, run.routine, run.id);
    if (standing?.version !== version) return null;
    over = ownHold(run, await deps.runs.readHold(run.project, run.routine));
  }
};

/** A lease that ended too early may have let another run in: its hold is not touched. */
const ownHold = ({ id }: Run, hold: StoredHold): StoredHold | undefined =>
  hold.active?.runId === id ? hold : undefined;

const restOf = ({ state }: Run, now: Date, waitsFor: 'backing_off' | 'busy' = 'backing_off'): Disposition => {
  switch (state.phase) {
    case 'completed':
    case 'failed':
      return done(state.phase);
    case 'backing_off':
      return putBack(waitsFor, (state.retryAt.getTime() - now.getTime()) / 1000);
    default:
      return done('run_ended');
  }
};
