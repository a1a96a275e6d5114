import { describe } from 'vitest';
import { createThreadStore } from '../../shared/storage/tables/thread-store.ts';
import { createMemoryThreadStore } from '../memory/thread-store.ts';
import { createTestStorage } from './test-storage.ts';
import { threadStoreSuite } from './thread-store-suite.ts';

const storage = await createTestStorage();
const store = createThreadStore(storage);

describe('in memory', () => threadStoreSuite(async () => createMemoryThreadStore()));
describe('on Table Storage', () => threadStoreSuite(async () => store));
