import type { QueueClient } from '@azure/storage-queue';
import { queueCall } from '../queue-call.ts';
import { isMessageGone } from './message-gone.ts';
import { toVisibilitySeconds } from './messages.ts';
import { sendToQueue, type TimedQueue } from './queue-sender.ts';

/** A message as the queue trigger hands it over; `body` is its parsed JSON, the rest its trigger metadata. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly popReceipt: string;
  readonly dequeueCount: number;
  readonly body: unknown;
}

/**
 * `extended`: the message stays and comes again by itself. The handler must fail now: were it to return, the platform
 * would delete the message. (Its release of the message fails on the changed receipt, which it swallows.)
 * `copied`: a new message takes its place. The handler must return: were it to fail, the platform would poison the old.
 */
export type PutBackResult = 'extended' | 'copied';

/** As in host.json; a test holds the two together. */
export const maxDequeueCount = 10;

/** `queue`: the one that the message was received from. */
export interface PutBackDeps extends TimedQueue {
  readonly poisonQueue: QueueClient;
  /** As in host.json: at this count the platform moves a failed message to the poison queue. */
  readonly maxDequeueCount: number;
}

/** What a handler can do with the message that it holds. All throw StorageUnavailableError. */
export interface PutBack {
  /** The same message comes again after the delay, and the platform counts its receipts: a failed attempt. */
  retry(message: ReceivedMessage, delaySeconds: number): Promise<PutBackResult>;
  /** A new message comes after the delay, and its receipts count from one: nothing has failed. The handler must return. */
  delay(message: ReceivedMessage, delaySeconds: number): Promise<void>;
  /** The message goes where the platform moves those that fail too often. The handler must return. */
  toPoison(message: ReceivedMessage): Promise<void>;
}

export const createPutBack = ({ queue, poisonQueue, clock, maxDequeueCount }: PutBackDeps): PutBack => {
  const delay: PutBack['delay'] = async (message, delaySeconds) => {
    // A crash before the old message is deleted leaves both: the run id makes them one run.
    await sendToQueue({ queue, clock }, message.body, delaySeconds);
  };
  return {
    retry: async (message, delaySeconds) => {
      if (message.dequeueCount >= maxDequeueCount) {
        await delay(message, delaySeconds);
        return 'copied';
      }
      await extend({ queue, clock }, message, toVisibilitySeconds(delaySeconds));
      return 'extended';
    },
    delay,
    toPoison: async ({ body }) => {
      await sendToQueue({ queue: poisonQueue, clock }, body, 0);
    },
  };
};

const extend = async (
  { queue, clock }: TimedQueue,
  message: ReceivedMessage,
  visibilitySeconds: number,
): Promise<void> => {
  const { messageId, popReceipt } = message;
  try {
    // Without a text the message keeps the one it has.
    await queueCall(clock, `Extend in ${queue.name}`, (options) =>
      queue.updateMessage(messageId, popReceipt, undefined, visibilitySeconds, options),
    );
  } catch (error) {
    // The lock ran out, and another instance has the message: it comes again if that one fails.
    if (!isMessageGone(error)) throw error;
  }
};
