import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import { ensureStorage } from '../../shared/storage/ensure-storage.ts';
import { refusalOf, storageCall } from '../../shared/storage/storage-call.ts';
import { createStorageClients } from '../../shared/storage/storage-clients.ts';
import { storageNames } from '../../shared/storage/storage-names.ts';
import { firstRows, openTable } from '../../shared/storage/tables/table.ts';
import type { Fault } from './storage-fault.ts';
import { startStorageProxy } from './storage-proxy.ts';
import { createTestStorage } from './test-storage.ts';

const storage = await createTestStorage();
const key = { partitionKey: 'p', rowKey: 'r' };

test('creating what is there already changes nothing', async () => {
  await storage.clients.tables.runs.createEntity(key);
  await ensureStorage(storage.config, systemClock);
  expect(await openTable(storage.clients.tables.runs).get(key)).toMatchObject(key);
});

test('table names are letters and digits only, and every queue has its poison queue', () => {
  const { tables, queues } = storageNames('routines');
  for (const name of Object.values(tables)) expect(name).toMatch(/^routines[a-z]+$/);
  const names = Object.values(queues);
  for (const name of names.filter((one) => !one.endsWith('-poison'))) expect(names).toContain(`${name}-poison`);
});

test('an identity speaks https with the account, and needs no token before the first request', () => {
  const { tables, queues } = createStorageClients({ kind: 'identity', accountName: 'acme', prefix: 'x' }, systemClock);
  expect(tables.runs.url).toBe('https://acme.table.core.windows.net');
  expect(queues.workPoison.url).toBe('https://acme.queue.core.windows.net/x-work-poison');
});

describe('an answer that says nothing about the rows is storage that is unavailable', () => {
  test('when the table was never created, on every way to it', async () => {
    const clients = createStorageClients({ ...storage.config, prefix: 'missing' }, systemClock);
    const table = openTable(clients.tables.runs);
    const ways = [
      () => table.get(key),
      () => table.write([{ kind: 'insert', row: key }]),
      () =>
        table.write([
          { kind: 'insert', row: key },
          { kind: 'delete', row: { ...key, rowKey: 'other' } },
        ]),
      async () => {
        for await (const _ of table.batches({ partitionKey: 'p' }));
      },
    ];
    for (const way of ways) {
      await expect(way()).rejects.toThrow(/storage answered 404 TableNotFound; expected the deployment, or npm start/);
    }
  });

  test('when the credentials are refused', async () => {
    const wrong = storage.config.connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${btoa('wrong'.repeat(12))}`);
    const { tables } = createStorageClients({ ...storage.config, connectionString: wrong }, systemClock);
    const reading = openTable(tables.runs).get(key);
    await expect(reading).rejects.toThrow(StorageUnavailableError);
    await expect(reading).rejects.toThrow('storage refused the credentials with 403');
  });

  test('when nobody listens', async () => {
    const nowhere = storage.config.connectionString.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:1');
    const { tables } = createStorageClients({ ...storage.config, connectionString: nowhere }, systemClock);
    await expect(openTable(tables.runs).get(key)).rejects.toThrow(
      /^Read \w+: storage does not answer \(.*ECONNREFUSED/,
    );
  });

  test.each<[Fault, string]>([
    ['conflict', '409'],
    ['precondition_failed', '412'],
  ])('when a read meets a %s, which only a write can', async (fault, status) => {
    const proxy = await startStorageProxy(storage.config.connectionString);
    onTestFinished(proxy.close);
    const { tables } = createStorageClients(
      { ...storage.config, connectionString: proxy.connectionString },
      systemClock,
    );
    const table = openTable(tables.runs);
    for (const read of [() => table.get(key), () => firstRows(table, { partitionKey: 'p' }, 1)]) {
      proxy.fail(fault);
      const reading = read();
      await expect(reading).rejects.toThrow(StorageUnavailableError);
      await expect(reading).rejects.toThrow(`storage answered a read with ${status}`);
    }
  });
});

describe('a fault of ours', () => {
  test('in a request keeps its own error, with what storage answered', async () => {
    const table = openTable(storage.clients.tables.runs);
    const error = await table.write([{ kind: 'insert', row: { ...key, text: 'x'.repeat(32_769) } }]).catch((e) => e);
    expect(error).not.toBeInstanceOf(StorageUnavailableError);
    expect(refusalOf(error)).toMatchObject({ status: 400, code: 'PropertyValueTooLarge' });
  });

  test('outside of any request keeps its own error', async () => {
    const fault = new TypeError('x is not a function');
    await expect(storageCall('Read', () => Promise.reject(fault))).rejects.toBe(fault);
  });

  test('more writes than a transaction takes are refused before they are sent', async () => {
    const write = { kind: 'upsert', row: key } as const;
    const table = openTable(storage.clients.tables.runs);
    const tooMany = table.write([write, ...Array.from({ length: 100 }, () => write)]);
    await expect(tooMany).rejects.toThrow('expected at most 100');
  });
});
