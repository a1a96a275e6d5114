import { isJsonObject } from '../../domain/json.ts';
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
  | { readonly kind: 'to_poison'; readonly reason: string }
  | {
      readonly kind: 'put_back';
      readonly reason: string;
      readonly delaySeconds: number;
      /** The platform is to count it: the same message comes again. Else a new one does, with these fields changed. */
      readonly isRetry: boolean;
      readonly marks?: object;
    };

/**
 * Acts on where a delivery came to rest. Returns when the platform may delete the message. Throws PutBackNotice when it
 * must keep it, after its invisibility was extended.
 *
 * A crash after a copy, or after the move to the poison queue, leaves the old message too: it comes again when its lock
 * ends, and finds the run in the hands of the new one, or ended.
 */
export const settle = async (putBack: PutBack, message: ReceivedMessage, disposition: Settlement): Promise<void> => {
  switch (disposition.kind) {
    case 'done':
      return;
    case 'left_locked':
      throw new PutBackNotice('Not an error: the message comes again when the lock on it ends.');
    case 'to_poison':
      return putBack.toPoison(message);
    case 'put_back':
      break;
    default:
      return disposition satisfies never;
  }
  const { reason, delaySeconds, isRetry, marks } = disposition;
  if (!isRetry) return putBack.delay({ ...message, body: withMarks(message.body, marks) }, delaySeconds);
  if ((await putBack.retry(message, delaySeconds)) === 'copied') return;
  throw new PutBackNotice(`Not an error: the message comes again in ${delaySeconds} s (${reason}).`);
};

/** All else stays, fields that only a newer version knows too. */
const withMarks = (body: unknown, marks: object | undefined): unknown =>
  marks === undefined || !isJsonObject(body) ? body : { ...body, ...marks };
