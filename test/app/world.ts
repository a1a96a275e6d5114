import type { Disposition } from '../../shared/app/delivery/disposition.ts';
import type { AgentCall, AgentOutcome, AgentWork, BegunCall } from '../../shared/app/ports/agent-caller.ts';
import type { DeliveryMessage } from '../../shared/app/ports/messages.ts';
import type { DispatchRequest } from '../../shared/app/runs/dispatch-routine.ts';
import type { RetryRequest } from '../../shared/app/runs/retry-run.ts';
import type { ServiceSettings } from '../../shared/app/settings.ts';
import type { RoutineName, RunId } from '../../shared/domain/names.ts';
import type { WorkOutcome } from '../../shared/domain/progress/run-progress.ts';
import type { RoutineDraft } from '../../shared/domain/routine-draft.ts';
import type { Run } from '../../shared/domain/run.ts';
import { anAction, projectName, routineName, triggerName } from '../builders.ts';
import type { MemoryMessage } from '../memory/queue.ts';
import { settleInMemory } from '../memory/settle.ts';
import { serviceOf } from '../service-of.ts';
import { createMemoryPorts } from '../service-ports.ts';
import { serviceSettings, withoutLooks } from '../service-settings.ts';
import { createFakeClock } from './fake-clock.ts';

export const demo = projectName('demo');
export const daily = routineName('daily');

/** A draft with one trigger called main. */
export const aDraft = (
  trigger: RoutineDraft['triggers'][number]['trigger'],
  over: Partial<RoutineDraft> = {},
): RoutineDraft => ({
  enabled: true,
  triggers: [{ name: triggerName('main'), enabled: true, trigger }],
  action: anAction(),
  catchUp: { policy: 'skip_missed' },
  concurrencyPolicy: 'always_enqueue',
  ...over,
});

export const everyFiveMinutes = { type: 'schedule', cronExpression: '*/5 * * * *' } as const;

/** Methods as they stand when they are called: a test may put another one in a store's place meanwhile. */
const lateBound = <Methods extends object>(methods: Methods): Methods =>
  new Proxy<Methods>(methods, {
    get:
      (target: object, name) =>
      (...args: readonly unknown[]) =>
        Reflect.get(target, name)(...args),
  });

/** The service on in-memory stores, its agent a function of the test, its time the test's. */
export const createWorld = (
  start: string,
  agent?: (call: AgentCall) => AgentOutcome | Promise<AgentOutcome>,
  poll?: (work: AgentWork) => WorkOutcome | Promise<WorkOutcome>,
  settings: Partial<ServiceSettings> = {},
) => {
  const clock = createFakeClock(start);
  const calls: (AgentCall & { readonly at: Date })[] = [];
  const polls: (AgentWork & { readonly at: Date })[] = [];
  const cancels: AgentWork[] = [];
  const stops: BegunCall[] = [];
  const deps = {
    ...createMemoryPorts(clock),
    ...serviceSettings({ timings: withoutLooks, ...settings }),
    agents: {
      call: async (call: AgentCall) => {
        calls.push({ ...call, at: clock.now() });
        return agent ? agent(call) : ({ kind: 'completed', answer: { outputText: 'done' } } as const);
      },
      poll: async (work: AgentWork) => {
        polls.push({ ...work, at: clock.now() });
        return poll ? poll(work) : ({ kind: 'completed', answer: { outputText: 'done' } } as const);
      },
      cancel: async (work: AgentWork) => {
        cancels.push(work);
      },
      stopBegun: async (begun: BegunCall) => {
        stops.push(begun);
      },
    },
  };
  const service = serviceOf({ ...deps, runs: lateBound(deps.runs) });
  let owners = 0;

  const settle = async (message: MemoryMessage<DeliveryMessage>, disposition: Disposition): Promise<Disposition> => {
    await settleInMemory(deps.deliveries, message, disposition);
    return disposition;
  };

  /** Delivers what is visible now, one message after the other. */
  const deliverVisible = async (): Promise<readonly Disposition[]> => {
    const dispositions: Disposition[] = [];
    for (const received of deps.deliveries.receive()) {
      const delivery = { message: received.message, dequeueCount: received.dequeueCount, owner: `owner-${++owners}` };
      dispositions.push(await settle(received, await service.deliver(delivery)));
    }
    return dispositions;
  };

  const reconcileVisible = async (): Promise<void> => {
    for (const received of deps.work.receive()) {
      await service.doWork(received.message);
      await deps.work.remove(received);
    }
  };

  /** Lets the service live, second by second: a tick each minute, deliveries as they become visible. */
  const runUntil = async (end: string): Promise<void> => {
    while (clock.now() < new Date(end)) {
      if (clock.now().getUTCSeconds() === 0) await service.tick();
      await reconcileVisible();
      await deliverVisible();
      clock.advance(1);
    }
  };

  const runsOf = async (routine: RoutineName = daily): Promise<readonly Run[]> =>
    (await deps.runs.list(demo, routine, { order: 'asc', limit: 1000 })).items;

  return {
    deps,
    clock,
    calls,
    polls,
    cancels,
    stops,
    service,
    tick: service.tick,
    dispatch: (over: Partial<DispatchRequest> = {}) =>
      service.dispatchRoutine({ project: demo, routine: daily, ...over }),
    cancel: (id: RunId) => service.cancelRun(demo, daily, id),
    retry: (id: RunId, over: Partial<RetryRequest> = {}) =>
      service.retryRun({ project: demo, routine: daily, id, ...over }),
    deliverPoisoned: service.deliverPoisoned,
    deliverVisible,
    reconcileVisible,
    runUntil,
    runsOf,
    /** Times of the runs, oldest first, as `HH:MM:SS`. */
    firedAt: async () => (await runsOf()).map((run) => run.triggeredAt.toISOString().slice(11, 19)),
    put: async (draft: RoutineDraft, name: RoutineName = daily) =>
      (await service.putRoutine(demo, name, draft)).routine,
  };
};
