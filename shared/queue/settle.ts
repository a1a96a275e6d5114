import type { Disposition } from '../app/delivery.ts';
import type { PutBack, ReceivedMessage } from './put-back.ts';

/** How a handler tells the platform to keep a message. Nothing is wrong: the name says so in the log. */
export class PutBackNotice extends Error {
  override readonly name = 'PutBackNotice';
}

/**
 * Acts on where a delivery came to rest. Returns when the platform may delete the message; throws PutBackNotice when
 * it must keep it, after its invisibility was extended.
 */
export const settle = async (putBack: PutBack, message: ReceivedMessage, disposition: Disposition): Promise<void> => {
  if (disposition.kind === 'done') return;
  const { reason, delaySeconds } = disposition;
  const result = await putBack(message, delaySeconds);
  if (result === 'copied') return;
  throw new PutBackNotice(`Not an error: the message comes again in ${delaySeconds} s (${reason}).`);
};
