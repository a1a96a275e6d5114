import type { DeliveryMessage } from '../ports/messages.ts';
import type { Uses } from '../uses.ts';

/** One receipt of a message. `owner` names this invocation and no other. */
export interface Delivery {
  readonly message: DeliveryMessage;
  readonly dequeueCount: number;
  readonly owner: string;
}

/** `done`: the message may go. `put_back`: it must come again after that many whole seconds. */
export type Disposition =
  | { readonly kind: 'done'; readonly reason: DoneReason }
  | { readonly kind: 'put_back'; readonly reason: PutBackReason; readonly delaySeconds: number };

export type DoneReason =
  | 'completed'
  | 'failed'
  | 'skipped'
  | 'accepted'
  | 'polling'
  | 'run_ended'
  | 'slot_not_own'
  | 'dispatch_never_written'
  | 'poisoned'
  | 'worked';

export type PutBackReason =
  | 'early'
  | 'leased'
  | 'held'
  | 'backing_off'
  | 'busy'
  | 'contended'
  | 'stand_aside'
  | 'not_alone'
  | 'dispatch_not_written'
  | 'storage_unavailable';

export const done = (reason: DoneReason): Disposition => ({ kind: 'done', reason });

/** Rounded down: a delivery that is early waits, one that is late cannot make up for it. */
export const putBack = (reason: PutBackReason, seconds: number): Disposition => ({
  kind: 'put_back',
  reason,
  delaySeconds: Math.max(0, Math.floor(seconds)),
});

/** Storage that does not answer is no reason to give a message up. */
export const putBackForOutage = ({ timings }: Uses<'timings'>): Disposition =>
  putBack('storage_unavailable', timings.outageSeconds);
