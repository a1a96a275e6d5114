import { StorageUnavailableError } from '../../domain/errors.ts';
import { isJsonObject, parseJsonText } from '../../domain/json.ts';
import { type Disposition, done, putBack, putBackForOutage } from '../delivery/disposition.ts';
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

/** Lives on the poison queue that end without a word: a neighbour may have taken this message along, but not each time. */
const maxLives = 3;

/**
 * Tries work that failed too often once more, then keeps its message. Whatever a try comes to makes a new message or
 * none: a second receipt says that the process died meanwhile. That is counted on a copy of the message, which comes at
 * a time of its own, so that work which ends its process leaves its neighbours.
 */
export const doPoisonedWork = async (
  deps: WorkUses & Uses<'poisoned' | 'randomness'>,
  { message, body, dequeueCount }: PoisonedWork,
): Promise<Disposition> => {
  const of = message.kind === 'reconcile' ? { project: message.project, routine: message.routine } : undefined;
  const lives = (message.lives ?? 0) + dequeueCount - 1;
  const isOver = lives >= maxLives;
  if (!isOver && dequeueCount > 1) {
    return putBack('life_ended', deps.randomness.fraction() * deps.timings.standAsideSeconds, { lives });
  }
  try {
    const failure = isOver ? `It ended its process ${lives} times.` : await tryWork(deps, message);
    if (failure === null) return done('worked');
    await keepPoisoned(deps, { queue: 'work', body: withoutLives(body), reason: failure, of });
    return done('poisoned');
  } catch (error) {
    if (!(error instanceof StorageUnavailableError)) throw error;
    return putBackForOutage(deps);
  }
};

/** A replay is another chance, with all its lives. */
const withoutLives = (body: string): string => {
  const parsed = parseJsonText(body);
  if (!isJsonObject(parsed) || parsed.lives === undefined) return body;
  const { lives: _lives, ...rest } = parsed;
  return JSON.stringify(rest);
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
