import { StorageUnavailableError } from '../../domain/errors.ts';
import { checkSlot } from '../../domain/planning/slot-check.ts';
import { slotRun } from '../../domain/progress/slot-run.ts';
import { isEnded, type Run } from '../../domain/run.ts';
import type { DeliveryMessage } from '../ports/messages.ts';
import type { StoredRun } from '../ports/run-store.ts';
import type { Uses } from '../uses.ts';
import { type DeliverUses, deliverLast, putBackInOutage } from './deliver.ts';
import { type Delivery, type Disposition, done, putBack } from './disposition.ts';
import { endRun, type HoldUses } from './hold-routine.ts';
import { keepPoisoned } from './keep-poisoned.ts';
import { runIdOf } from './start-run.ts';

export type DeliverPoisonedUses = DeliverUses & Uses<'poisoned'>;

export interface PoisonedDelivery extends Delivery {
  /** The message as it stood on the queue. */
  readonly body: string;
}

/** `left_locked`: nothing is done to the message; it comes again when the platform's lock on it ends. */
export type PoisonedDisposition = Disposition | { readonly kind: 'left_locked' };

/**
 * A last life that got as far as its claim is recognised by its owner, which says how many such lives have been begun
 * and ended without a word. No other owner looks like it.
 */
const lastOwner = /^poison:(?<begun>\d+):/;
/**
 * The first one may have been cut off by a message of another queue: a process has one last life of a delivery, and all
 * the others beside it. The next begins when the lock on the message has ended, ten minutes later. That a run which has
 * lost its process before meets a stranger's crash in both is no chance any more.
 */
const maxLastLives = 2;
/** A message whose life ends without a claim, before it or in a poll, is known by its receipts alone. */
const maxReceipts = 5;
const maxTries = 5;

/**
 * Gives a message that its run's lives, or its receipts, brought here a last life without another poisoned message in its
 * process, and a second one when the first ended without a word. When both do, or one fails, its body is kept and its run
 * is failed as `poison` (promise 12). A put-back sends a new message to this queue, which gets a fresh try even if a claim
 * is still on the row; `deliver` drops messages of ended runs.
 */
export const createDeliverPoisoned = (deps: DeliverPoisonedUses) => {
  let isAlive = false;
  return async (delivery: PoisonedDelivery): Promise<PoisonedDisposition> => {
    // A crash would take along messages that wait in this process: they go back to the queue.
    if (isAlive) return putBack('not_alone', 1 + deps.randomness.fraction() * deps.timings.notAloneSeconds);
    isAlive = true;
    try {
      const end = await putBackInOutage(deps, delivery, () => liveOnce(deps, delivery));
      return end.kind === 'given_up' ? await giveUp(deps, delivery, end.reason) : end;
    } finally {
      isAlive = false;
    }
  };
};

interface GivenUp {
  readonly kind: 'given_up';
  readonly reason: string;
}

const liveOnce = async (deps: DeliverUses, delivery: PoisonedDelivery): Promise<PoisonedDisposition | GivenUp> => {
  const { message, owner } = delivery;
  try {
    const stored = await deps.runs.get(message.project, message.routine, runIdOf(message));
    const begun = lastLivesOf(delivery, stored);
    switch (lifeOf(delivery, stored, { begun, now: deps.clock.now() })) {
      case 'ahead':
        return await deliverLast(deps, { message, dequeueCount: 1, owner: `poison:${begun + 1}:${owner}` });
      case 'under_way':
        return leftLocked;
      case 'over':
        return { kind: 'given_up', reason: 'The delivery of this run ended its process every time it was tried.' };
    }
  } catch (error) {
    if (error instanceof StorageUnavailableError) throw error;
    const cause = error instanceof Error ? error.message : String(error);
    return { kind: 'given_up', reason: `The delivery of this run failed every time it was tried: ${cause}` };
  }
};

const leftLocked = { kind: 'left_locked' } as const;

/**
 * How many last lives have ended without a word. One that was put back ended well, also when storage kept it from giving
 * up its claim: the message that comes then is a new one, and begins that life again.
 */
const lastLivesOf = ({ dequeueCount }: Delivery, stored: StoredRun | null): number => {
  const state = stored?.run.state;
  if (state?.phase !== 'dispatching') return 0;
  const begun = Number(lastOwner.exec(state.claim.owner)?.groups?.begun ?? 0);
  return dequeueCount === 1 ? Math.max(0, begun - 1) : begun;
};

interface LastLives {
  readonly begun: number;
  readonly now: Date;
}

/**
 * An ended run needs no more than to be met. A claim that is not of a last life counts for nothing here, nor do receipts
 * that met its lease.
 */
const lifeOf = (
  { dequeueCount }: Delivery,
  stored: StoredRun | null,
  { begun, now }: LastLives,
): 'ahead' | 'under_way' | 'over' => {
  const state = stored?.run.state;
  if (dequeueCount === 1 || (state !== undefined && isEnded(state))) return 'ahead';
  if (state?.phase === 'dispatching') {
    // The lease is still running: do not fail a run while its agent is being called.
    if (state.claim.leaseUntil > now) return 'under_way';
    return begun >= maxLastLives ? 'over' : 'ahead';
  }
  return dequeueCount > maxReceipts ? 'over' : 'ahead';
};

/**
 * The body is kept first: a crash after it repeats both writes with the same result. A run that cannot be failed, since
 * it or its routine cannot be read, keeps no message: the body says why, and is replayed when the row is repaired.
 */
const giveUp = async (
  deps: HoldUses & Uses<'routines' | 'poisoned'>,
  { message, body }: PoisonedDelivery,
  reason: string,
): Promise<PoisonedDisposition> => {
  const { project, routine } = message;
  const runId = runIdOf(message);
  try {
    await keepPoisoned(deps, { queue: 'delivery', body, reason, of: { project, routine, runId } });
    await failRun(deps, message, reason);
  } catch (error) {
    // A new message would have another life.
    if (error instanceof StorageUnavailableError) return leftLocked;
    deps.log.error('Run of a poisoned message not failed', { project, routine, run: runId }, error);
  }
  return done('poisoned');
};

const failRun = async (deps: HoldUses & Uses<'routines'>, message: DeliveryMessage, reason: string): Promise<void> => {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const stored = await deps.runs.get(message.project, message.routine, runIdOf(message));
    const run = stored?.run ?? (await unstartedRun(deps, message));
    if (run === null || isEnded(run.state)) return;
    const error = { type: 'poison', message: reason };
    const failed: Run = { ...run, state: { phase: 'failed', endedAt: deps.clock.now(), error } };
    const isWritten = stored ? await endRun(deps, stored, failed) : (await deps.runs.create(failed)) !== null;
    if (isWritten) return;
  }
  throw new Error(`The run of a poisoned message of routine "${message.routine}" changed ${maxTries} times.`);
};

/** The run a slot would have had; null when it is not the routine's, or a dispatch that was never written. */
const unstartedRun = async (deps: Uses<'routines'>, message: DeliveryMessage): Promise<Run | null> => {
  if (message.kind !== 'fire') return null;
  const stored = await deps.routines.get(message.project, message.routine);
  const routine = stored?.kind === 'routine' ? stored.routine : null;
  const nominal = new Date(message.nominal);
  const check = checkSlot(routine, message.trigger, nominal);
  return routine === null || check.kind === 'foreign' ? null : slotRun(routine, check.trigger, nominal);
};
