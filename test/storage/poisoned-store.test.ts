import { describe, expect, test } from 'vitest';
import { createPoisonedStore } from '../../shared/storage/tables/poisoned-store.ts';
import { at } from '../builders.ts';
import { createMemoryPoisonedStore } from '../memory/poisoned-store.ts';
import { poisonStoreSuite } from './poisoned-store-suite.ts';
import { createTestStorage } from './test-storage.ts';

describe('in memory', () => poisonStoreSuite(async () => createMemoryPoisonedStore()));
describe('on Table Storage', () => poisonStoreSuite(async () => createPoisonedStore(await createTestStorage())));

test('a row that cannot be read is left out of the list and logged, and is counted all the same', async () => {
  const storage = await createTestStorage();
  const store = createPoisonedStore(storage);
  await store.keep({ queue: 'delivery', body: 'x', reason: 'y', poisonedAt: at('2026-01-01T00:00:00Z') });
  const [kept] = await store.list({ limit: 1 });
  const entity = { partitionKey: '!poisoned', rowKey: kept?.id ?? '', queue: 'mail' };
  await storage.clients.tables.runs.updateEntity(entity, 'Merge');
  expect(await store.list({ limit: 1 })).toEqual([]);
  expect(storage.log.warnings).toHaveLength(1);
  expect(await store.countAll()).toBe(1);
});
