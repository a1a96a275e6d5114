import { StorageUnavailableError } from '../../domain/errors.ts';
import { decideClaim, livesWhenClaimed } from '../../domain/progress/run-progress.ts';
import { isEnded, type Run } from '../../domain/run.ts';
import type { DeliveryMessage, DispatchMessage, FireMessage } from '../ports/messages.ts';
import type { StoredRun } from '../ports/run-store.ts';
import type { Uses } from '../uses.ts';
import { type AttemptUses, attemptRun } from './attempt-run.ts';
import { type ClaimUses, claimForAttempt, type StoredClaim, type UnclaimedRun } from './claim-run.ts';
import { type Delivery, type Disposition, done, type PutBackReason, putBack, putBackForOutage } from './disposition.ts';
import { releaseHold } from './hold-routine.ts';
import { type PollUses, pollRun } from './poll-run.ts';
import { runIdOf, type StartUses, startRun } from './start-run.ts';

export type DeliverUses = AttemptUses & ClaimUses & PollUses & StartUses & Uses<'randomness'>;

/** A process that dies takes its neighbours along: from this life on a message stands aside before its claim, once each. */
const standAsideLives = 2;
/**
 * A run that was taken over more often goes the way of poisoned messages. Neighbours that a message takes along stand
 * aside from it by chance after its second death, so that none of them comes near this.
 */
const maxLives = 5;
const maxClaimTries = 5;

/**
 * Takes one message to its next rest: a run that has ended, or a time to come back. Only an ended run, or a slot that
 * is not the routine's (promise 3), lets the message go (promise 6).
 *
 * A crash before the claim leaves nothing; after it, a lease that ends: the message comes back and takes the run over,
 * which counts as a life of the run (promise 12). Receipts that meet a lease, a hold or an outage count for nothing.
 * A crash between the agent's answer and its record repeats the call under the same idempotency key (promise 11).
 */
export const deliver = async (deps: DeliverUses, delivery: Delivery): Promise<Disposition> =>
  marked(delivery.message, await putBackInOutage(deps, delivery, () => deliverOnce(deps, delivery, maxLives)));

/** As deliver, for the last life of a message: alone in its process, it neither stands aside nor goes to poison again. */
export const deliverLast = (deps: DeliverUses, delivery: Delivery): Promise<Disposition> => {
  const { message } = delivery;
  // There may be a run: its own claim, or another delivery's.
  const again = message.kind === 'fire' ? { ...message, again: true as const } : message;
  return deliverOnce(deps, { ...delivery, message: again }, Number.POSITIVE_INFINITY);
};

/** A slot whose message met a run, or was put back for any other reason than its time, has a run to look for. */
const marked = (message: DeliveryMessage, rest: Disposition): Disposition =>
  message.kind === 'fire' && rest.kind === 'put_back' && rest.reason !== 'early'
    ? { ...rest, marks: { again: true, ...rest.marks } }
    : rest;

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

const deliverOnce = async (deps: DeliverUses, delivery: Delivery, livesAllowed: number): Promise<Disposition> => {
  const { message, dequeueCount } = delivery;
  if (message.kind === 'poll') return pollRun(deps, message);
  if (message.kind === 'fire') {
    const early = await waitUntil(deps, new Date(message.nominal), 'early');
    if (early !== null) return early;
  }
  // A first receipt of a slot has no run to find: the claim creates it, and finds out if that is wrong.
  const mayExist = message.kind === 'dispatch' || dequeueCount > 1 || message.again === true;
  const stored = mayExist ? await readRun(deps, delivery) : null;
  if (stored !== null) return proceed(deps, { ...delivery, message, livesAllowed }, stored);
  const started = await startRun(deps, message);
  switch (started.kind) {
    case 'at_rest':
      return started.disposition;
    case 'new':
      return proceed(deps, { ...delivery, message, livesAllowed }, { run: started.run, version: null });
    case 'exists':
      return proceed(deps, { ...delivery, message, livesAllowed }, await readRun(deps, delivery));
    default:
      return started satisfies never;
  }
};

interface StartedDelivery extends Delivery {
  readonly message: FireMessage | DispatchMessage;
  readonly livesAllowed: number;
}

/** Goes on with a run: its row decides, and its copy of the action is what is called. */
const proceed = async (
  deps: AttemptUses & ClaimUses & Uses<'randomness'>,
  delivery: StartedDelivery,
  first: UnclaimedRun | null,
): Promise<Disposition> => {
  let next = first;
  for (let tries = 0; tries < maxClaimTries && next !== null; tries += 1) {
    const decision = decideClaim(next.run, delivery.owner, deps.clock.now());
    if (decision.kind === 'ended') return done('run_ended');
    // Its polls have messages of their own, sent before the run said that it polls.
    if (decision.kind === 'polling') return done('polling');
    if (decision.kind === 'wait') {
      // The message of the failed attempt comes with its backoff: this one is another, and nothing of its own has failed.
      const reason = decision.reason === 'backing_off' ? 'between_attempts' : decision.reason;
      const notYet = await waitUntil(deps, decision.until, reason);
      if (notYet !== null) return notYet;
    } else {
      const apart = keepApart(deps, delivery, next.run);
      if (apart !== null) return apart;
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

/** Before the claim of a run whose process has died with it: not beside others, and not for ever. */
const keepApart = (
  { randomness, timings }: Uses<'randomness' | 'timings'>,
  { message, owner, livesAllowed }: StartedDelivery,
  run: Run,
): Disposition | null => {
  const lives = livesWhenClaimed(run, owner);
  if (lives === (run.lives ?? 0) || livesAllowed === Number.POSITIVE_INFINITY) return null;
  if (lives > livesAllowed) return { kind: 'to_poison', reason: `The process of the run has died ${lives} times` };
  if (lives < standAsideLives || message.aside === lives) return null;
  return putBack('stand_aside', randomness.fraction() * timings.standAsideSeconds, { aside: lives });
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
