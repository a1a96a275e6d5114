import type { PoisonedMessage } from '../ports/poisoned-store.ts';
import type { Uses } from '../uses.ts';

export type GivenUpMessage = Omit<PoisonedMessage, 'poisonedAt'>;

/** Keeps a message that was given up, for an operator to look at and to replay. */
export const keepPoisoned = async (
  { poisoned, clock, log }: Uses<'poisoned' | 'clock' | 'log'>,
  message: GivenUpMessage,
): Promise<void> => {
  await poisoned.keep({ ...message, poisonedAt: clock.now() });
  const { queue, reason, of } = message;
  log.error('Message poisoned: it was given up', {
    queue,
    project: of?.project,
    routine: of?.routine,
    run: of?.runId,
    reason,
  });
};
