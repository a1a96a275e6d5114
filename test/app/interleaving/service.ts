import type { Delivery, Disposition } from '../../../shared/app/delivery/disposition.ts';
import { settlementOf } from '../../../shared/app/delivery/disposition.ts';
import type { DeliveryMessage, WorkMessage } from '../../../shared/app/ports/messages.ts';
import type { ServicePorts } from '../../../shared/app/ports/service-ports.ts';
import { createService, type Service } from '../../../shared/app/service.ts';
import type { RunId } from '../../../shared/domain/names.ts';
import type { Routine } from '../../../shared/domain/routine.ts';
import { createMemoryDeliveryQueue, createMemoryWorkQueue, type MemoryMessage } from '../../memory/queue.ts';
import { createMemoryRoutineStore } from '../../memory/routine-store.ts';
import { createMemoryRunStore } from '../../memory/run-store.ts';
import { createMemoryScheduleStore } from '../../memory/schedule-store.ts';
import { createMemoryThreadStore } from '../../memory/thread-store.ts';
import { countingRandomness, createMemoryPorts } from '../../service-ports.ts';
import { serviceSettings } from '../../service-settings.ts';
import { daily, demo } from '../world.ts';
import { createObservedAgent } from './agent.ts';
import { requestsOf, routinesOf, runsOf, schedulesOf, threadsOf } from './requests.ts';
import { createSchedule, settled, type Turn } from './schedule.ts';

/** A process of its own: what becomes of it is no other's business. */
interface Actor {
  readonly name: string;
  readonly ports: ServicePorts;
  readonly service: Service;
}

/** The routine as it stood from an instant on; null when there was none. */
export interface Standing {
  readonly from: Date;
  readonly routine: Routine | null;
}

/** A run that a caller asked for by hand; without an id as long as it is not answered. */
export interface Start {
  readonly key?: string;
  runId?: RunId;
}

const retrySeconds = 30;
const maxDequeueCount = 10;
const settings = serviceSettings({
  minIntervalSeconds: 60,
  retryPolicy: { maxAttempts: 10, backoffInitialSeconds: 1, backoffMaxSeconds: 5 },
});
export const { window } = settings;

const labelOf = (message: WorkMessage): string =>
  message.kind === 'reconcile' ? `send reconcile ${message.generation}` : `send ${message.kind}`;

/**
 * The service as its actors live it: requests of the API, ticks and deliveries, each in a process of its own. The lock is
 * shorter than the platform's, so that the message of a process that ended comes back soon.
 * `workSeconds`: how long the agent takes for what it accepts; 0: it answers at once.
 */
