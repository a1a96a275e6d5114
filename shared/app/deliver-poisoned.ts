import { isEnded, type Run, type RunError } from '../domain/run.ts';
import { checkSlot } from '../domain/slot-check.ts';
import { type DeliverDeps, deliver, putBackInOutage } from './deliver.ts';
import { type Delivery, type Disposition, done, putBack } from './delivery.ts';
import { endRun } from './hold-routine.ts';
import type { DeliveryMessage } from './ports/messages.ts';
import type { StoredRun } from './ports/run-store.ts';
import { runIdOf, slotRun } from './start-run.ts';

export interface PoisonedDelivery extends Delivery {
  readonly queue: string;
  /** The message as it stood on the queue. */
  readonly body: string;
}

/** A life that got as far as its claim is recognised by this; no other owner begins with it. */
const ownerPrefix = 'poison:';
/** A message whose life ends before its claim is known by its receipts. Neighbours of a crash need fewer. */
const maxReceipts = 5;
/** Waiting for its turn a message must not come near the platform's function timeout. */
const maxWaitMs = 30_000;
const notYetSeconds = 15;
const maxTries = 5;

/**
 * Gives a message that was received too often one last life, alone in its process. When that crashes too, its body is
 * kept and its run is failed as `poison` (promise 12). A message put back here is put back on this queue.
 *
 * A crash after the body was kept repeats both writes with the same result.
 */
export const createDeliverPoisoned = (deps: DeliverDeps) => {
  let last: Promise<unknown> = Promise.resolve();
  return (delivery: PoisonedDelivery): Promise<Disposition> => {
    const arrivedAt = deps.clock.now().getTime();
    const turn = last.then(() =>
      deps.clock.now().getTime() - arrivedAt > maxWaitMs
        ? putBack('not_alone', notYetSeconds)
        : putBackInOutage(deps, delivery, () => deliverPoisoned(deps, delivery)),
    );
    last = turn.catch(() => undefined);
    return turn;
  };
};

const deliverPoisoned = async (deps: DeliverDeps, delivery: PoisonedDelivery): Promise<Disposition> => {
  const { message, queue, body } = delivery;
  const { project, routine } = message;
  const runId = runIdOf(message);
  const stored = await deps.runs.get(project, routine, runId);
  if (!hasHadItsLife(deps, delivery, stored)) {
    // A second receipt to `deliver`: it looks for a run first, and does not stand aside.
    return deliver(deps, { message, dequeueCount: 2, owner: ownerPrefix + delivery.owner });
  }
  await deps.runs.keepPoisoned({ queue, body, poisonedAt: deps.clock.now(), of: { project, routine, runId } });
  await failRun(deps, message);
  deps.log.error('Message poisoned: it ended its process every time it was delivered', {
    project,
    routine,
    run: runId,
  });
  return done('failed');
};

const hasHadItsLife = (deps: DeliverDeps, { dequeueCount }: Delivery, stored: StoredRun | null): boolean => {
  if (dequeueCount > maxReceipts) return true;
  const state = stored?.run.state;
  // A life that was put back ended well, also when storage kept it from giving up its claim: it comes as a new message.
  if (state?.phase !== 'dispatching' || dequeueCount === 1) return false;
  return state.claim.owner.startsWith(ownerPrefix) && state.claim.leaseUntil <= deps.clock.now();
};

const poisonError: RunError = {
  type: 'poison',
  message: 'The delivery of this run ended its process every time it was tried.',
};

const failRun = async (deps: DeliverDeps, message: DeliveryMessage): Promise<void> => {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const stored = await deps.runs.get(message.project, message.routine, runIdOf(message));
    const run = stored?.run ?? (await unstartedRun(deps, message));
    if (run === null || isEnded(run.state)) return;
    const failed: Run = { ...run, state: { phase: 'failed', endedAt: deps.clock.now(), error: poisonError } };
    const isWritten = stored ? await endRun(deps, stored, failed) : (await deps.runs.create(failed)) !== null;
    if (isWritten) return;
  }
  throw new Error(`The run of a poisoned message of routine "${message.routine}" kept changing; it is tried again.`);
};

/** The run a slot would have had; null when it is not the routine's, or a dispatch that was never written. */
const unstartedRun = async (deps: DeliverDeps, message: DeliveryMessage): Promise<Run | null> => {
  if (message.kind === 'dispatch') return null;
  const stored = await deps.routines.get(message.project, message.routine);
  const routine = stored?.kind === 'routine' ? stored.routine : null;
  const check = checkSlot(routine, message.trigger, new Date(message.nominal));
  return routine === null || check.kind === 'foreign' ? null : slotRun(routine, check.trigger, message);
};
