import { systemClock } from '../../shared/clock.ts';
import type { StorageConfig } from '../../shared/config.ts';
import type { RoutineName, RunId } from '../../shared/domain/names.ts';
import type { Routine } from '../../shared/domain/routine.ts';
import { type LogSink, withLogSink } from '../../shared/log.ts';
import { createServices, type Services } from '../../shared/services.ts';
import { ensureStorage } from '../../shared/storage/ensure-storage.ts';
import { createDeliveryQueue } from '../../shared/storage/queues/delivery-queue.ts';
import { createWorkQueue } from '../../shared/storage/queues/work-queue.ts';
import { openStores } from '../e2e/stores.ts';
import type { StorageProxy } from '../storage/storage-proxy.ts';
import type { Lanes } from './lanes.ts';
import type { PointAgent, RingAgent } from './ring-agent.ts';
import type { Scenario } from './scenario.ts';

const appSettings = {
  AUTH_MODE: 'none',
  AGENT_VALIDATION: 'off',
  CONTAINER_NAME: '',
  WEBSITE_INSTANCE_ID: '',
  MAX_TRIGGERS: '2',
  ATTEMPT_TIMEOUT_SECONDS: '2',
  DELAY_SCALE: '0.1',
} as const;

/** Where one point is played: tables and queues of its own, and the app twice, through the proxy and past it. */
export interface Stage {
  readonly prefix: string;
  /** Of the app, in this process and in one that is killed. */
  readonly settings: Readonly<Record<string, string>>;
  /** Of the emulator itself. */
  readonly connectionString: string;
  readonly proxied: string;
  readonly app: Services;
  readonly clean: Services;
  readonly stores: ReturnType<typeof openStores> & {
    readonly deliveries: ReturnType<typeof createDeliveryQueue>;
    readonly work: ReturnType<typeof createWorkQueue>;
  };
  readonly agent: PointAgent;
  readonly log: LogSink;
  readonly lines: readonly string[];
  readonly told: Told;
  /** Runs quietly: what is logged inside is kept for the report of a violation. */
  quietly<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** What callers were told, and what had stood before: storage alone does not say it. */
export interface Told {
  /** Runs that were asked for by hand. One that was answered with an error has no id, and may be there all the same. */
  readonly starts: { readonly routine: RoutineName; readonly key?: string; runId?: RunId }[];
  /** Definitions that stood there and may be gone. */
  readonly former: Routine[];
  /** The change that was answered, as far as it shows in storage. */
  readonly changed: { readonly routine: string; readonly generation: number; readonly answeredAt: Date }[];
  /** Runs whose cancellation was answered. */
  readonly cancelled: RunId[];
  /** What a caller was told that no caller may be told. */
  readonly complaints: string[];
}

/** What all points of a ring share. */
export interface RingServices {
  readonly emulator: { readonly connectionString: string };
  readonly agent: RingAgent;
  readonly lanes: Lanes;
  /** Points tried so far. */
  readonly tally: { points: number };
}

let points = 0;

/** One is struck, one may be refused by the agent's mood, and a busy machine may let others time out. */
const defaultMaxAttempts = 6;

export const openStage = async (
  ring: RingServices,
  proxy: StorageProxy,
  { agent: mood = {}, maxAttempts = defaultMaxAttempts }: Pick<Scenario, 'agent' | 'maxAttempts'>,
): Promise<Stage> => {
  points += 1;
  const prefix = `p${process.pid}x${points}`;
  const { connectionString } = ring.emulator;
  const storage: StorageConfig = { kind: 'connection_string', connectionString, prefix };
  await ensureStorage(storage, systemClock);
  const agent = ring.agent.forPoint(prefix, mood);
  const settings = { ...appSettings, MAX_ATTEMPTS: String(maxAttempts) };
  const servicesAt = (storageAddress: string): Services => {
    const places = { AzureWebJobsStorage: storageAddress, AGENT_PROJECT_ENDPOINT: agent.endpoint };
    // Their counters are never flushed: a point is over before, and its services would live on with their timer.
    return createServices({ ...settings, ...places, STORAGE_PREFIX: prefix }, () => undefined);
  };
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const log: LogSink = { info: write, warn: write, error: write };
  const stores = openStores(storage);
  return {
    prefix,
    settings,
    connectionString,
    proxied: proxy.connectionString,
    app: servicesAt(proxy.connectionString),
    clean: servicesAt(connectionString),
    stores: { ...stores, deliveries: createDeliveryQueue(stores), work: createWorkQueue(stores) },
    agent,
    log,
    lines,
    told: { starts: [], former: [], changed: [], cancelled: [], complaints: [] },
    quietly: (work) => withLogSink(log, work),
  };
};
