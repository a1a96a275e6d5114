import type { PutBack, ReceivedMessage } from './put-back.ts';

/** How a handler tells the platform to keep a message. Nothing is wrong, so it brings one line into the log, no stack. */
export class PutBackNotice extends Error {
  override readonly name = 'PutBackNotice';
  constructor(message: string) {
    super(message);
    this.stack = `PutBackNotice: ${message}`;
  }
}

/** What the platform is told of a message: its disposition, as far as a queue needs to know it. */
export type Settlement =
  | { readonly kind: 'done'; readonly reason: string }
  | { readonly kind: 'left_locked' }
  | { readonly kind: 'put_back'; readonly reason: string; readonly delaySeconds: number };

/**
 * Acts on where a delivery came to rest. Returns when the platform may delete the message; throws PutBackNotice when
 * it must keep it, after its invisibility was extended.
 */
export const settle = async (putBack: PutBack, message: ReceivedMessage, disposition: Settlement): Promise<void> => {
  if (disposition.kind === 'done') return;
  if (disposition.kind === 'left_locked')
    throw new PutBackNotice('Not an error: the message comes again when the lock on it ends.');
  const { reason, delaySeconds } = disposition;
  const result = await putBack(message, delaySeconds);
  if (result === 'copied') return;
  throw new PutBackNotice(`Not an error: the message comes again in ${delaySeconds} s (${reason}).`);
};
