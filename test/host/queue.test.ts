import { QueueClient } from '@azure/storage-queue';
import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { anApp, type HostProcess, launchForTest, until } from './host-process.ts';

const storage = inject('azurite');
let queues = 0;

interface Fixture {
  readonly queue: QueueClient;
  readonly poison: QueueClient;
  start(environment?: Readonly<Record<string, string>>): Promise<HostProcess>;
  send(message: object): Promise<void>;
}

/** A queue of its own for one test, and hosts that run the fixture app on it. */
const aQueue = async (): Promise<Fixture> => {
  queues += 1;
  const name = `host-queue-${process.pid}-${queues}`;
  const queue = new QueueClient(storage, name);
  await queue.create();
  return {
    queue,
    poison: new QueueClient(storage, `${name}-poison`),
    start: (environment) => launchForTest({ AzureWebJobsStorage: storage, FIXTURE_QUEUE: name, ...environment }),
    send: async (message) => {
      await queue.sendMessage(Buffer.from(JSON.stringify(message)).toString('base64'));
    },
  };
};

const seenSchema = z.array(
  z.object({
    at: z.number(),
    event: z.enum(['start', 'end']),
    message: z.unknown(),
    metadata: z.record(z.string(), z.unknown()).optional(),
  }),
);

const seen = async (host: HostProcess, event: 'start' | 'end') => {
  const all: unknown[] = z.array(z.unknown()).parse(await (await fetch(`${host.url}/api/seen`)).json());
  return seenSchema.parse(all.slice(1)).filter((entry) => entry.event === event);
};

const openGate = (host: HostProcess) => fetch(`${host.url}/api/gate`, { method: 'POST' });

/** Also messages that are invisible. */
const countOf = async (queue: QueueClient): Promise<number> =>
  (await queue.getProperties()).approximateMessagesCount ?? 0;

const untilEmpty = (queue: QueueClient) => until('the queue is empty', async () => (await countOf(queue)) === 0);

