import { type QueueClient, type QueueServiceClient, RestError } from '@azure/storage-queue';
import type { QueueSettings } from './host-settings.ts';
import type { Invoke } from './invoker.ts';
import { holdMessage, isNoLongerOurs, type MessageLock } from './message-lock.ts';
import { pause } from './pause.ts';
import { nextPollDelay } from './poll-delay.ts';
import { decodeMessage, type ReceivedMessage, toTriggerMetadata } from './queue-message.ts';
import type { QueueFunction } from './registered-function.ts';
import type { HostLog, LogLevel } from './worker-protocol.ts';

export interface QueueListenerOptions {
  readonly called: QueueFunction;
  readonly service: QueueServiceClient;
  readonly settings: QueueSettings;
  readonly lockSeconds: number;
  readonly invoke: Invoke;
  readonly log: HostLog;
}

export interface QueueListener {
  /** Fetches nothing more; resolves when what was fetched is settled. */
  stop(): Promise<void>;
  /**
   * Fetches nothing more and ends the renewal of locks: the messages in flight come back when their locks end, those
   * too whose functions fail from now on.
   */
  abandon(): void;
}

const maxQueueNameLength = 63;
const poisonSuffix = '-poison';

/** Polls one queue and runs its messages (the storage queue extension's QueueListener and QueueProcessor). */
export const startQueueListener = (options: QueueListenerOptions): QueueListener => {
  const { called, service, settings } = options;
  const stopping = new AbortController();
  const abandoned = new AbortController();
  const inFlight = new Set<Promise<void>>();
  const locks = new Set<MessageLock>();
  const queue = service.getQueueClient(called.queueName);
  const consumer: Consumer = {
    ...options,
    queue,
    poison: poisonQueueOf(service, called.queueName),
    locks,
    abandoned: abandoned.signal,
    write: logFor(options),
  };
  const start = (message: ReceivedMessage): void => {
    const work = consume(consumer, message).finally(() => inFlight.delete(work));
    inFlight.add(work);
  };
  const poll = async (): Promise<void> => {
    const receive = createReceiver(consumer);
    let emptyPolls = 0;
    while (!stopping.signal.aborted) {
      const messages = await receive();
      messages.forEach(start);
      emptyPolls = messages.length > 0 ? 0 : emptyPolls + 1;
      if (emptyPolls > 0) {
        await pause(nextPollDelay(emptyPolls, Math.random(), settings.maxPollingIntervalMilliseconds), stopping.signal);
      }
      while (inFlight.size > settings.newBatchThreshold) await Promise.race(inFlight);
    }
    await Promise.all(inFlight);
  };
  const polling = poll();
  return {
    stop: () => {
      stopping.abort();
      return polling;
    },
    abandon: () => {
      stopping.abort();
      abandoned.abort();
      for (const lock of locks) void lock.release();
    },
  };
};

interface Consumer extends QueueListenerOptions {
  readonly queue: QueueClient;
  readonly poison: QueueClient | undefined;
  readonly locks: Set<MessageLock>;
  readonly abandoned: AbortSignal;
  readonly write: (level: LogLevel, message: string) => void;
}

const logFor =
  ({ called, log }: QueueListenerOptions) =>
  (level: LogLevel, message: string): void =>
    log({ level, category: 'Host', message: `Queue '${called.queueName}': ${message}` });

/** A poison queue has none of its own, nor has a queue whose name leaves no room for the suffix. */
const poisonQueueOf = (service: QueueServiceClient, queueName: string): QueueClient | undefined => {
  const name = `${queueName}${poisonSuffix}`;
  const exists = !queueName.endsWith(poisonSuffix) && name.length <= maxQueueNameLength;
  return exists ? service.getQueueClient(name) : undefined;
};

/** A queue that does not exist yet is an empty one. Trouble is logged when it begins and when it is over. */
const createReceiver = (consumer: Consumer) => {
  let failing = false;
  return async (): Promise<readonly ReceivedMessage[]> => {
    try {
      const messages = await receive(consumer);
      // As loud as the trouble was: what told the one has to tell the other.
      if (failing) consumer.write('error', 'can be polled again');
      failing = false;
      return messages;
    } catch (error) {
      if (!failing) consumer.write('error', `can't be polled: ${error}`);
      failing = true;
      return [];
    }
  };
};

const receive = async ({ queue, settings, lockSeconds }: Consumer): Promise<readonly ReceivedMessage[]> => {
  try {
    const { batchSize: numberOfMessages } = settings;
    return (await queue.receiveMessages({ numberOfMessages, visibilityTimeout: lockSeconds })).receivedMessageItems;
  } catch (error) {
    const isMissing = error instanceof RestError && (error.statusCode === 404 || error.statusCode === 409);
    if (isMissing) return [];
    throw error;
  }
};

/** Never rejects: a message that can't be settled comes back when its lock ends. */
const consume = async (consumer: Consumer, message: ReceivedMessage): Promise<void> => {
  const { called, queue, settings, lockSeconds, invoke, log, locks, write } = consumer;
  const body = decodeMessage(message.messageText, settings.messageEncoding);
  try {
    if (body === undefined) write('warning', `message ${message.messageId} can't be decoded: check messageEncoding`);
    if (body === undefined || message.dequeueCount > settings.maxDequeueCount) {
      return await moveToPoison(consumer, message, message.popReceipt);
    }
    const lock = holdMessage(queue, message, lockSeconds, log);
    locks.add(lock);
    const outcome = await invoke(called, { string: body }, toTriggerMetadata(message, body));
    await lock.release();
    locks.delete(lock);
    if (outcome.kind === 'succeeded') await settle(() => queue.deleteMessage(message.messageId, lock.receipt()));
    else if (!consumer.abandoned.aborted) await settleFailed(consumer, message, lock.receipt());
  } catch (error) {
    write('error', `message ${message.messageId} is not settled: ${error}`);
  }
};

const settleFailed = async (consumer: Consumer, message: ReceivedMessage, receipt: string): Promise<void> => {
  const { queue, poison, settings } = consumer;
  // Without a poison queue the message stays locked, or it would be back at once, again and again.
  if (poison === undefined) return;
  if (message.dequeueCount >= settings.maxDequeueCount) return moveToPoison(consumer, message, receipt);
  await settle(() => queue.updateMessage(message.messageId, receipt, undefined, settings.visibilityTimeoutSeconds));
};

/** Copied, then deleted: a crash between leaves the message in both queues, never in none. */
const moveToPoison = async (consumer: Consumer, message: ReceivedMessage, receipt: string): Promise<void> => {
  const { queue, poison, settings, write } = consumer;
  if (poison === undefined) return;
  write(
    'warning',
    `message ${message.messageId}, dequeued ${message.dequeueCount} times of at most ${settings.maxDequeueCount}, moves to '${poison.name}'`,
  );
  try {
    await poison.sendMessage(message.messageText);
  } catch (error) {
    if (!(error instanceof RestError && error.statusCode === 404)) throw error;
    await poison.createIfNotExists();
    await poison.sendMessage(message.messageText);
  }
  await settle(() => queue.deleteMessage(message.messageId, receipt));
};

const settle = async (act: () => Promise<unknown>): Promise<void> => {
  try {
    await act();
  } catch (error) {
    if (!isNoLongerOurs(error)) throw error;
  }
};
