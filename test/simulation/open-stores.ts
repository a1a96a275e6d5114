import { startAzurite } from '../../local/azurite.ts';
import { systemClock } from '../../shared/clock.ts';
import { ensureStorage } from '../../shared/storage/ensure-storage.ts';
import { openStores } from '../e2e/stores.ts';
import { createMemoryRoutineStore } from '../memory/routine-store.ts';
import { createMemoryRunStore } from '../memory/run-store.ts';
import { createMemoryScheduleStore } from '../memory/schedule-store.ts';
import type { SimulatedStores } from './service.ts';

export type StoreKind = 'memory' | 'azurite';

export interface OpenStores {
  readonly stores: SimulatedStores;
  close(): Promise<void>;
}

export const createMemoryStores = (): SimulatedStores => ({
  routines: createMemoryRoutineStore(),
  schedule: createMemoryScheduleStore(),
  runs: createMemoryRunStore(),
});

/** `azurite`: the real stores on the emulator, in this process, which forgets everything at the end. */
export const openSimulatedStores = async (kind: StoreKind): Promise<OpenStores> => {
  if (kind === 'memory') return { stores: createMemoryStores(), close: async () => undefined };
  const azurite = await startAzurite({ inMemory: true });
  const config = {
    kind: 'connection_string',
    connectionString: azurite.connectionString,
    prefix: 'simulation',
  } as const;
  await ensureStorage(config, systemClock);
  return { stores: openStores(config), close: azurite.close };
};
