import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { Log } from '../../shared/app/ports/log.ts';
import { systemClock } from '../../shared/clock.ts';
import type { StorageConfig } from '../../shared/config.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { ensureStorage } from '../../shared/storage/ensure-storage.ts';
import { createStorageClients } from '../../shared/storage/storage-clients.ts';
import type { StoreDeps } from '../../shared/storage/tables/routine-store.ts';

export interface TestLog extends Log {
  readonly warnings: readonly string[];
}

const createTestLog = (): TestLog => {
  const warnings: string[] = [];
  return {
    warnings,
    info: () => {},
    warn: (message, facts) => warnings.push(`${message} ${JSON.stringify(facts)}`),
    error: () => {},
  };
};

export interface TestStorage extends StoreDeps {
  readonly config: StorageConfig & { readonly kind: 'connection_string' };
  readonly log: TestLog;
}

/** Tables and queues of their own in the emulator of this test run. */
export const createTestStorage = async (connectionString = inject('azurite')): Promise<TestStorage> => {
  const prefix = `t${randomBytes(6).toString('hex')}`;
  const config = { kind: 'connection_string', connectionString, prefix } as const;
  await ensureStorage(config, systemClock);
  return {
    config,
    clients: createStorageClients(config, systemClock),
    randomness: systemRandomness,
    log: createTestLog(),
  };
};
