import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import { ensureStorage } from '../../shared/storage/ensure-storage.ts';
import { createStorageClients, type StorageClients } from '../../shared/storage/storage-clients.ts';
import { makeAppRoot } from '../e2e/app-root.ts';
import { createRandom } from '../simulation/random.ts';
import { type StorageProxy, startStorageProxy } from '../storage/storage-proxy.ts';
import { createApiClient } from './api-client.ts';
import { type AppLives, createAppLives } from './app-lives.ts';
import { type AzuriteProcess, startAzuriteProcess } from './azurite-process.ts';
import { type Ledger, openLedger, type RoutineToAsk } from './ledger.ts';
import { type MoodyAgent, startMoodyAgent } from './moody-agent.ts';
import { createRoutineClient, type RoutineClient } from './routine-client.ts';

/** The built app on the local host, an emulator that can go away, a proxy between the two, and an agent with moods. */
export interface Rig {
  readonly app: AppLives;
  readonly azurite: AzuriteProcess;
  readonly proxy: StorageProxy;
  readonly agent: MoodyAgent;
  readonly ledger: Ledger;
  readonly client: RoutineClient;
  /** Past the proxy. */
  readonly clients: StorageClients;
}

export interface RigOptions {
  readonly seed: number;
  readonly routines: readonly RoutineToAsk[];
}

export const lookaheadSeconds = 60;

/** Waits are short: what a killed host leaves locked or leased is free again within seconds. */
const settings = {
  AUTH_MODE: 'none',
  AGENT_VALIDATION: 'off',
  CONTAINER_NAME: '',
  MIN_INTERVAL_SECONDS: '60',
  LOOKAHEAD_SECONDS: String(lookaheadSeconds),
  MISFIRE_GRACE_SECONDS: '300',
  ATTEMPT_TIMEOUT_SECONDS: '2',
  LOCAL_QUEUE_LOCK_SECONDS: '3',
  DELAY_SCALE: '0.1',
};

/** Plays with a rig and takes it down. The logs go with it, unless something is wrong: then it says where they are. */
export const withRig = async <Result extends { readonly violations: readonly string[] }>(
  options: RigOptions,
  play: (rig: Rig) => Promise<Result>,
): Promise<Result> => {
  const folder = mkdtempSync(join(tmpdir(), 'soak-'));
  const rig = await startRig(options, folder);
  let isFine = false;
  try {
    const result = await play(rig);
    isFine = result.violations.length === 0;
    return result;
  } finally {
    await rig.app.end('SIGTERM');
    await Promise.all([rig.proxy.close(), rig.agent.close()]);
    await rig.azurite.stop();
    if (isFine) rmSync(folder, { recursive: true, force: true });
    else console.log(`The log of the app and what storage held are in ${folder}`);
  }
};

const startRig = async ({ seed, routines }: RigOptions, folder: string): Promise<Rig> => {
  const appRoot = join(folder, 'app');
  for (const made of [appRoot, join(folder, 'azurite')]) mkdirSync(made);
  const azurite = await startAzuriteProcess(join(folder, 'azurite'));
  const proxy = await startStorageProxy(azurite.connectionString);
  const agent = await startMoodyAgent(createRandom(seed));
  const storage = { kind: 'connection_string', connectionString: azurite.connectionString, prefix: 'soak' } as const;
  await ensureStorage(storage, systemClock);
  const app = createAppLives({
    folder,
    environment: {
      ...settings,
      // The daily scan begins with a message that waits for minutes: at that time of the day nothing would come to rest.
      APP_ROOT: makeAppRoot(appRoot, { without: ['scan'] }),
      AzureWebJobsStorage: proxy.connectionString,
      STORAGE_PREFIX: storage.prefix,
      AGENT_PROJECT_ENDPOINT: agent.url,
    },
  });
  await app.start();
  const ledger = openLedger(routines);
  const call = createApiClient(() => `http://127.0.0.1:${app.port}`, ledger);
  return {
    app,
    azurite,
    proxy,
    agent,
    ledger,
    client: createRoutineClient(call, ledger),
    clients: createStorageClients(storage, systemClock),
  };
};
