import type { Clock } from '../../clock.ts';
import type { Log } from '../ports/log.ts';
import type { PoisonedMessage, PoisonedStore } from '../ports/poisoned-store.ts';

export interface KeepPoisonedDeps {
  readonly poison: Pick<PoisonedStore, 'keep'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keeps a message that was given up, for an operator to look at and to replay. */
export const keepPoisoned = async (
  { poison, clock, log }: KeepPoisonedDeps,
  message: Omit<PoisonedMessage, 'poisonedAt'>,
): Promise<void> => {
  await poison.keep({ ...message, poisonedAt: clock.now() });
  const { queue, reason, of } = message;
  log.error('Message poisoned: it was given up', {
    queue,
    project: of?.project,
    routine: of?.routine,
    run: of?.runId,
    reason,
  });
};
