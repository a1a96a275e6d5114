import type { Clock } from '../clock.ts';
import type { Log } from './ports/log.ts';
import type { RunStore } from './ports/run-store.ts';

export interface KeepPoisonedDeps {
  readonly runs: Pick<RunStore, 'keepPoisoned'>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface UnhandledMessage {
  readonly queue: string;
  readonly body: string;
  readonly reason: string;
}

/** Keeps a message that nothing can be done with, and that names no run, for an operator to look at. */
export const keepPoisoned = async (
  deps: KeepPoisonedDeps,
  { queue, body, reason }: UnhandledMessage,
): Promise<void> => {
  await deps.runs.keepPoisoned({ queue, body, poisonedAt: deps.clock.now() });
  deps.log.error('Message poisoned: it was given up', { queue, reason });
};
