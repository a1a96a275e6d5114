import type { QueueClient } from '@azure/storage-queue';
import type { SentMessage } from '../../app/ports/messages.ts';
import type { Clock } from '../../clock.ts';
import { queueCall } from '../queue-call.ts';
import { encodeMessage, toVisibilitySeconds } from './messages.ts';

/** Never expires: the default would drop a message after seven days. */
const messageTimeToLive = -1;

/** A queue, and the clock by which an operation on it is tried again. */
export interface TimedQueue {
  readonly queue: QueueClient;
  readonly clock: Clock;
}

/** Puts a message on a queue, invisible for that many seconds. Throws StorageUnavailableError. */
export const sendToQueue = (queue: TimedQueue, message: unknown, delaySeconds: number): Promise<SentMessage> =>
  sendEncoded(queue, encodeMessage(message), delaySeconds);

/** As sendToQueue, for a text that is encoded already. */
export const sendEncoded = ({ queue, clock }: TimedQueue, text: string, delaySeconds: number): Promise<SentMessage> =>
  queueCall(clock, `Send to ${queue.name}`, async (options) => {
    const visibilityTimeout = toVisibilitySeconds(delaySeconds);
    const sent = await queue.sendMessage(text, { ...options, messageTimeToLive, visibilityTimeout });
    return { messageId: sent.messageId, popReceipt: sent.popReceipt };
  });
