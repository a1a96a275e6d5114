import { afterAll, beforeEach, expect, inject, test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import { createDeliveryQueue } from '../../shared/storage/queues/delivery-queue.ts';
import { createPutBack } from '../../shared/storage/queues/put-back.ts';
import { createWorkQueue } from '../../shared/storage/queues/work-queue.ts';
import { openTable } from '../../shared/storage/tables/table.ts';
import { projectName, routineName, triggerName } from '../builders.ts';
import { turnAway } from '../soak/turn-away.ts';
import { startStorageProxy } from './storage-proxy.ts';
import { createTestStorage } from './test-storage.ts';

// What storage asks for when it has too much to do is done: the same request comes again, and no earlier than it says.

const proxy = await startStorageProxy(inject('azurite'));
const storage = await createTestStorage(proxy.connectionString);
const queue = storage.clients.queues.delivery;
const table = openTable(storage.clients.tables.runs);
afterAll(() => proxy.close());

const fire = {
  kind: 'fire',
  project: projectName('busy'),
  routine: routineName('r'),
  trigger: triggerName('main'),
  nominal: 0,
} as const;
const reconcile = { kind: 'reconcile', project: fire.project, routine: fire.routine, generation: 1 } as const;
let keys = 0;
const aRow = () => ({ partitionKey: 'p', rowKey: `${++keys}` });

const operations: readonly (readonly [string, () => Promise<() => Promise<unknown>>])[] = [
  ['a message sent', async () => () => createDeliveryQueue(storage).send(fire, 0)],
  [
    'a message taken back',
    async () => {
      const work = createWorkQueue(storage);
      const sent = await work.send(reconcile, 60);
      return () => work.remove(sent);
    },
  ],
  [
    'a message put back',
    async () => {
      const { messageId, popReceipt } = await queue.sendMessage('{}', { visibilityTimeout: 60 });
      const putBack = createPutBack({ queue, poisonQueue: queue, clock: systemClock, maxDequeueCount: 10 });
      return () => putBack.retry({ messageId, popReceipt, dequeueCount: 1, body: {} }, 5);
    },
  ],
  ['a row read', async () => () => table.get(aRow())],
  ['a row written', async () => () => table.write([{ kind: 'insert', row: aRow() }])],
  [
    'a transaction',
    async () => () =>
      table.write([
        { kind: 'insert', row: aRow() },
        { kind: 'insert', row: aRow() },
      ]),
  ],
  [
    'a query',
    async () => async () => {
      for await (const _ of table.batches({ partitionKey: 'none' }));
    },
  ],
];

/** When the requests arrived since the first ones were turned away, in milliseconds. */
const arrivals: number[] = [];
const turnAwayFirst = (statuses: readonly (429 | 503)[], retryAfterSeconds: number): void => {
  const faultOf = () => {
    const status = statuses[arrivals.length];
    arrivals.push(performance.now());
    return status === undefined ? 'none' : turnAway(status, retryAfterSeconds);
  };
  proxy.interfere({ faultOf });
};

beforeEach(() => {
  arrivals.splice(0);
  proxy.interfere({ faultOf: () => 'none' });
});

test.each(operations)('%s comes again as late as a 429 and a 503 say, and succeeds', async (_, prepare) => {
  const act = await prepare();
  turnAwayFirst([429, 503], 1);
  await act();
  expect(arrivals).toHaveLength(3);
  const [first = 0, second = 0, third = 0] = arrivals;
  // Timers may be a millisecond early.
  expect(second - first).toBeGreaterThan(995);
  expect(third - second).toBeGreaterThan(995);
});

test.each(operations)('%s that is turned away four times is storage that is unavailable', async (_, prepare) => {
  const act = await prepare();
  turnAwayFirst([503, 503, 429, 503, 503], 0);
  await expect(act()).rejects.toThrow(StorageUnavailableError);
  expect(arrivals).toHaveLength(4);
});

test('an operation whose storage asks for more time than it has ends with its deadline', async () => {
  turnAwayFirst([503, 503, 503], 60);
  const sending = createDeliveryQueue(storage).send(fire, 0);
  const reading = table.get(aRow());
  const ends = await Promise.allSettled([sending, reading]);
  const unavailable = { status: 'rejected', reason: expect.any(StorageUnavailableError) };
  expect(ends).toEqual([unavailable, unavailable]);
  expect(arrivals).toHaveLength(2);
}, 40_000);
