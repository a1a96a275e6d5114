import { randomUUID } from 'node:crypto';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { z } from 'zod';
import { startQueueListener } from '../../local/host/queue-listener.ts';
import type { QueueFunction } from '../../local/host/registered-function.ts';
import { settlementOf } from '../../shared/app/delivery/disposition.ts';
import { runIdOf } from '../../shared/app/delivery/start-run.ts';
import type { AgentCall, AgentOutcome } from '../../shared/app/ports/agent-caller.ts';
import type { DeliveryMessage } from '../../shared/app/ports/messages.ts';
import type { RunStore } from '../../shared/app/ports/run-store.ts';
import { systemClock } from '../../shared/clock.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import type { RoutineName, RunId } from '../../shared/domain/names.ts';
import type { Routine } from '../../shared/domain/routine.ts';
import { isEnded, type Run } from '../../shared/domain/run.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { queueCall } from '../../shared/storage/queue-call.ts';
import { createDeliveryQueue } from '../../shared/storage/queues/delivery-queue.ts';
import { parseDeliveryMessage } from '../../shared/storage/queues/messages.ts';
import { createPutBack, maxDequeueCount } from '../../shared/storage/queues/put-back.ts';
import { settle } from '../../shared/storage/queues/settle.ts';
import { createWorkQueue } from '../../shared/storage/queues/work-queue.ts';
import { createThreadStore } from '../../shared/storage/tables/thread-store.ts';
import { noAcceptedWork } from '../agents/no-accepted-work.ts';
import { demo } from '../app/world.ts';
import { openStores } from '../e2e/stores.ts';
import { serviceOf } from '../service-of.ts';
import { createMemoryPorts } from '../service-ports.ts';
import { serviceSettings } from '../service-settings.ts';
import type { Random } from '../simulation/random.ts';
import { createTestStorage } from '../storage/test-storage.ts';
import { createHoldHistory } from './hold-history.ts';

export interface LiveServiceOptions {
  readonly random: Random;
  readonly agent: (call: AgentCall) => Promise<AgentOutcome>;
}

