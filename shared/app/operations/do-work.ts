import { StorageUnavailableError } from '../../domain/errors.ts';
import { type Disposition, done, putBackForOutage } from '../delivery/disposition.ts';
import { keepPoisoned } from '../delivery/keep-poisoned.ts';
import type { WorkMessage } from '../ports/messages.ts';
import type { ChangeUses } from '../schedule/change-routine.ts';
import { reconcile } from '../schedule/reconcile.ts';
import type { Uses } from '../uses.ts';
import { type ScanUses, scanRoutines } from './scan-routines.ts';

export type WorkUses = ChangeUses & ScanUses;

/** Does what a message of the work queue asks for. Repeated it does no harm. */
export const doWork = (deps: WorkUses, message: WorkMessage): Promise<void> => {
  switch (message.kind) {
    case 'reconcile':
      return reconcile(deps, message);
    case 'scan':
      return scanRoutines(deps, message);
    default:
      return message satisfies never;
  }
};

export interface PoisonedWork {
  readonly message: WorkMessage;
  /** The message as it stood on the queue. */
  readonly body: string;
  readonly dequeueCount: number;
}

/**
 * Tries work that failed too often once more, then keeps its message. A put-back makes a new message:
 * a dequeue count above 1 means that the process died while handling this one.
 */
export const doPoisonedWork = async (
  deps: WorkUses & Uses<'poisoned'>,
  { message, body, dequeueCount }: PoisonedWork,
): Promise<Disposition> => {
  const of = message.kind === 'reconcile' ? { project: message.project, routine: message.routine } : undefined;
  try {
    const failure = dequeueCount > 1 ? 'It ended its process every time it was tried.' : await tryWork(deps, message);
    if (failure === null) return done('worked');
    await keepPoisoned(deps, { queue: 'work', body, reason: failure, of });
    return done('poisoned');
  } catch (error) {
    if (!(error instanceof StorageUnavailableError)) throw error;
    return putBackForOutage(deps);
  }
};

/** Why it failed; null when it did not. */
const tryWork = async (deps: WorkUses, message: WorkMessage): Promise<string | null> => {
  try {
    await doWork(deps, message);
    return null;
  } catch (error) {
    if (error instanceof StorageUnavailableError) throw error;
    return error instanceof Error ? error.message : String(error);
  }
};