describe('a queue function', () => {
  it('gets message and metadata, and the message is deleted when it succeeds', async () => {
    const { queue, send, start } = await aQueue();
    await send({ hello: 'wörld' });
    const host = await start();
    await untilEmpty(queue);
    const [first] = await seen(host, 'start');
    expect(first).toMatchObject({
      message: { hello: 'wörld' },
      metadata: { dequeueCount: 1, hello: 'wörld', queueTrigger: { hello: 'wörld' } },
    });
    expect(first?.metadata).toHaveProperty('id', expect.stringMatching(/^[0-9a-f-]{36}$/));
    expect(first?.metadata).toHaveProperty('popReceipt', expect.any(String));
    for (const name of ['insertionTime', 'expirationTime', 'nextVisibleTime']) {
      expect(first?.metadata).toHaveProperty(name, expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/));
    }
  });

  it('waits for a queue that does not exist yet', async () => {
    const { queue, send, start } = await aQueue();
    await queue.delete();
    const host = await start();
    await until('the queue can be made again', () =>
      queue.create().then(
        () => true,
        () => false,
      ),
    );
    await send({ late: true });
    await until('the message runs', async () => (await seen(host, 'end')).length === 1);
    expect(host.log()).not.toContain("can't be polled");
  });

  it('runs at most batchSize + newBatchThreshold messages at once and fetches again below the threshold', async () => {
    const { queue, send, start } = await aQueue();
    for (let index = 0; index < 10; index += 1) await send({ do: 'wait', index });
    const host = await start();
    await until('a batch runs', async () => (await seen(host, 'start')).length === 4);
    // Four are in flight, more than the threshold of two: the other six are still in the queue, visible.
    const left = await queue.peekMessages({ numberOfMessages: 32 });
    expect(left.peekedMessageItems).toHaveLength(6);
    expect(await seen(host, 'start')).toHaveLength(4);
    await openGate(host);
    await untilEmpty(queue);
    expect(await seen(host, 'end')).toHaveLength(10);
  });

  it('sees a failed message again after visibilityTimeout, with a higher dequeue count', async () => {
    const { queue, poison, send, start } = await aQueue();
    await send({ do: 'fail twice' });
    const host = await start();
    await untilEmpty(queue);
    const starts = await seen(host, 'start');
    expect(starts.map(({ metadata }) => metadata?.dequeueCount)).toEqual([1, 2, 3]);
    const gaps = starts.slice(1).map(({ at }, index) => at - (starts[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(950);
    expect(await poison.exists()).toBe(false);
  });

  it('loses a message to the poison queue, which is made then, when it fails maxDequeueCount times', async () => {
    const { queue, poison, send, start } = await aQueue();
    await send({ do: 'fail' });
    const host = await start();
    await untilEmpty(queue);
    const { peekedMessageItems } = await poison.peekMessages();
    expect(Buffer.from(peekedMessageItems[0]?.messageText ?? '', 'base64').toString()).toBe('{"do":"fail"}');
    expect(await seen(host, 'start')).toHaveLength(3);
    expect(host.log()).toContain(`moves to '${poison.name}'`);
  });

  it('never sees a message that was dequeued more often than maxDequeueCount', async () => {
    const { queue, poison, send, start } = await aQueue();
    await send({ worn: true });
    for (let count = 0; count < 3; count += 1) {
      const { receivedMessageItems } = await queue.receiveMessages();
      for (const { messageId, popReceipt } of receivedMessageItems) await queue.updateMessage(messageId, popReceipt);
    }
    const host = await start();
    await untilEmpty(queue);
    expect(await countOf(poison)).toBe(1);
    expect(await seen(host, 'start')).toEqual([]);
  });

  it('never sees a message that is no base64', async () => {
    const { queue, poison, start } = await aQueue();
    await queue.sendMessage('{"plain": true}');
    const host = await start();
    await untilEmpty(queue);
    expect((await poison.peekMessages()).peekedMessageItems[0]?.messageText).toBe('{"plain": true}');
    expect(host.log()).toContain("can't be decoded");
  });

  it('keeps a message that it has put back itself for as long as it said', async () => {
    const { queue, send, start } = await aQueue();
    await send({ do: 'put back' });
    const host = await start();
    await untilEmpty(queue);
    const [first, second, ...more] = await seen(host, 'start');
    expect([first?.metadata?.dequeueCount, second?.metadata?.dequeueCount, more]).toEqual([1, 2, []]);
    // Two seconds are its own; the host's release of one second, with a stale receipt, must not count.
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_900);
    expect(host.log()).not.toContain('is not settled');
  });

  it('keeps its message locked for longer than the lock lasts', async () => {
    const { queue, send, start } = await aQueue();
    // It is renewed after half its life: the other half is for a machine that stands still.
    await send({ do: 'wait a little', milliseconds: 15_000 });
    const host = await start({ LOCAL_QUEUE_LOCK_SECONDS: '12' });
    await untilEmpty(queue);
    expect(await seen(host, 'start')).toHaveLength(1);
  });

  it('gets the message of a killed host when the lock ends, with a higher dequeue count', async () => {
    const { send, start } = await aQueue();
    await send({ do: 'wait' });
    const killed = await start({ LOCAL_QUEUE_LOCK_SECONDS: '10' });
    await until('the message runs', async () => (await seen(killed, 'start')).length === 1);
    await killed.end('SIGKILL');
    const host = await start({ LOCAL_QUEUE_LOCK_SECONDS: '10' });
    const again = await until('it runs again', async () => (await seen(host, 'start'))[0]);
    expect(again.metadata).toMatchObject({ dequeueCount: 2 });
    await openGate(host);
  });

  it('of a poison queue keeps its failed message locked: there is no second poison queue', async () => {
    const { poison } = await aQueue();
    await poison.create();
    await poison.sendMessage('text');
    const appRoot = anApp({
      'host.json': JSON.stringify({
        version: '2.0',
        extensions: { queues: { messageEncoding: 'none', maxDequeueCount: 1, maxPollingInterval: '00:00:00.100' } },
      }),
      'functions/last.mjs': `
        import { app } from '@azure/functions';
        app.storageQueue('last', { queueName: '${poison.name}', connection: 'X', handler: () => { throw new Error('no') } });`,
    });
    const host = await launchForTest({
      AzureWebJobsStorage: storage,
      APP_ROOT: appRoot,
      LOCAL_QUEUE_LOCK_SECONDS: '1',
    });
    await until('it has failed', () => host.log().includes('Error: no'));
    await until(
      'it was dequeued again',
      // A look sees it between two locks only, and may miss the one after the second.
      async () => ((await poison.peekMessages()).peekedMessageItems[0]?.dequeueCount ?? 0) >= 2,
    );
    expect(await countOf(poison)).toBe(1);
    expect(host.log().match(/Error: no/g)).toHaveLength(1);
    expect(await new QueueClient(storage, `${poison.name}-poison`).exists()).toBe(false);
  });
});
