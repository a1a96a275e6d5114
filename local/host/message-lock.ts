import { type QueueClient, RestError } from '@azure/storage-queue';
import { pause } from './pause.ts';
import type { ReceivedMessage } from './queue-message.ts';
import type { HostLog } from './worker-protocol.ts';

/** This host's hold on one message, by the pop receipt that is current. */
export interface MessageLock {
  /** Ends the renewal and waits for one under way: the settlement of the message needs the receipt that it brings. */
  release(): Promise<void>;
  receipt(): string;
}

/**
 * Keeps a message locked while its function runs: at half of the lock's life it is extended, which makes the receipt in
 * the function's metadata stale, as in the platform. A message that another receiver has taken over is left alone.
 */
export const holdMessage = (
  queue: QueueClient,
  message: ReceivedMessage,
  lockSeconds: number,
  log: HostLog,
): MessageLock => {
  const ended = new AbortController();
  let receipt = message.popReceipt;
  const renew = async (): Promise<void> => {
    for (;;) {
      await pause(lockSeconds * 500, ended.signal);
      if (ended.signal.aborted) return;
      try {
        const updated = await queue.updateMessage(message.messageId, receipt, undefined, lockSeconds);
        receipt = updated.popReceipt ?? receipt;
      } catch (error) {
        if (isNoLongerOurs(error)) return;
        log({
          level: 'warning',
          category: 'Host',
          message: `Lock of message ${message.messageId} not renewed: ${error}`,
        });
      }
    }
  };
  const renewal = renew();
  return {
    release: () => {
      ended.abort();
      return renewal;
    },
    receipt: () => receipt,
  };
};

/** The receipt is stale, or the message or its queue is gone: the platform takes each as settled by another receiver. */
export const isNoLongerOurs = (error: unknown): boolean =>
  error instanceof RestError &&
  (error.statusCode === 404 || error.statusCode === 409 || error.code === 'PopReceiptMismatch');
