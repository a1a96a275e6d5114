import { createAgentCaller } from './agents/agent-caller.ts';
import { createAgentDirectory } from './agents/agent-directory.ts';
import { createTokenSource } from './agents/token-source.ts';
import { deliver } from './app/delivery/deliver.ts';
import { createDeliverPoisoned } from './app/delivery/deliver-poisoned.ts';
import { keepPoisoned } from './app/delivery/keep-poisoned.ts';
import { countOutcomes } from './app/operations/count-outcomes.ts';
import { doPoisonedWork, doWork } from './app/operations/do-work.ts';
import { createReadHealth } from './app/operations/read-health.ts';
import { readStatus } from './app/operations/read-status.ts';
import { discardUnattributed, replayPoisoned } from './app/operations/replay-poisoned.ts';
import { startScan } from './app/operations/scan-routines.ts';
import { checkAgent } from './app/routines/check-agent.ts';
import { listAgents } from './app/routines/list-agents.ts';
import { createManageRoutines } from './app/routines/manage-routines.ts';
import { previewTriggers } from './app/routines/preview-triggers.ts';
import { cancelRun } from './app/runs/cancel-run.ts';
import { dispatchRoutine } from './app/runs/dispatch-routine.ts';
import { findRun } from './app/runs/find-run.ts';
import { listRuns } from './app/runs/list-runs.ts';
import { retryRun } from './app/runs/retry-run.ts';
import { tick } from './app/schedule/tick.ts';
import type { UseCases } from './app/use-cases.ts';
import { type Repeat, systemClock, systemRepeat } from './clock.ts';
import { type Environment, parseConfig } from './config.ts';
import { createLog } from './log.ts';
import { systemRandomness } from './randomness.ts';
import { createDeliveryQueue } from './storage/queues/delivery-queue.ts';
import { createPutBack, maxDequeueCount } from './storage/queues/put-back.ts';
import { readQueueDepths } from './storage/queues/queue-depths.ts';
import { createReturnToQueue } from './storage/queues/return-to-queue.ts';
import { createWorkQueue } from './storage/queues/work-queue.ts';
import { createStorageClients } from './storage/storage-clients.ts';
import { storageNames } from './storage/storage-names.ts';
import { createOutcomeStore } from './storage/tables/outcome-store.ts';
import { createPoisonedStore } from './storage/tables/poisoned-store.ts';
import { createRoutineStore } from './storage/tables/routine-store.ts';
import { createRunStore } from './storage/tables/run-store.ts';
import { createScanStore } from './storage/tables/scan-store.ts';
import { createScheduleStore } from './storage/tables/schedule-store.ts';
import { createThreadStore } from './storage/tables/thread-store.ts';

/** Joins ports to adapters, in this file alone. Throws ConfigError with all that is wrong with the settings. */
export const createServices = (environment: Environment, repeat: Repeat = systemRepeat) => {
  const config = parseConfig(environment);
  const clock = systemClock;
  const startedAt = clock.now();
  const randomness = systemRandomness;
  // Outside of an invocation there is only the process's own output.
  const log = createLog(console);
  const clients = createStorageClients(config.storage);
  const outcomes = createOutcomeStore({ clients, log });
  const counting = { outcomes, clock, repeat, randomness, log };
  const stores = {
    routines: createRoutineStore({ clients, randomness, log }),
    schedule: createScheduleStore({ clients, randomness }),
    runs: countOutcomes(createRunStore({ clients, randomness, log }), counting),
    threads: createThreadStore({ clients, randomness }),
    poison: createPoisonedStore({ clients, log }),
    scans: createScanStore({ clients }),
    outcomes,
    deliveries: createDeliveryQueue({ clients }),
    work: createWorkQueue({ clients }),
    returnToQueue: createReturnToQueue({ clients }),
    queueDepths: () => readQueueDepths({ clients }),
  };
  const shared = { ...stores, clock, randomness, log, window: config.schedule, delayScale: config.delivery.delayScale };
  const tokens = createTokenSource({ managedIdentityClientId: config.agents.managedIdentityClientId, clock });
  const agentDirectory = createAgentDirectory({ config: config.agents, token: tokens, clock, log });
  const { agentValidation: level } = config;
  const agents = createAgentCaller({ config: config.agents, token: tokens, clock, log, randomness });
  const delivery = {
    ...shared,
    agents,
    retryPolicy: config.delivery,
    attemptTimeoutSeconds: config.delivery.attemptTimeoutSeconds,
    runDeadlineSeconds: config.delivery.runDeadlineSeconds,
  };
  const useCases: UseCases = {
    ...createManageRoutines({
      ...shared,
      minIntervalSeconds: config.schedule.minIntervalSeconds,
      ...(level !== 'off' && {
        checkAgent: (project, action) => checkAgent({ agentDirectory, level }, project, action),
      }),
    }),
    listAgents: (project) => listAgents({ agentDirectory }, project),
    dispatchRoutine: (request) => dispatchRoutine(shared, request),
    listRuns: (request) => listRuns(shared, request),
    getRun: async (project, routine, id) => (await findRun(stores.runs, { project, routine, id })).run,
    cancelRun: (project, routine, id) => cancelRun(shared, { project, routine, id }),
    retryRun: (request) => retryRun(shared, request),
    previewTriggers: (request) => previewTriggers(config.schedule, request),
    readStatus: (project) => readStatus(shared, project),
    tick: () => tick(shared),
    listPoisoned: (limit) => stores.poison.list({ limit }),
    replayPoisoned: () => replayPoisoned(shared),
    discardPoisoned: () => discardUnattributed(shared),
  };
  return {
    config,
    clock,
    randomness,
    log,
    useCases,
    putBack: {
      delivery: createPutBack({ queue: clients.queues.delivery, maxDequeueCount }),
      // Always by copy: every life on a poison queue begins with a first receipt.
      deliveryPoison: createPutBack({ queue: clients.queues.deliveryPoison, maxDequeueCount: 0 }),
      workPoison: createPutBack({ queue: clients.queues.workPoison, maxDequeueCount: 0 }),
    },
    queueNames: storageNames(config.storage.prefix).queues,
    readHealth: createReadHealth({ ...shared, startedAt }),
    tick: useCases.tick,
    startScan: () => startScan(shared),
    deliver: (received: Parameters<typeof deliver>[1]) => deliver(delivery, received),
    deliverPoisoned: createDeliverPoisoned(delivery),
    doWork: (message: Parameters<typeof doWork>[1]) => doWork(shared, message),
    doPoisonedWork: (received: Parameters<typeof doPoisonedWork>[1]) => doPoisonedWork(shared, received),
    keepPoisoned: (message: Parameters<typeof keepPoisoned>[1]) => keepPoisoned(shared, message),
  };
};

export type Services = ReturnType<typeof createServices>;

/** Made when the app loads: a setting that is missing stops it there, with the whole list. */
export const services = createServices(process.env);
