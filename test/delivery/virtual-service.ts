import type { Delivery, Disposition } from '../../shared/app/delivery/disposition.ts';
import type { AgentCall, AgentOutcome } from '../../shared/app/ports/agent-caller.ts';
import type { DeliveryMessage, WorkMessage } from '../../shared/app/ports/messages.ts';
import type { ScheduleStore } from '../../shared/app/ports/schedule-store.ts';
import type { Idempotency } from '../../shared/app/runs/start-by-hand.ts';
import type { StorageConfig } from '../../shared/config.ts';
import type { RoutineName, RunId } from '../../shared/domain/names.ts';
import type { RoutineDraft } from '../../shared/domain/routine-draft.ts';
import type { Run } from '../../shared/domain/run.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { createThreadStore } from '../../shared/storage/tables/thread-store.ts';
import { noAcceptedWork } from '../agents/no-accepted-work.ts';
import { createFakeClock } from '../app/fake-clock.ts';
import { demo } from '../app/world.ts';
import { openStores } from '../e2e/stores.ts';
import type { MemoryMessage } from '../memory/queue.ts';
import { settleInMemory } from '../memory/settle.ts';
import { serviceOf } from '../service-of.ts';
import { createMemoryPorts } from '../service-ports.ts';
import { serviceSettings } from '../service-settings.ts';

export type Agent = (call: AgentCall) => AgentOutcome | Promise<AgentOutcome>;

export const answered: AgentOutcome = { kind: 'completed', answer: { outputText: 'done' } };
export const unavailable: AgentOutcome = {
  kind: 'retryable',
  error: { type: 'http_error', statusCode: 503, message: 'unavailable' },
};

/** What the platform lets pass before it gives a failed message again. */
const releaseSeconds = 30;

/** The emulator's time is not the test's. */
const withoutAnswerTimes = (schedule: ScheduleStore): ScheduleStore => ({
  ...schedule,
  async *due(...args) {
    for await (const { answeredAt: _, ...batch } of schedule.due(...args)) yield batch;
  },
});

/**
 * The service on real tables, its time the test's. So are its queues: a message is invisible in that time, not in the
 * emulator's.
 */
export const createVirtualService = (config: StorageConfig, start: string, agent: Agent = () => answered) => {
  const clock = createFakeClock(start);
  const calls: (AgentCall & { readonly at: Date })[] = [];
  const stores = openStores(config);
  const deps = {
    ...createMemoryPorts(clock),
    ...stores,
    ...serviceSettings({ minIntervalSeconds: 60 }),
    schedule: withoutAnswerTimes(stores.schedule),
    randomness: systemRandomness,
    threads: createThreadStore({ clients: stores.clients, randomness: systemRandomness }),
    agents: {
      ...noAcceptedWork,
      call: async (call: AgentCall) => {
        calls.push({ ...call, at: clock.now() });
        return agent(call);
      },
    },
  };
  const useCases = serviceOf(deps);
  let owners = 0;

  /** One receipt of a message by an owner of its own. */
  const receive = (message: DeliveryMessage, over: Partial<Delivery> = {}): Promise<Disposition> => {
    owners += 1;
    return useCases.deliver({ message, dequeueCount: 1, owner: `owner-${owners}`, ...over });
  };

  const deliverQueued = async (received: MemoryMessage<DeliveryMessage>): Promise<void> => {
    const { message, dequeueCount } = received;
    const rest = await receive(message, { dequeueCount });
    await settleInMemory(deps.deliveries, received, rest);
  };

  const reconcileQueued = async (received: MemoryMessage<WorkMessage>): Promise<void> => {
    const { message } = received;
    try {
      await useCases.doWork(message);
      await deps.work.remove(received);
    } catch {
      deps.work.extend(received, releaseSeconds);
    }
  };

  /** Handles all messages as they become visible, those of one moment at once, up to that many seconds from now. */
  const live = async (seconds: number): Promise<void> => {
    const end = clock.now().getTime() + seconds * 1000;
    for (;;) {
      const handled = [...deps.deliveries.receive().map(deliverQueued), ...deps.work.receive().map(reconcileQueued)];
      await Promise.all(handled);
      if (handled.length > 0) continue;
      const visible = [...deps.deliveries.messages, ...deps.work.messages].map(({ visibleAt }) => visibleAt.getTime());
      const next = Math.min(...visible);
      if (next > end) break;
      clock.set(new Date(Math.max(next, clock.now().getTime())));
    }
    if (clock.now().getTime() < end) clock.set(new Date(end));
  };

  return {
    deps,
    clock,
    calls,
    useCases,
    receive,
    live,
    put: (name: RoutineName, draft: RoutineDraft) => useCases.putRoutine(demo, name, draft),
    dispatch: (routine: RoutineName, idempotency?: Idempotency) =>
      useCases.dispatchRoutine({ project: demo, routine, ...(idempotency && { idempotency }) }),
    runsOf: async (routine: RoutineName): Promise<readonly Run[]> =>
      (await deps.runs.list(demo, routine, { order: 'asc', limit: 1000 })).items,
    runOf: async (routine: RoutineName, id: RunId): Promise<Run | undefined> =>
      (await deps.runs.get(demo, routine, id))?.run,
  };
};

export type VirtualService = ReturnType<typeof createVirtualService>;
