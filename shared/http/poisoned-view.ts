import type { Refusal, Replay } from '../app/operations/replay-poisoned.ts';
import type { KeptMessage } from '../app/ports/poisoned-store.ts';
import { truncateText } from '../domain/truncate-text.ts';
import { type Dialect, instantView } from './dialect.ts';

const maxBodyLength = 1_024;

/** A poisoned message as an operator sees it; a long body is cut. */
export const poisonedView = (message: KeptMessage, { instants }: Dialect): object => ({
  ...ownerView(message),
  reason: message.reason,
  poisoned_at: instantView(message.poisonedAt, instants),
  body: truncateText(message.body, maxBodyLength),
});

export const replayView = ({ replayed, discarded, failed, remaining }: Replay): object => ({
  replayed,
  discarded: discarded.map(refusalView),
  failed: failed.map(refusalView),
  remaining,
});

const refusalView = ({ message, reason }: Refusal): object => ({ ...ownerView(message), reason });

const ownerView = ({ queue, of }: KeptMessage): object => ({
  queue,
  ...(of && { project: of.project, routine: of.routine, ...(of.runId && { run_id: of.runId }) }),
});