/** Milliseconds since 1970. */
export interface ObservedCall {
  readonly runId: RunId;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** As many deliveries at once as a race has runners. */
const queueSettings = {
  batchSize: 20,
  newBatchThreshold: 20,
  maxDequeueCount,
  visibilityTimeoutSeconds: 3,
  maxPollingIntervalMilliseconds: 200,
  messageEncoding: 'base64',
} as const;
const lockSeconds = 60;
const maxJitterMs = 12;
/** Longer than a message stays away that could not be put back once and stands aside once. */
const restSeconds = 200;

/** The service on real tables and queues and the local host's own queue listener; every store call takes its time. */
export const startLiveService = async ({ random, agent }: LiveServiceOptions) => {
  const { config } = await createTestStorage();
  const { clients, ...stores } = openStores(config);
  const history = createHoldHistory(stores.runs);
  const calls: ObservedCall[] = [];
  /** When a message of each run was received first. */
  const received = new Map<RunId, number>();
  const jitter = () => systemClock.sleep(random.fraction() * maxJitterMs);

  const deps = {
    ...createMemoryPorts(systemClock),
    ...stores,
    ...serviceSettings({
      minIntervalSeconds: 60,
      retryPolicy: { maxAttempts: 3, backoffInitialSeconds: 1, backoffMaxSeconds: 2 },
      attemptTimeoutSeconds: 5,
    }),
    runs: slowedBy(jitter, history.runs),
    deliveries: createDeliveryQueue({ clients }),
    work: createWorkQueue({ clients }),
    randomness: systemRandomness,
    threads: createThreadStore({ clients, randomness: systemRandomness }),
    agents: {
      ...noAcceptedWork,
      call: async (call: AgentCall) => {
        const startedAt = Date.now();
        const outcome = await agent(call);
        calls.push({ runId: call.runId, startedAt, endedAt: Date.now() });
        return outcome;
      },
    },
  };
  const useCases = serviceOf(deps);
  const putBack = createPutBack({
    queue: clients.queues.delivery,
    poisonQueue: clients.queues.deliveryPoison,
    clock: systemClock,
    maxDequeueCount,
  });

  const handle = async (message: DeliveryMessage, receipt: Receipt): Promise<void> => {
    const runId = runIdOf(message);
    if (!received.has(runId)) received.set(runId, Date.now());
    await jitter();
    const delivery = { message, dequeueCount: receipt.dequeueCount, owner: randomUUID() };
    await settle(putBack, { ...receipt, body: message }, settlementOf(await useCases.deliver(delivery)));
  };
  const listener = startQueueListener({
    called: deliverFunction(clients.queues.delivery.name),
    service: QueueServiceClient.fromConnectionString(config.connectionString),
    settings: queueSettings,
    lockSeconds,
    invoke: async (_called, data, metadata) => {
      try {
        await handle(parseDeliveryMessage('string' in data ? data.string : ''), receiptOf(metadata));
        return { kind: 'succeeded', response: {} };
      } catch (error) {
        return { kind: 'failed', error };
      }
    },
    log: () => undefined,
  });

  const runsOf = async (routine: RoutineName): Promise<readonly Run[]> =>
    (await stores.runs.list(demo, routine, { order: 'asc', limit: 1000 })).items;

  return {
    deps,
    calls,
    received,
    history,
    useCases,
    put: (routine: Routine) => untilAnswered(() => deps.routines.put(routine, null)),
    dispatch: (routine: RoutineName) => {
      const idempotency = { kind: 'key', value: randomUUID() } as const;
      return untilAnswered(() => useCases.dispatchRoutine({ project: demo, routine, idempotency }));
    },
    send: (message: DeliveryMessage, delaySeconds = 0) =>
      untilAnswered(() => deps.deliveries.send(message, delaySeconds)),
    runsOf,
    /** The runs once there are so many and all have ended. */
    endedRunsOf: async (routine: RoutineName, count: number): Promise<readonly Run[]> => {
      const deadline = Date.now() + restSeconds * 1000;
      for (;;) {
        const runs = await untilAnswered(() => runsOf(routine));
        const open = runs.filter((run) => !isEnded(run.state)).length;
        if (runs.length >= count && open === 0) return runs;
        if (Date.now() > deadline) {
          throw new Error(`After ${restSeconds} s routine "${routine}" has ${runs.length} runs, ${open} of them open.`);
        }
        await systemClock.sleep(50);
      }
    },
    /** Resolves when every message has come to rest, those included that were put back. */
    emptyQueue: async (): Promise<void> => {
      const deadline = Date.now() + restSeconds * 1000;
      for (;;) {
        const left = await untilAnswered(() => countMessages(clients.queues.delivery));
        if (left === 0) return;
        if (Date.now() > deadline) throw new Error(`After ${restSeconds} s there are ${left} messages on the queue.`);
        await systemClock.sleep(50);
      }
    },
    stop: () => listener.stop(),
  };
};

export type LiveService = Awaited<ReturnType<typeof startLiveService>>;

const slowedBy = (jitter: () => Promise<void>, runs: RunStore): RunStore => ({
  ...runs,
  get: (...args) => jitter().then(() => runs.get(...args)),
  create: (...args) => jitter().then(() => runs.create(...args)),
  replace: (...args) => jitter().then(() => runs.replace(...args)),
  readHold: (...args) => jitter().then(() => runs.readHold(...args)),
});

/** The listener asks it for its queue only. */
const deliverFunction = (queueName: string): QueueFunction => ({
  name: 'deliver',
  kind: 'queue',
  queueName,
  bindingName: 'message',
});

const metadataSchema = z.object({
  Id: z.object({ string: z.string() }),
  PopReceipt: z.object({ string: z.string() }),
  DequeueCount: z.object({ json: z.coerce.number() }),
});

type Receipt = ReturnType<typeof receiptOf>;

const receiptOf = (metadata: unknown) => {
  const { Id, PopReceipt, DequeueCount } = metadataSchema.parse(metadata);
  return { messageId: Id.string, popReceipt: PopReceipt.string, dequeueCount: DequeueCount.json };
};

/** Those that are invisible too. */
const countMessages = async (queue: QueueClient): Promise<number> =>
  (await queueCall(systemClock, 'Count messages', (options) => queue.getProperties(options)))
    .approximateMessagesCount ?? 0;

const maxTries = 5;

/** An emulator that all tests share may not answer in time, once: it is asked again. */
export const untilAnswered = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries === maxTries || !(error instanceof StorageUnavailableError)) throw error;
    }
  }
};
