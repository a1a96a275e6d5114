import { describe, expect, test } from 'vitest';
import { createPoisonStore } from '../../shared/storage/poison-store.ts';
import { at } from '../builders.ts';
import { createMemoryPoisonStore } from '../memory/poison-store.ts';
import { poisonStoreSuite } from './poison-store-suite.ts';
import { createTestStorage } from './test-storage.ts';

describe('in memory', () => poisonStoreSuite(async () => createMemoryPoisonStore()));
describe('on Table Storage', () => poisonStoreSuite(async () => createPoisonStore(await createTestStorage())));

test('a row that cannot be read is left out of the list and logged, and is counted all the same', async () => {
  const storage = await createTestStorage();
  const store = createPoisonStore(storage);
  await store.keep({ queue: 'delivery', body: 'x', reason: 'y', poisonedAt: at('2026-01-01T00:00:00Z') });
  const [kept] = await store.list({ limit: 1 });
  const entity = { partitionKey: '!poisoned', rowKey: kept?.id ?? '', queue: 'mail' };
  await storage.clients.tables.runs.updateEntity(entity, 'Merge');
  expect(await store.list({ limit: 1 })).toEqual([]);
  expect(storage.log.warnings).toHaveLength(1);
  expect(await store.countAll()).toBe(1);
});
