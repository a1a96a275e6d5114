import type { QueueClient } from '@azure/storage-queue';
import { createAgentCaller } from './agents/agent-caller.ts';
import { createAgentDirectory } from './agents/agent-directory.ts';
import { createTokenSource } from './agents/token-source.ts';
import { createTimings } from './app/create-timings.ts';
import type { ServicePorts } from './app/ports/service-ports.ts';
import { createService } from './app/service.ts';
import type { ServiceSettings } from './app/settings.ts';
import type { Timings } from './app/timings.ts';
import { type Repeat, systemClock, systemRepeat } from './clock.ts';
import { type Config, type Environment, parseConfig } from './config.ts';
import { createLog } from './log.ts';
import { systemRandomness } from './randomness.ts';
import { createDeliveryQueue } from './storage/queues/delivery-queue.ts';
import { createPutBack, maxDequeueCount } from './storage/queues/put-back.ts';
import { readQueueDepths } from './storage/queues/queue-depths.ts';
import { createReturnToQueue } from './storage/queues/return-to-queue.ts';
import { createWorkQueue } from './storage/queues/work-queue.ts';
import { createStorageClients, type StorageClients } from './storage/storage-clients.ts';
import { storageNames } from './storage/storage-names.ts';
import { createOutcomeStore } from './storage/tables/outcome-store.ts';
import { createPoisonedStore } from './storage/tables/poisoned-store.ts';
import { createRoutineStore } from './storage/tables/routine-store.ts';
import { createRunStore } from './storage/tables/run-store.ts';
import { createScanStore } from './storage/tables/scan-store.ts';
import { createScheduleStore } from './storage/tables/schedule-store.ts';
import { createThreadStore } from './storage/tables/thread-store.ts';

/** Environment, settings, adapters, service: in this file alone. Throws ConfigError with all that is wrong. */
export const createServices = (environment: Environment, repeat: Repeat = systemRepeat) => {
  const config = parseConfig(environment);
  const clients = createStorageClients(config.storage, systemClock);
  const settings = settingsOf(config);
  const ports = createPorts(config, clients, { repeat, timings: settings.timings });
  const { clock, randomness, log } = ports;
  const { queues } = clients;
  const poisonOf = (queue: QueueClient) => ({ queue, poisonQueue: queue, maxDequeueCount: 0 });
  return {
    config,
    clock,
    randomness,
    log,
    service: createService(ports, settings),
    putBack: {
      delivery: createPutBack({ queue: queues.delivery, poisonQueue: queues.deliveryPoison, clock, maxDequeueCount }),
      // Always by copy: every life on a poison queue begins with a first receipt.
      deliveryPoison: createPutBack({ ...poisonOf(queues.deliveryPoison), clock }),
      workPoison: createPutBack({ ...poisonOf(queues.workPoison), clock }),
    },
    queueNames: storageNames(config.storage.prefix).queues,
  };
};

interface Time {
  readonly repeat: Repeat;
  readonly timings: Timings;
}

const createPorts = ({ agents: config }: Config, clients: StorageClients, time: Time): ServicePorts => {
  const { repeat } = time;
  const { agents: timings } = time.timings;
  const { clock } = clients;
  const randomness = systemRandomness;
  // Outside of an invocation there is only the process's own output.
  const log = createLog(console);
  const token = createTokenSource({ managedIdentityClientId: config.managedIdentityClientId, clock, timings });
  return {
    routines: createRoutineStore({ clients, randomness, log }),
    schedule: createScheduleStore({ clients, randomness }),
    runs: createRunStore({ clients, randomness, log }),
    threads: createThreadStore({ clients, randomness }),
    poisoned: createPoisonedStore({ clients, log }),
    scans: createScanStore({ clients }),
    outcomes: createOutcomeStore({ clients, log }),
    deliveries: createDeliveryQueue({ clients }),
    work: createWorkQueue({ clients }),
    returnToQueue: createReturnToQueue({ clients }),
    queueDepths: () => readQueueDepths({ clients }),
    agents: createAgentCaller({ config, token, clock, log, randomness, timings }),
    agentDirectory: createAgentDirectory({ config, token, clock, log, timings }),
    clock,
    repeat,
    randomness,
    log,
  };
};

const settingsOf = ({ schedule, delivery, agentValidation }: Config): ServiceSettings => ({
  window: schedule,
  minIntervalSeconds: schedule.minIntervalSeconds,
  agentValidation,
  retryPolicy: delivery,
  attemptTimeoutSeconds: delivery.attemptTimeoutSeconds,
  runDeadlineSeconds: delivery.runDeadlineSeconds,
  timings: createTimings(delivery.delayScale),
});

export type Services = ReturnType<typeof createServices>;

/** Made when the app loads: a setting that is missing stops it there, with the whole list. */
export const services = createServices(process.env);
