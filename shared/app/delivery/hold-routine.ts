import { decideHold, type Hold, type HoldDecision, holdFor, holdWithout } from '../../domain/concurrency.ts';
import { StorageUnavailableError } from '../../domain/errors.ts';
import type { RunId } from '../../domain/names.ts';
import { isEnded, type Run } from '../../domain/run.ts';
import type { StoredHold, StoredRun } from '../ports/run-store.ts';
import type { ThreadHolder } from '../ports/thread-store.ts';
import type { Timings } from '../timings.ts';
import type { Uses } from '../uses.ts';

/** To end a run, and to wake the one that waits for its routine. */
export type HoldUses = Uses<'runs' | 'deliveries' | 'clock' | 'log'>;

const maxTries = 5;

export interface HoldAnswer {
  readonly decision: HoldDecision;
  /** As it was read, without a waiting run that has ended. */
  readonly hold: StoredHold;
  /** When it was read: a process that stands still must not judge it by an earlier time. */
  readonly now: Date;
}

/** What a run of a routine whose runs exclude each other may do now, and the hold that says so. */
export const askHold = async (
  deps: Uses<'runs' | 'clock'>,
  run: Run & Required<Pick<Run, 'exclusive'>>,
): Promise<HoldAnswer> => {
  const hold = await deps.runs.readHold(run.project, run.routine);
  const now = deps.clock.now();
  const request = { runId: run.id, policy: run.exclusive, hasStarted: run.startedAt !== undefined, now };
  const decision = decideHold(hold, request);
  if (decision.kind !== 'skip' || decision.reason !== 'coalesced') return { decision, hold, now };
  const waiting = await deps.runs.get(run.project, run.routine, decision.blockedBy);
  if (waiting !== null && !isEnded(waiting.run.state)) return { decision, hold, now };
  // It was cancelled, or given up: its place is free.
  const free: StoredHold = { ...holdWithout(decision.blockedBy, hold), version: hold.version };
  return { decision: decideHold(free, request), hold: free, now };
};

type HoldTimings = Pick<Timings, 'leaseMarginSeconds' | 'pollMarginSeconds'>;

/** The hold after a run was written in this state: kept through its backoff, given up with its end. */
export const holdAfter = ({ id, state, work }: Run, hold: Hold, timings: HoldTimings): Hold => {
  switch (state.phase) {
    case 'dispatching':
      return holdFor(id, state.claim.leaseUntil, hold);
    case 'backing_off':
      return holdFor(id, new Date(state.retryAt.getTime() + timings.leaseMarginSeconds * 1000), hold);
    case 'polling':
      // Accepted work keeps the routine until its deadline plus the last poll, even if no poll ever comes.
      return holdFor(id, new Date((work?.deadline ?? new Date(0)).getTime() + timings.pollMarginSeconds * 1000), hold);
    case 'queued':
      return hold;
    case 'completed':
    case 'failed':
    case 'killed':
      return holdWithout(id, hold);
    default:
      return state satisfies never;
  }
};

/**
 * The hold after a run has stood back for the run that has its thread. One of the same routine was active before and has
 * lost its hold since: it gets it back. Else each of the two would wait for what the other one has.
 */
export const holdAfterStandingBack = (
  run: Run,
  hold: Hold,
  { behind, timings }: { readonly behind: ThreadHolder | undefined; readonly timings: HoldTimings },
): Hold =>
  run.state.phase === 'backing_off' && behind?.routine === run.routine
    ? holdAfter({ ...run, id: behind.runId }, hold, timings)
    : holdAfter(run, hold, timings);

/**
 * Ends a run from outside of its delivery, and with it its part in the hold. False when another writer has
 * changed the run since it was read.
 */
export const endRun = async (deps: HoldUses, { run, version }: StoredRun, ended: Run): Promise<boolean> => {
  if (run.exclusive === undefined) return (await deps.runs.replace(ended, version)) !== null;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const over = await deps.runs.readHold(run.project, run.routine);
    const hasPart = over.active?.runId === run.id || over.waiting === run.id;
    const change = hasPart ? { over, to: holdWithout(run.id, over) } : undefined;
    const written = await deps.runs.replace(ended, version, change);
    if (written !== null) {
      await wakeWaiting(deps, run, written.hold);
      return true;
    }
    const standing = await deps.runs.get(run.project, run.routine, run.id);
    if (standing?.version !== version) return false;
  }
  return false;
};

/** Lets go of the routine for a run that was ended, by a cancel say, while its delivery was calling the agent. */
export const releaseHold = async (deps: HoldUses, run: Run): Promise<void> => {
  for (let tries = 0; tries < maxTries && run.exclusive !== undefined; tries += 1) {
    const over = await deps.runs.readHold(run.project, run.routine);
    if (over.active?.runId !== run.id) return;
    const to = holdWithout(run.id, over);
    if (await deps.runs.writeHold(run.project, run.routine, { over, to })) return wakeWaiting(deps, run, to);
  }
};

/**
 * The run that waits has a message that comes when the hold would have ended; this one comes now. A crash before it
 * is sent, or a queue that does not take it, costs that run time, and nothing else.
 */
export const wakeWaiting = async (
  { deliveries, clock, log }: Uses<'deliveries' | 'clock' | 'log'>,
  { project, routine }: Run,
  hold: Hold | undefined,
): Promise<void> => {
  const runId: RunId | undefined = hold?.waiting;
  if (runId === undefined) return;
  try {
    await deliveries.send({ kind: 'dispatch', project, routine, runId, sentAt: clock.now().getTime() }, 0);
  } catch (error) {
    if (!(error instanceof StorageUnavailableError)) throw error;
    log.warn('Waiting run not woken; it comes by itself', { project, routine, run: runId, cause: error.message });
  }
};
