import type { AgentCall } from '../../shared/app/ports/agent-caller.ts';
import type { Log } from '../../shared/app/ports/log.ts';
import type { RoutineStore } from '../../shared/app/ports/routine-store.ts';
import type { RunStore } from '../../shared/app/ports/run-store.ts';
import type { ScheduleStore } from '../../shared/app/ports/schedule-store.ts';
import { createService } from '../../shared/app/service.ts';
import type { RunId } from '../../shared/domain/names.ts';
import { createMemoryDeliveryQueue, createMemoryWorkQueue } from '../memory/queue.ts';
import { settleInMemory } from '../memory/settle.ts';
import { createMemoryPorts } from '../service-ports.ts';
import { serviceSettings } from '../service-settings.ts';
import type { Random } from './random.ts';
import type { SimulatedTime } from './simulated-time.ts';

export interface SimulatedStores {
  readonly routines: RoutineStore;
  readonly schedule: ScheduleStore;
  readonly runs: RunStore;
}

export type SimulatedService = ReturnType<typeof createSimulatedService>;

/** As the deployed host takes them. */
const deliveriesAtOnce = 16;

/** The whole service with an agent that succeeds at once. Queues go by real time, everything else by the shown one. */
export const createSimulatedService = (stores: SimulatedStores, time: SimulatedTime, random: Random) => {
  const deliveries = createMemoryDeliveryQueue(time.realClock);
  const work = createMemoryWorkQueue(time.realClock);
  const errors: string[] = [];
  const calls: RunId[] = [];
  let owners = 0;
  const ports = {
    ...createMemoryPorts(time.shownClock),
    ...stores,
    deliveries,
    work,
    randomness: {
      hex: (bytes: number) => Array.from({ length: bytes * 2 }, () => random.whole(0, 15).toString(16)).join(''),
      fraction: random.fraction,
    },
    log: createErrorLog(errors),
    agents: {
      call: async ({ runId }: AgentCall) => {
        calls.push(runId);
        return { kind: 'completed', answer: {} } as const;
      },
      poll: async () => ({ kind: 'completed', answer: {} }) as const,
      cancel: async () => undefined,
      stopBegun: async () => undefined,
    },
  };
  const useCases = createService(ports, serviceSettings());
  const deliverOne = async (received: ReturnType<typeof deliveries.receive>[number]): Promise<void> => {
    owners += 1;
    const { message, dequeueCount } = received;
    const disposition = await useCases.deliver({ message, dequeueCount, owner: `owner-${owners}` });
    await settleInMemory(deliveries, received, disposition);
  };
  return {
    stores,
    deliveries,
    work,
    /** What the service logged as an error: it should be nothing. */
    errors,
    /** The run of each call of the agent. */
    calls,
    useCases,
    tick: useCases.tick,
    /** Takes all messages that are visible now. */
    deliverVisible: async (): Promise<void> => {
      for (const received of work.receive()) {
        await useCases.doWork(received.message);
        await work.remove(received);
      }
      const visible = deliveries.receive();
      for (let index = 0; index < visible.length; index += deliveriesAtOnce) {
        await Promise.all(visible.slice(index, index + deliveriesAtOnce).map(deliverOne));
      }
    },
    /** When the next message is visible, in real milliseconds; infinity when there is none. */
    nextMessageAt: (): number => {
      let earliest = Number.POSITIVE_INFINITY;
      for (const { visibleAt } of deliveries.messages) earliest = Math.min(earliest, visibleAt.getTime());
      for (const { visibleAt } of work.messages) earliest = Math.min(earliest, visibleAt.getTime());
      return earliest;
    },
  };
};

const createErrorLog = (errors: string[]): Log => ({
  info: () => undefined,
  warn: () => undefined,
  error: (message, facts, error) => errors.push(`${message} ${JSON.stringify(facts)}: ${error}`),
});
