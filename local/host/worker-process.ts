import type { AppWorker, AppWorkerEvents, Outcome } from './app-worker.ts';
import { HostError } from './host-error.ts';
import { startWorkerLife, type WorkerLife } from './worker-life.ts';
import type { HostLog } from './worker-protocol.ts';

/** The host stops itself after so many deaths, each within this time of the one before. */
const maxDeaths = 3;
const deathMemoryMilliseconds = 30 * 60_000;

interface Pending {
  readonly settle: (outcome: Outcome) => void;
  /** Undefined while it waits for a worker. */
  life: WorkerLife | undefined;
}

/**
 * The app in a process of its own, as in Azure. When that dies its invocations fail at once and a new one is started;
 * the third death ends the host. `functionTimeout` kills the process, which is no death to count: the function fails, and
 * a neighbour that is cut off fails only at its own timeout. Invocations wait while no worker is loaded.
 * Sources: RpcFunctionInvocationDispatcher and WorkerFunctionInvoker of the host, and what was seen of both.
 * Throws a `HostError` when the first worker finds the app not fit to start.
 */
export const startWorkerProcess = async (
  appRoot: string,
  log: HostLog,
  events: AppWorkerEvents,
): Promise<AppWorker> => {
  const pending = new Map<string, Pending>();
  let deaths: readonly number[] = [];
  /** What runs now, loaded or not; undefined when nothing will any more. */
  let current: WorkerLife | undefined;
  let serving: Promise<WorkerLife | undefined>;
  let isLoaded = false;

  const fail = (isConcerned: (one: Pending) => boolean, error: Error): void => {
    for (const one of [...pending.values()].filter(isConcerned)) one.settle({ kind: 'failed', error });
  };

  const startLife = (): WorkerLife => {
    const life = startWorkerLife(appRoot, log, {
      done: (id, outcome) => pending.get(id)?.settle(outcome),
      ended: (how) => died(life, how),
    });
    current = life;
    return life;
  };

  const replace = (): void => {
    const life = startLife();
    serving = life.loaded.then(
      () => life,
      (error: unknown) => {
        log({ level: 'error', category: 'Host', message: `A new worker can't serve: ${error}` });
        life.kill();
        // Its end is a death like any other; the next worker, or none, serves what waits.
        return life.ended.then(() => serving);
      },
    );
  };

  const died = (life: WorkerLife, how: string): void => {
    // Killed for a timeout or at the end, or the first one, which its own failure to load tells.
    if (life !== current || !isLoaded) return;
    const now = performance.now();
    const last = deaths.at(-1);
    deaths = [...(last !== undefined && now - last <= deathMemoryMilliseconds ? deaths : []), now];
    const text = `The worker process ${life.pid} ended (${how})`;
    const isLast = deaths.length >= maxDeaths;
    const next = isLast ? 'the host stops' : 'a new one starts';
    log({ level: 'error', category: 'Host', message: `${text}, death ${deaths.length} of ${maxDeaths}: ${next}` });
    if (isLast) {
      const reason = new HostError(`The worker process ended ${maxDeaths} times, the last time by ${how}`);
      current = undefined;
      serving = Promise.resolve(undefined);
      events.lost(reason);
      fail(() => true, reason);
    } else {
      replace();
      fail((one) => one.life === life, new Error(text));
    }
  };

  const first = startLife();
  serving = Promise.resolve(first);
  const functions = await first.loaded.catch((error: unknown) => {
    first.kill();
    throw error;
  });
  isLoaded = true;

  return {
    functions,
    run: (invocation) =>
      new Promise((resolve) => {
        const one: Pending = {
          life: undefined,
          settle: (outcome) => {
            pending.delete(invocation.id);
            resolve(outcome);
          },
        };
        pending.set(invocation.id, one);
        void serving.then((life) => {
          if (!pending.has(invocation.id)) return;
          if (life === undefined) return one.settle({ kind: 'failed', error: new Error('No worker is left') });
          one.life = life;
          life.invoke(invocation);
        });
      }),
    timeOut: (id, reason) => {
      const one = pending.get(id);
      if (one === undefined) return;
      const { life } = one;
      if (life !== undefined && life === current) {
        replace();
        life.kill();
      }
      one.settle({ kind: 'failed', error: reason });
    },
    end: async () => {
      const life = await serving;
      current = undefined;
      life?.end();
      await life?.ended;
    },
    abandon: () => {
      const life = current;
      current = undefined;
      serving = Promise.resolve(undefined);
      life?.kill();
      fail(() => true, new Error('The host has stopped'));
    },
  };
};
