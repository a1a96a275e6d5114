import type { Refusal, Replay } from '../app/operations/replay-poisoned.ts';
import type { KeptMessage } from '../app/ports/poisoned-store.ts';
import type { NothingLeft } from '../domain/every-field.ts';
import { truncateText } from '../domain/truncate-text.ts';
import { type Dialect, instantView } from './dialect.ts';

const maxBodyLength = 1_024;

/** A poisoned message as an operator sees it; a long body is cut. */
export const poisonedView = (message: KeptMessage, { instants }: Dialect): object => {
  // No call takes the id: an operator replays or discards all messages at once.
  const { queue, of, reason, poisonedAt, body, id: _id, ...rest } = message;
  rest satisfies NothingLeft;
  return {
    ...ownerView({ queue, of }),
    reason,
    poisoned_at: instantView(poisonedAt, instants),
    body: truncateText(body, maxBodyLength),
  };
};

export const replayView = ({ replayed, discarded, failed, remaining, ...rest }: Replay): object => {
  rest satisfies NothingLeft;
  return { replayed, discarded: discarded.map(refusalView), failed: failed.map(refusalView), remaining };
};

const refusalView = ({ message, reason, ...rest }: Refusal): object => {
  rest satisfies NothingLeft;
  return { ...ownerView(message), reason };
};

const ownerView = ({ queue, of }: Pick<KeptMessage, 'queue' | 'of'>): object => ({
  queue,
  ...(of && { project: of.project, routine: of.routine, ...(of.runId && { run_id: of.runId }) }),
});
