import type { AppWorker, AppWorkerEvents, Outcome } from './app-worker.ts';
import type { WorkerLife } from './worker-life.ts';
import { startWorkerLives } from './worker-lives.ts';
import type { HostLog } from './worker-protocol.ts';

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
  const fail = (isConcerned: (one: Pending) => boolean, error: Error): void => {
    for (const one of [...pending.values()].filter(isConcerned)) one.settle({ kind: 'failed', error });
  };
  const lives = await startWorkerLives(appRoot, log, {
    done: (id, outcome) => pending.get(id)?.settle(outcome),
    died: (life, error) => fail((one) => one.life === life, error),
    lost: (reason) => {
      events.lost(reason);
      fail(() => true, reason);
    },
  });
  const add = (id: string): Promise<Outcome> =>
    new Promise((resolve) => {
      const settle = (outcome: Outcome): void => {
        pending.delete(id);
        resolve(outcome);
      };
      pending.set(id, { settle, life: undefined });
    });
  return {
    functions: lives.functions,
    run: async (invocation) => {
      const outcome = add(invocation.id);
      const life = await lives.serving();
      const one = pending.get(invocation.id);
      // Its time may be over before a worker is there.
      if (one === undefined) return outcome;
      one.life = life;
      if (life === undefined) one.settle({ kind: 'failed', error: new Error('No worker is left') });
      else life.invoke(invocation);
      return outcome;
    },
    timeOut: (id, reason) => {
      const one = pending.get(id);
      if (one?.life !== undefined) lives.replace(one.life);
      one?.settle({ kind: 'failed', error: reason });
    },
    end: lives.end,
    abandon: () => {
      lives.abandon();
      fail(() => true, new Error('The host has stopped'));
    },
  };
};