export const createInterleavedService = (start: Date, lockSeconds: number, workSeconds = 0) => {
  const schedule = createSchedule(start);
  const runs = createMemoryRunStore();
  const readRun = async (id: RunId) => (await runs.get(demo, daily, id))?.run;
  const agent = createObservedAgent({ schedule, readRun, workSeconds });
  const stores = {
    routines: createMemoryRoutineStore(),
    schedule: createMemoryScheduleStore(),
    threads: createMemoryThreadStore(),
    runs: {
      ...runs,
      replace: async (...args: Parameters<typeof runs.replace>) => {
        const written = await runs.replace(...args);
        if (written !== null) agent.onWritten(args[0]);
        return written;
      },
    },
    deliveries: createMemoryDeliveryQueue(schedule),
    work: createMemoryWorkQueue(schedule),
  };
  const history: Standing[] = [];
  const failures: unknown[] = [];
  const starts: Start[] = [];
  /** Runs that callers were told to be cancelled. */
  const cancelled: RunId[] = [];
  const randomness = countingRandomness();
  let actors = 0;

  const remember = async (isWritten: boolean): Promise<boolean> => {
    const stored = await stores.routines.get(demo, daily);
    if (isWritten) history.push({ from: schedule.now(), routine: stored?.kind === 'routine' ? stored.routine : null });
    return isWritten;
  };
  const observed = {
    ...stores.routines,
    put: async (...args: Parameters<typeof stores.routines.put>) => remember(await stores.routines.put(...args)),
    remove: async (...args: Parameters<typeof stores.routines.remove>) =>
      remember(await stores.routines.remove(...args)),
  };

  const portsOf = (actor: string): ServicePorts => {
    const ask = requestsOf(schedule, actor);
    const clock = schedule.clockOf(actor);
    return {
      ...createMemoryPorts(clock),
      routines: routinesOf(ask, observed),
      schedule: schedulesOf(ask, stores.schedule),
      runs: runsOf(ask, stores.runs),
      deliveries: {
        send: (message: DeliveryMessage, delay: number) =>
          ask({ label: `send ${message.kind}`, send: () => stores.deliveries.send(message, delay) }),
      },
      work: {
        send: (message: WorkMessage, delay: number) =>
          ask({ label: labelOf(message), send: () => stores.work.send(message, delay) }),
        remove: (sent: Parameters<typeof stores.work.remove>[0]) =>
          ask({ label: 'take reconcile back', send: () => stores.work.remove(sent) }),
      },
      agents: agent.of(actor),
      threads: threadsOf(ask, stores.threads),
      randomness,
    };
  };

  /** Starts an actor. It is told of storage trouble and conflicts, as a caller is; nothing else may go wrong. */
  const spawn = (kind: string, act: (actor: Actor) => Promise<unknown>): void => {
    const name = `${kind}-${++actors}`;
    const ports = portsOf(name);
    act({ name, ports, service: createService(ports, settings) }).catch((error: unknown) => {
      const name = error instanceof Error ? error.name : '';
      if (!/^(StorageUnavailableError|ConflictError|NotFoundError)$/.test(name)) failures.push(error);
    });
  };

  const deliverMessage = (received: MemoryMessage<DeliveryMessage>) =>
    spawn('deliver', async ({ name, service }) => {
      const ask = requestsOf(schedule, name);
      const { message, dequeueCount } = received;
      const delivery: Delivery = { message, dequeueCount, owner: name };
      const disposition: Disposition = await service.deliver(delivery);
      const rest = settlementOf(disposition);
      if (rest.kind === 'put_back') {
        const { reason, delaySeconds, marks } = rest;
        const isExtended = rest.isRetry && dequeueCount < maxDequeueCount;
        const keep = async () => {
          if (isExtended) stores.deliveries.extend(received, delaySeconds);
          else await stores.deliveries.send({ ...message, ...marks }, delaySeconds);
        };
        await ask({ label: `put back ${reason} ${delaySeconds}`, send: keep });
        if (isExtended) return;
      }
      await ask({ label: 'delete message', send: () => stores.deliveries.remove(received) });
    });

  const reconcileMessage = (received: MemoryMessage<WorkMessage>) =>
    spawn('reconcile', async ({ name, service }) => {
      try {
        await service.doWork(received.message);
      } catch {
        stores.work.extend(received, retrySeconds);
        return;
      }
      await requestsOf(schedule, name)({ label: 'delete message', send: () => stores.work.remove(received) });
    });

  /** Every actor is at its next request, those included whom a visible message brings. */
  const allWait = async (): Promise<void> => {
    await settled();
    const deliveries = stores.deliveries.receive(lockSeconds);
    const work = stores.work.receive(lockSeconds);
    deliveries.forEach(deliverMessage);
    work.forEach(reconcileMessage);
    if (deliveries.length + work.length > 0) await settled();
  };

  const startTick = () => spawn('tick', ({ service }) => service.tick());
  const passTo = (instant: number): void => {
    const minute = 60_000;
    const before = Math.floor(schedule.now().getTime() / minute);
    schedule.passTo(instant);
    if (Math.floor(schedule.now().getTime() / minute) > before) startTick();
  };

  /**
   * Plays the turns; the rest runs on without faults until then. False when no actor was left for the last of the steps
   * that others than newcomers made.
   */
  const play = async <Operation>(
    turns: readonly Turn<Operation>[],
    until: Date,
    begin: (operation: Operation) => void,
  ): Promise<boolean> => {
    let hadStep = true;
    for (const turn of turns) {
      await allWait();
      switch (turn.kind) {
        case 'time':
          passTo(Math.min(until.getTime(), schedule.now().getTime() + turn.seconds * 1000));
          hadStep = true;
          break;
        case 'operation':
          begin(turn.operation);
          break;
        case 'step': {
          const isMade = schedule.step(turn.pick, turn.fault);
          if (turn.pick >= 0) hadStep = isMade;
          break;
        }
        default:
          turn satisfies never;
      }
    }
    await runUntil(until);
    return hadStep;
  };

  const runUntil = async (end: Date): Promise<void> => {
    for (;;) {
      await allWait();
      if (schedule.step(0, 'none')) continue;
      const now = schedule.now().getTime();
      if (now >= end.getTime()) return;
      const visible = [...stores.deliveries.messages, ...stores.work.messages].map(({ visibleAt }) =>
        visibleAt.getTime(),
      );
      const nextMinute = (Math.floor(now / 60_000) + 1) * 60_000;
      passTo(Math.min(nextMinute, end.getTime(), schedule.nextWake(), ...visible));
    }
  };

  return {
    stores,
    history,
    calls: agent.calls,
    works: agent.works,
    failures,
    starts,
    cancelled,
    trace: schedule.trace,
    play,
    runUntil,
    spawn,
    startTick,
    now: schedule.now,
  };
};

export type InterleavedService = ReturnType<typeof createInterleavedService>;
