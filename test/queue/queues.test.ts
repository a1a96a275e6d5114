import type { QueueClient } from '@azure/storage-queue';
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import { createDeliveryQueue } from '../../shared/storage/queues/delivery-queue.ts';
import { messageVersion, parseWorkMessage } from '../../shared/storage/queues/messages.ts';
import { readQueueDepths } from '../../shared/storage/queues/queue-depths.ts';
import { createReturnToQueue } from '../../shared/storage/queues/return-to-queue.ts';
import { createWorkQueue } from '../../shared/storage/queues/work-queue.ts';
import { createStorageClients } from '../../shared/storage/storage-clients.ts';
import { createFakeClock } from '../app/fake-clock.ts';
import { projectName, routineName, triggerName } from '../builders.ts';
import { createMemoryDeliveryQueue, createMemoryWorkQueue, type MemoryQueue } from '../memory/queue.ts';
import { createTestStorage } from '../storage/test-storage.ts';
import { deliveryQueueSuite, type ReceivingEnd, workQueueSuite } from './queue-suite.ts';

const start = '2026-01-01T00:00:00Z';

const memoryEnd = (
  queue: Pick<MemoryQueue<unknown>, 'receive'>,
  clock: ReturnType<typeof createFakeClock>,
): ReceivingEnd => {
  const receive = async () => queue.receive().map(({ message }) => message);
  return {
    receive,
    receiveWithin: (seconds) => {
      clock.advance(seconds);
      return receive();
    },
  };
};

const storageEnd = (queue: QueueClient): ReceivingEnd => {
  const receive = async () => {
    const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32, visibilityTimeout: 600 });
    return receivedMessageItems.map(({ messageText }) => {
      const { v, ...message } = JSON.parse(Buffer.from(messageText, 'base64').toString());
      expect(v).toBe(messageVersion);
      return message;
    });
  };
  const receiveSome = async () => {
    const received = await receive();
    return received.length > 0 && received;
  };
  return {
    receive,
    receiveWithin: (seconds) => vi.waitUntil(receiveSome, { timeout: seconds * 1000 + 30_000, interval: 100 }),
  };
};

describe('in memory', () => {
  describe('the delivery queue', () =>
    deliveryQueueSuite(async () => {
      const clock = createFakeClock(start);
      const queue = createMemoryDeliveryQueue(clock);
      return { ...queue, ...memoryEnd(queue, clock) };
    }));
  describe('the work queue', () =>
    workQueueSuite(async () => {
      const clock = createFakeClock(start);
      const queue = createMemoryWorkQueue(clock);
      return { ...queue, ...memoryEnd(queue, clock) };
    }));
});

// At the same time: they wait for messages most of theirs.
describe.concurrent('on Queue Storage', () => {
  describe('the delivery queue', () =>
    deliveryQueueSuite(async () => {
      const storage = await createTestStorage();
      return { ...createDeliveryQueue(storage), ...storageEnd(storage.clients.queues.delivery) };
    }));
  describe('the work queue', () =>
    workQueueSuite(async () => {
      const storage = await createTestStorage();
      return { ...createWorkQueue(storage), ...storageEnd(storage.clients.queues.work) };
    }));
});

const reconcile = { kind: 'reconcile', project: projectName('q'), routine: routineName('r'), generation: 1 } as const;

test('what a newer version said in a message stays when the message is sent on, as one of this version', async () => {
  const storage = await createTestStorage();
  const read = parseWorkMessage({ ...reconcile, v: 99, new: { deep: true } });
  if (read.kind !== 'reconcile') throw new Error('expected a reconcile message');
  await createWorkQueue(storage).send({ ...read, again: true }, 0);
  const { receivedMessageItems } = await storage.clients.queues.work.receiveMessages();
  const bodies = receivedMessageItems.map(({ messageText }) =>
    JSON.parse(Buffer.from(messageText, 'base64').toString()),
  );
  expect(bodies).toEqual([{ ...reconcile, again: true, new: { deep: true }, v: messageVersion }]);
});

test('a message never expires', async () => {
  const storage = await createTestStorage();
  await createWorkQueue(storage).send(reconcile, 0);
  const { peekedMessageItems } = await storage.clients.queues.work.peekMessages();
  expect(peekedMessageItems.map(({ expiresOn }) => expiresOn.getUTCFullYear())).toEqual([9999]);
});

test('a delay of any size becomes one that the queue takes', async () => {
  const { clients } = await createTestStorage();
  const queue = createWorkQueue({ clients });
  for (const delaySeconds of [-5, 0.4, 604_800, 1e12]) await queue.send(reconcile, delaySeconds);
  const { receivedMessageItems } = await clients.queues.work.receiveMessages({ numberOfMessages: 32 });
  expect(receivedMessageItems).toHaveLength(2);
});

test('a queue that was never created is storage that is unavailable', async () => {
  const { config } = await createTestStorage();
  const clients = createStorageClients({ ...config, prefix: 'missing' }, systemClock);
  const sending = createWorkQueue({ clients }).send(reconcile, 0);
  await expect(sending).rejects.toThrow(StorageUnavailableError);
  await expect(sending).rejects.toThrow('Send to missing-work: storage answered 404 QueueNotFound; expected');
  const fire = { ...reconcile, kind: 'fire', trigger: triggerName('main'), nominal: 1 } as const;
  for (const act of [
    () => createDeliveryQueue({ clients }).send(fire, 0),
    () => createReturnToQueue({ clients })('work', 'hello'),
    () => createWorkQueue({ clients }).remove({ messageId: 'message', popReceipt: 'receipt' }),
  ]) {
    await expect(act()).rejects.toThrow(StorageUnavailableError);
  }
});

test('how deep the queues are is told of each, invisible messages included', async () => {
  const { clients } = await createTestStorage();
  expect(await readQueueDepths({ clients })).toEqual({ delivery: 0, deliveryPoison: 0, work: 0, workPoison: 0 });
  await clients.queues.delivery.sendMessage('x', { visibilityTimeout: 600 });
  for (const text of ['a', 'b']) await clients.queues.workPoison.sendMessage(text);
  expect(await readQueueDepths({ clients })).toEqual({ delivery: 1, deliveryPoison: 0, work: 0, workPoison: 2 });
});

test.each([
  ['work', 'hello'],
  ['work', '{"kind":"nonsense"}'],
  ['work', ''],
  ['delivery', 'hello'],
] as const)('returned to the %s queue %j stands there as it stood', async (queue, body) => {
  const { clients } = await createTestStorage();
  await createReturnToQueue({ clients })(queue, body);
  const { receivedMessageItems } = await clients.queues[queue].receiveMessages();
  expect(receivedMessageItems.map(({ messageText }) => Buffer.from(messageText, 'base64').toString())).toEqual([body]);
  const { delivery, work } = await readQueueDepths({ clients });
  expect(delivery + work).toBe(1);
});
