import type { Log } from '../../shared/app/ports/log.ts';
import { systemClock } from '../../shared/clock.ts';
import type { StorageConfig } from '../../shared/config.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { createStorageClients } from '../../shared/storage/storage-clients.ts';
import { createPoisonedStore } from '../../shared/storage/tables/poisoned-store.ts';
import { createRoutineStore } from '../../shared/storage/tables/routine-store.ts';
import { createRunStore } from '../../shared/storage/tables/run-store.ts';
import { createScheduleStore } from '../../shared/storage/tables/schedule-store.ts';

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The real stores on a storage of the test's, to look behind the app's back. */
export const openStores = (config: StorageConfig) => {
  const clients = createStorageClients(config, systemClock);
  const deps = { clients, randomness: systemRandomness, log: silent };
  return {
    clients,
    routines: createRoutineStore(deps),
    schedule: createScheduleStore(deps),
    runs: createRunStore(deps),
    poisoned: createPoisonedStore(deps),
  };
};
