import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TableClient } from '@azure/data-tables';
import { QueueClient } from '@azure/storage-queue';
import { expect, inject, test } from 'vitest';
import { startAzurite } from '../../local/azurite.ts';

const clients = (connectionString: string) => ({
  table: TableClient.fromConnectionString(connectionString, 'kept', { allowInsecureConnection: true }),
  queue: new QueueClient(connectionString, 'kept'),
});

test('the emulator of the test run answers', async () => {
  const { table } = clients(inject('azurite'));
  await table.createTable();
  await table.createEntity({ partitionKey: 'p', rowKey: 'r', text: 'x' });
  expect(await table.getEntity('p', 'r')).toMatchObject({ text: 'x' });
});

test.each([0, 1, 2, 3])(
  'text that arrives in pieces cut inside of a character is kept as it is (%i)',
  async (shift) => {
    const { table } = clients(inject('azurite'));
    await table.createTable();
    const text = 'x'.repeat(shift) + '📈'.repeat(16_380);
    await table.createEntity({ partitionKey: 'pieces', rowKey: `${shift}`, text });
    expect((await table.getEntity('pieces', `${shift}`)).text).toBe(text);
  },
);

test.each(['\u2028', '\u2029'])(
  'text with a line end of Unicode is kept in a transaction too (%j)',
  async (lineEnd) => {
    const { table } = clients(inject('azurite'));
    await table.createTable();
    const text = `one${lineEnd}two ü ${lineEnd}`;
    const rows = ['a', 'b'].map((rowKey) => ({ partitionKey: `line end ${lineEnd.charCodeAt(0)}`, rowKey, text }));
    await table.submitTransaction(rows.map((row) => ['upsert', row, 'Replace']));
    for (const { partitionKey, rowKey } of rows) expect((await table.getEntity(partitionKey, rowKey)).text).toBe(text);
  },
);

test('rows and messages written right before close are there after a restart at the same place', async () => {
  const location = await mkdtemp(join(tmpdir(), 'azurite-'));
  try {
    const first = await startAzurite({ location });
    const before = clients(first.connectionString);
    await before.table.createTable();
    await before.queue.create();
    await before.table.createEntity({ partitionKey: 'p', rowKey: 'r', text: 'x' });
    await before.queue.sendMessage('hello', { messageTimeToLive: -1 });
    await first.close();

    const second = await startAzurite({ location });
    const after = clients(second.connectionString);
    expect(await after.table.getEntity('p', 'r')).toMatchObject({ text: 'x' });
    const { receivedMessageItems } = await after.queue.receiveMessages();
    expect(receivedMessageItems.map((message) => message.messageText)).toEqual(['hello']);
    await second.close();
  } finally {
    await rm(location, { recursive: true });
  }
});

test('two emulators in one process share nothing', async () => {
  const [one, other] = await Promise.all([startAzurite({ inMemory: true }), startAzurite({ inMemory: true })]);
  await clients(one.connectionString).table.createTable();
  await expect(clients(other.connectionString).table.getEntity('p', 'r')).rejects.toMatchObject({ statusCode: 404 });
  await Promise.all([one.close(), other.close()]);
});

test('a port that is taken is an error, and the services that had started are stopped', async () => {
  const one = await startAzurite({ inMemory: true });
  const port = Number(/TableEndpoint=http:\/\/[^:]+:(\d+)/.exec(one.connectionString)?.[1]);
  await expect(startAzurite({ inMemory: true, ports: { blob: 0, queue: 0, table: port } })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  await one.close();
});

test('without a place to keep things in it does not start', async () => {
  await expect(startAzurite({})).rejects.toThrow('neither location nor inMemory');
});
