import { fileURLToPath } from 'node:url';
import { type QueueClient, RestError } from '@azure/storage-queue';
import { describe, expect, test, vi } from 'vitest';
import { readHostSettings } from '../../local/host/host-settings.ts';
import { systemClock } from '../../shared/clock.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import { isMessageGone } from '../../shared/storage/queues/message-gone.ts';
import { encodeMessage } from '../../shared/storage/queues/messages.ts';
import { createPutBack, maxDequeueCount, type ReceivedMessage } from '../../shared/storage/queues/put-back.ts';
import { createStorageClients } from '../../shared/storage/storage-clients.ts';
import { createTestStorage } from '../storage/test-storage.ts';

const body = { kind: 'fire', project: 'p', routine: 'r', trigger: 't', nominal: 1 };

/** Receives one message as the platform does, with its ten-minute lock. */
const receiveOne = async (queue: QueueClient): Promise<ReceivedMessage | null> => {
  const { receivedMessageItems } = await queue.receiveMessages({ visibilityTimeout: 600 });
  const [item] = receivedMessageItems;
  if (item === undefined) return null;
  const { messageId, popReceipt, dequeueCount, messageText } = item;
  return { messageId, popReceipt, dequeueCount, body: JSON.parse(Buffer.from(messageText, 'base64').toString()) };
};

const receiveInTime = async (queue: QueueClient): Promise<ReceivedMessage> => {
  const received = await vi.waitUntil(() => receiveOne(queue), { timeout: 40_000, interval: 50 });
  if (received === null) throw new Error('expected a message');
  return received;
};

/** Longer than a busy machine takes to see that the message is not there yet. */
const delaySeconds = 12;

const start = async () => {
  const { clients } = await createTestStorage();
  const queue = clients.queues.delivery;
  await queue.sendMessage(encodeMessage(body), { messageTimeToLive: -1 });
  const { deliveryPoison: poisonQueue } = clients.queues;
  const putBack = createPutBack({ queue, poisonQueue, clock: systemClock, maxDequeueCount: 3 });
  return { queue, poisonQueue, putBack };
};

describe.concurrent('below the maximum of receipts', () => {
  test('the message itself comes again after the delay, with its text and one receipt more', async () => {
    const { queue, putBack } = await start();
    const first = await receiveInTime(queue);
    expect(await putBack.retry(first, delaySeconds)).toBe('extended');
    expect(await receiveOne(queue)).toBeNull();
    const second = await receiveInTime(queue);
    expect(second).toMatchObject({ messageId: first.messageId, dequeueCount: 2, body });
    // What the platform does next with the receipt it knows must not end the message's invisibility.
    const release = queue.updateMessage(first.messageId, first.popReceipt, undefined, 0);
    await expect(release).rejects.toMatchObject({ code: 'PopReceiptMismatch' });
  });

  test('a message that another instance has received since is left to it', async () => {
    const { queue, putBack } = await start();
    const first = await receiveInTime(queue);
    expect(await putBack.retry(first, 0)).toBe('extended');
    const second = await receiveInTime(queue);
    expect(await putBack.retry(first, 0)).toBe('extended');
    expect(await receiveOne(queue)).toBeNull();
    expect(second.dequeueCount).toBe(2);
  });

  test('a delay of any size becomes one that the queue takes', async () => {
    const { queue, putBack } = await start();
    expect(await putBack.retry(await receiveInTime(queue), -5)).toBe('extended');
    expect(await putBack.retry(await receiveInTime(queue), 1e12)).toBe('extended');
    expect(await receiveOne(queue)).toBeNull();
  });

  test('a message that is gone stays gone', async () => {
    const { queue, putBack } = await start();
    const first = await receiveInTime(queue);
    await queue.deleteMessage(first.messageId, first.popReceipt);
    expect(await putBack.retry(first, 0)).toBe('extended');
    expect(await receiveOne(queue)).toBeNull();
  });
});

test.concurrent('at the maximum of receipts a copy comes after the delay, and its receipts count from one', async () => {
  const { queue, putBack } = await start();
  const first = await receiveInTime(queue);
  expect(await putBack.retry({ ...first, dequeueCount: 3 }, delaySeconds)).toBe('copied');
  await queue.deleteMessage(first.messageId, first.popReceipt);
  expect(await receiveOne(queue)).toBeNull();
  const copy = await receiveInTime(queue);
  expect(copy.messageId).not.toBe(first.messageId);
  expect(copy).toMatchObject({ dequeueCount: 1, body });
});

test.concurrent('a delay is a new message whose receipts count from one, at whatever receipt', async () => {
  const { queue, putBack } = await start();
  const first = await receiveInTime(queue);
  await putBack.delay({ ...first, body: { ...body, unknown: 'kept', aside: 2 } }, delaySeconds);
  await queue.deleteMessage(first.messageId, first.popReceipt);
  expect(await receiveOne(queue)).toBeNull();
  const copy = await receiveInTime(queue);
  expect(copy).toMatchObject({ dequeueCount: 1, body: { ...body, unknown: 'kept', aside: 2 } });
});

test.concurrent('what goes to poison is on that queue at once, as it stood', async () => {
  const { queue, poisonQueue, putBack } = await start();
  await putBack.toPoison(await receiveInTime(queue));
  expect(await receiveInTime(poisonQueue)).toMatchObject({ dequeueCount: 1, body });
});

test.concurrent.each([1, 3])(
  'where storage is unavailable the handler hears of it, at receipt %i',
  async (dequeueCount) => {
    const { config } = await createTestStorage();
    const queue = createStorageClients({ ...config, prefix: 'missing' }, systemClock).queues.delivery;
    const message = { messageId: 'message', popReceipt: 'receipt', dequeueCount, body };
    const putBack = createPutBack({ queue, poisonQueue: queue, clock: systemClock, maxDequeueCount: 3 });
    await expect(putBack.retry(message, 0)).rejects.toThrow(StorageUnavailableError);
    await expect(putBack.delay(message, 0)).rejects.toThrow(StorageUnavailableError);
    await expect(putBack.toPoison(message)).rejects.toThrow(StorageUnavailableError);
  },
);

test.each([
  [404, 'MessageNotFound', true],
  [400, 'PopReceiptMismatch', true],
  [400, 'OutOfRangeQueryParameterValue', false],
  [409, 'QueueBeingDeleted', false],
])('a refusal by %i %s says that the message is gone: %s', (statusCode, code, isGone) => {
  expect(isMessageGone(new RestError('no', { statusCode, code }))).toBe(isGone);
});

test('the maximum of receipts is the one of host.json', () => {
  expect(readHostSettings(fileURLToPath(new URL('../..', import.meta.url))).queues.maxDequeueCount).toBe(
    maxDequeueCount,
  );
});
