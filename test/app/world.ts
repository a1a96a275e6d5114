import { createHash } from 'node:crypto';
import { deliver } from '../../shared/app/delivery/deliver.ts';
import { createDeliverPoisoned, type DeliverPoisonedDeps } from '../../shared/app/delivery/deliver-poisoned.ts';
import type { Disposition } from '../../shared/app/delivery/disposition.ts';
import { doWork } from '../../shared/app/operations/do-work.ts';
import type { AgentCall, AgentOutcome, AgentWork } from '../../shared/app/ports/agent-caller.ts';
import type { Log } from '../../shared/app/ports/log.ts';
import { createManageRoutines } from '../../shared/app/routines/manage-routines.ts';
import { cancelRun } from '../../shared/app/runs/cancel-run.ts';
import { dispatchRoutine } from '../../shared/app/runs/dispatch-routine.ts';
import { retryRun } from '../../shared/app/runs/retry-run.ts';
import { tick } from '../../shared/app/schedule/tick.ts';
import type { RoutineName, RunId } from '../../shared/domain/names.ts';
import type { WorkOutcome } from '../../shared/domain/progress/run-progress.ts';
import type { RoutineDraft } from '../../shared/domain/routine-draft.ts';
import type { Run } from '../../shared/domain/run.ts';
import type { Randomness } from '../../shared/randomness.ts';
import { anAction, projectName, routineName, triggerName } from '../builders.ts';
import { createMemoryPoisonedStore } from '../memory/poisoned-store.ts';
import { createMemoryDeliveryQueue, createMemoryWorkQueue, type MemoryMessage } from '../memory/queue.ts';
import { createMemoryRoutineStore } from '../memory/routine-store.ts';
import { createMemoryRunStore } from '../memory/run-store.ts';
import { createMemoryScanStore } from '../memory/scan-store.ts';
import { createMemoryScheduleStore } from '../memory/schedule-store.ts';
import { createMemoryThreadStore } from '../memory/thread-store.ts';
import { createFakeClock } from './fake-clock.ts';

export const demo = projectName('demo');
export const daily = routineName('daily');

/** Draws that follow one another, so that a failure repeats. */
export const countingRandomness = (): Randomness => {
  let drawn = 0;
  return {
    hex: (bytes) =>
      createHash('sha256')
        .update(String(++drawn))
        .digest('hex')
        .slice(0, bytes * 2),
    fraction: () => 0.5,
  };
};

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

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

/** The service on in-memory stores, its agent a function of the test, its time the test's. */
export const createWorld = (
  start: string,
  agent?: (call: AgentCall) => AgentOutcome | Promise<AgentOutcome>,
  poll?: (work: AgentWork) => WorkOutcome | Promise<WorkOutcome>,
) => {
  const clock = createFakeClock(start);
  const calls: (AgentCall & { readonly at: Date })[] = [];
  const polls: (AgentWork & { readonly at: Date })[] = [];
  const cancels: AgentWork[] = [];
  const deps = {
    routines: createMemoryRoutineStore(),
    schedule: createMemoryScheduleStore(),
    runs: createMemoryRunStore(),
    threads: createMemoryThreadStore(),
    poison: createMemoryPoisonedStore(),
    scans: createMemoryScanStore(),
    deliveries: createMemoryDeliveryQueue(clock),
    work: createMemoryWorkQueue(clock),
    clock,
    randomness: countingRandomness(),
    log: silent,
    window: { lookaheadSeconds: 300, misfireGraceSeconds: 300 },
    delayScale: 1,
    minIntervalSeconds: 300,
    retryPolicy: { maxAttempts: 3, backoffInitialSeconds: 1, backoffMaxSeconds: 5 },
    attemptTimeoutSeconds: 30,
    runDeadlineSeconds: 600,
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
    },
  } satisfies DeliverPoisonedDeps & Record<string, unknown>;
  const manage = createManageRoutines(deps);
  let owners = 0;

  const settle = async (message: MemoryMessage<unknown>, disposition: Disposition): Promise<Disposition> => {
    if (disposition.kind === 'done') await deps.deliveries.remove(message);
    else deps.deliveries.extend(message, disposition.delaySeconds);
    return disposition;
  };

  /** Delivers what is visible now, one message after the other. */
  const deliverVisible = async (): Promise<readonly Disposition[]> => {
    const dispositions: Disposition[] = [];
    for (const received of deps.deliveries.receive()) {
      const delivery = { message: received.message, dequeueCount: received.dequeueCount, owner: `owner-${++owners}` };
      dispositions.push(await settle(received, await deliver(deps, delivery)));
    }
    return dispositions;
  };

  const reconcileVisible = async (): Promise<void> => {
    for (const received of deps.work.receive()) {
      await doWork(deps, received.message);
      await deps.work.remove(received);
    }
  };

  /** Lets the service live, second by second: a tick each minute, deliveries as they become visible. */
  const runUntil = async (end: string): Promise<void> => {
    while (clock.now() < new Date(end)) {
      if (clock.now().getUTCSeconds() === 0) await tick(deps);
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
    manage,
    tick: () => tick(deps),
    dispatch: (over: Partial<Parameters<typeof dispatchRoutine>[1]> = {}) =>
      dispatchRoutine(deps, { project: demo, routine: daily, ...over }),
    cancel: (id: RunId) => cancelRun(deps, { project: demo, routine: daily, id }),
    retry: (id: RunId, over: Partial<Parameters<typeof retryRun>[1]> = {}) =>
      retryRun(deps, { project: demo, routine: daily, id, ...over }),
    deliverPoisoned: createDeliverPoisoned(deps),
    deliverVisible,
    reconcileVisible,
    runUntil,
    runsOf,
    /** Times of the runs, oldest first, as `HH:MM:SS`. */
    firedAt: async () => (await runsOf()).map((run) => run.triggeredAt.toISOString().slice(11, 19)),
    put: async (draft: RoutineDraft, name: RoutineName = daily) => (await manage.putRoutine(demo, name, draft)).routine,
  };
};
