import { StorageUnavailableError } from '../../domain/errors.ts';
import { decideClaim } from '../../domain/progress/run-progress.ts';
import { isEnded } from '../../domain/run.ts';
import type { StoredRun } from '../ports/run-store.ts';
import type { Uses } from '../uses.ts';
import { type AttemptUses, attemptRun } from './attempt-run.ts';
import { type ClaimUses, claimForAttempt, type StoredClaim, type UnclaimedRun } from './claim-run.ts';
import { type Delivery, type Disposition, done, type PutBackReason, putBack, putBackForOutage } from './disposition.ts';
import { releaseHold } from './hold-routine.ts';
import { type PollUses, pollRun } from './poll-run.ts';
import { runIdOf, type StartUses, startRun } from './start-run.ts';

export type DeliverUses = AttemptUses & ClaimUses & PollUses & StartUses & Uses<'randomness'>;

/** A process that dies takes its neighbours along: at this receipt a message that leaves no trace stands aside once. */
const standAsideDequeueCount = 3;
const maxClaimTries = 5;

/**
 * Takes one message to its next rest: a run that has ended, or a time to come back. Only an ended run, or a slot that
 * is not the routine's (promise 3), lets the message go (promise 6).
 *
 * A crash before the claim leaves nothing; after it, a lease that ends: the message comes back and takes the run over.
 * A crash between the agent's answer and its record repeats the call under the same idempotency key (promise 11).
 */
export const deliver = (deps: DeliverUses, delivery: Delivery): Promise<Disposition> =>
  putBackInOutage(deps, delivery, () => deliverOnce(deps, delivery));

/** Acts, and puts the delivery back when storage does not answer meanwhile. */
export const putBackInOutage = async <Rest>(
  deps: Uses<'log' | 'timings'>,
  { message }: Delivery,
  act: () => Promise<Rest>,
): Promise<Rest | Disposition> => {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof StorageUnavailableError)) throw error;
    const facts = { project: message.project, routine: message.routine, run: runIdOf(message) };
    deps.log.warn('Delivery put back: storage does not answer', { ...facts, cause: error.message });
    return putBackForOutage(deps);
  }
};

const deliverOnce = async (deps: DeliverUses, delivery: Delivery): Promise<Disposition> => {
  const { message, dequeueCount } = delivery;
  if (message.kind === 'poll') return pollRun(deps, message);
  if (message.kind === 'fire') {
    const early = await waitUntil(deps, new Date(message.nominal), 'early');
    if (early !== null) return early;
  }
  // A first receipt of a slot has no run to find: the claim creates it, and finds out if that is wrong.
  const mayExist = message.kind === 'dispatch' || dequeueCount > 1;
  const stored = mayExist ? await readRun(deps, delivery) : null;
  if (dequeueCount === standAsideDequeueCount && leavesNoTrace(delivery, stored)) {
    return putBack('stand_aside', deps.randomness.fraction() * deps.timings.standAsideSeconds);
  }
  if (stored !== null) return proceed(deps, delivery, stored);
  const started = await startRun(deps, message, dequeueCount);
  switch (started.kind) {
    case 'at_rest':
      return started.disposition;
    case 'new':
      return proceed(deps, delivery, { run: started.run, version: null });
    case 'exists':
      return proceed(deps, delivery, await readRun(deps, delivery));
    default:
      return started satisfies never;
  }
};

/** Goes on with a run: its row decides, and its copy of the action is what is called. */
const proceed = async (
  deps: AttemptUses & ClaimUses,
  delivery: Delivery,
  first: UnclaimedRun | null,
): Promise<Disposition> => {
  let next = first;
  for (let tries = 0; tries < maxClaimTries && next !== null; tries += 1) {
    const decision = decideClaim(next.run, delivery.owner, deps.clock.now());
    if (decision.kind === 'ended') return done('run_ended');
    // Its polls have messages of their own, sent before the run said that it polls.
    if (decision.kind === 'polling') return done('polling');
    if (decision.kind === 'wait') {
      const notYet = await waitUntil(deps, decision.until, decision.reason);
      if (notYet !== null) return notYet;
    } else {
      const result = await claimForAttempt(deps, next, delivery.owner);
      if (result.kind === 'at_rest') return result.disposition;
      const rest = result.kind === 'claimed' ? await attemptOnce(deps, delivery, result.claim) : 'too_late';
      if (rest !== 'too_late') return rest;
    }
    // The create failed only because the hold changed: try the unwritten run again.
    next = (await readRun(deps, delivery)) ?? (next.version === null ? next : null);
  }
  return putBack('contended', 1);
};

/** A delivery that lost its run leaves it: a second attempt in one delivery could outlast the platform's patience. */
const attemptOnce = async (
  deps: AttemptUses,
  delivery: Delivery,
  claim: StoredClaim,
): Promise<Disposition | 'too_late'> => {
  const rest = await attemptRun(deps, claim);
  if (rest !== 'superseded') return rest;
  const stored = await readRun(deps, delivery);
  if (stored === null || !isEnded(stored.run.state)) return putBack('contended', 1);
  await releaseHold(deps, stored.run);
  return done('run_ended');
};

/** Nothing was ever recorded but a claim. A dispatch without a run waits for its row instead. */
const leavesNoTrace = ({ message }: Delivery, stored: StoredRun | null): boolean => {
  if (stored === null) return message.kind === 'fire';
  const { attempts, state } = stored.run;
  return attempts.length === 0 && (state.phase === 'queued' || state.phase === 'dispatching');
};

const readRun = (deps: Uses<'runs'>, { message }: Delivery): Promise<StoredRun | null> =>
  deps.runs.get(message.project, message.routine, runIdOf(message));

/** Null when it is time; never before that instant. */
const waitUntil = async (
  deps: Uses<'clock' | 'timings'>,
  until: Date,
  reason: PutBackReason,
): Promise<Disposition | null> => {
  for (;;) {
    const remainingMs = until.getTime() - deps.clock.now().getTime();
    if (remainingMs <= 0) return null;
    if (remainingMs > deps.timings.waitInProcessSeconds * 1000) return putBack(reason, remainingMs / 1000);
    await deps.clock.sleep(remainingMs);
  }
};
