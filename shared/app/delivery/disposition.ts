import type { DeliveryMessage, FireMessage, WorkMessage } from '../ports/messages.ts';
import type { Uses } from '../uses.ts';

/** One receipt of a message. `owner` names this invocation and no other. */
export interface Delivery {
  readonly message: DeliveryMessage;
  readonly dequeueCount: number;
  readonly owner: string;
}

/**
 * `done`: the message may go. `put_back`: it must come again after that many whole seconds, with these fields changed.
 * `to_poison`: its run has ended its process too often; the message goes to the poison queue.
 */
export type Disposition =
  | { readonly kind: 'done'; readonly reason: DoneReason }
  | {
      readonly kind: 'put_back';
      readonly reason: PutBackReason;
      readonly delaySeconds: number;
      readonly marks?: MessageMarks;
    }
  | { readonly kind: 'to_poison'; readonly reason: string };

/** What a message that is sent again says of its earlier receipts. */
export type MessageMarks = Pick<FireMessage, 'aside' | 'again'> & Pick<WorkMessage, 'lives'>;

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

/**
 * How a message comes again. A retry is the same message, whose receipts the platform counts: its attempt has failed.
 * A delay is no failure: a new message takes its place, and the function returns.
 */
export const putBackKinds = {
  early: 'delay',
  leased: 'delay',
  held: 'delay',
  backing_off: 'retry',
  between_attempts: 'delay',
  busy: 'delay',
  contended: 'delay',
  stand_aside: 'delay',
  not_alone: 'delay',
  dispatch_not_written: 'delay',
  storage_unavailable: 'delay',
  life_ended: 'delay',
} as const satisfies Record<string, 'retry' | 'delay'>;

export type PutBackReason = keyof typeof putBackKinds;

/** What a queue has to know of where a delivery came to rest. */
export const settlementOf = <Other extends { readonly kind: 'left_locked' } = never>(rest: Disposition | Other) =>
  rest.kind === 'put_back' ? { ...rest, isRetry: putBackKinds[rest.reason] === 'retry' } : rest;

export const done = (reason: DoneReason): Disposition => ({ kind: 'done', reason });

/** Rounded down: a delivery that is early waits, one that is late cannot make up for it. */
export const putBack = (reason: PutBackReason, seconds: number, marks?: MessageMarks): Disposition => ({
  kind: 'put_back',
  reason,
  delaySeconds: Math.max(0, Math.floor(seconds)),
  ...(marks && { marks }),
});

/** Storage that does not answer is no reason to give a message up. */
export const putBackForOutage = ({ timings }: Uses<'timings'>): Disposition =>
  putBack('storage_unavailable', timings.outageSeconds);
