import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { startQueueListener } from '../../local/host/queue-listener.ts';
import { systemClock } from '../../shared/clock.ts';
import { encodeMessage } from '../../shared/storage/queues/messages.ts';
import { createPutBack } from '../../shared/storage/queues/put-back.ts';
import { settle } from '../../shared/storage/queues/settle.ts';
import { startStorageProxy } from '../storage/storage-proxy.ts';
import { createTestStorage } from '../storage/test-storage.ts';

// What a message costs that comes again, and what the platform sees of it: counted between the local host and storage.

const proxy = await startStorageProxy(inject('azurite'));
afterAll(() => proxy.close());

const metadataSchema = z.object({
  Id: z.object({ string: z.string() }),
  PopReceipt: z.object({ string: z.string() }),
  DequeueCount: z.object({ json: z.coerce.number() }),
});
const body = { kind: 'fire' };

/** Messages that are put back once each, for ten minutes; the requests after their receipt and the invocations that failed. */
const putBackOnce = async (isRetry: boolean, messages: number) => {
  const { clients, config } = await createTestStorage();
  const { delivery: queue, deliveryPoison: poisonQueue } = clients.queues;
  for (let n = 0; n < messages; n += 1) await queue.sendMessage(encodeMessage(body));
  const proxied = await createProxied(config.prefix);
  const putBack = createPutBack({ ...proxied, poisonQueue, clock: systemClock, maxDequeueCount: 10 });
  let failed = 0;
  let handled = 0;
  let handledAll = (): void => undefined;
  const allHandled = new Promise<void>((resolve) => (handledAll = resolve));
  proxy.reset();
  const listener = startQueueListener({
    called: { name: 'deliver', kind: 'queue', queueName: queue.name, bindingName: 'message' },
    service: QueueServiceClient.fromConnectionString(proxy.connectionString),
    settings: {
      ...{ batchSize: 16, newBatchThreshold: 8, maxPollingIntervalMilliseconds: 2000 },
      ...{ maxDequeueCount: 10, visibilityTimeoutSeconds: 30, messageEncoding: 'base64' },
    },
    lockSeconds: 600,
    invoke: async (_called, _data, metadata) => {
      const { Id, PopReceipt, DequeueCount } = metadataSchema.parse(metadata);
      const receipt = { messageId: Id.string, popReceipt: PopReceipt.string, dequeueCount: DequeueCount.json };
      const rest = { kind: 'put_back', reason: 'x', delaySeconds: 600, isRetry } as const;
      try {
        await settle(putBack, { ...receipt, body }, rest);
        return { kind: 'succeeded', response: {} };
      } catch (error) {
        failed += 1;
        return { kind: 'failed', error };
      } finally {
        handled += 1;
        if (handled === messages) handledAll();
      }
    },
    log: () => undefined,
  });
  await allHandled;
  await listener.stop();
  const receives = (request: string) => request.startsWith('GET ');
  const { approximateMessagesCount: left } = await queue.getProperties();
  return { requests: proxy.requests.filter((request) => !receives(request)).length, failed, left };
};

const createProxied = async (prefix: string) => {
  const service = QueueServiceClient.fromConnectionString(proxy.connectionString);
  return { queue: service.getQueueClient(`${prefix}-delivery`) };
};

test.each([1, 16])(
  'a retry and a delay cost two requests each, of %i at once, and only the retry fails',
  async (count) => {
    expect(await putBackOnce(true, count)).toEqual({ requests: 2 * count, failed: count, left: count });
    expect(await putBackOnce(false, count)).toEqual({ requests: 2 * count, failed: 0, left: count });
  },
);
