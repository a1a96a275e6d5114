import type { Outcome } from './app-worker.ts';
import { HostError } from './host-error.ts';
import { afterDeath, maxDeaths } from './worker-deaths.ts';
import { startWorkerLife, type WorkerLife } from './worker-life.ts';
import type { FunctionMetadata, HostLog } from './worker-protocol.ts';

/** One worker process after the other. */
export interface WorkerLives {
  /** What the app registered in the first one. */
  readonly functions: readonly FunctionMetadata[];
  /** The worker that runs what comes now; it waits for one that is being loaded. Undefined when none will come. */
  serving(): Promise<WorkerLife | undefined>;
  /** Kills that worker, if it is the one that runs now, and starts another. It is no death to count. */
  replace(life: WorkerLife): void;
  /** Has the app's end hooks run in the last one. */
  end(): Promise<void>;
  /** Kills the last one. */
  abandon(): void;
}

export interface WorkerLivesEvents {
  done(invocationId: string, outcome: Outcome): void;
  /** The next one is on its way. */
  died(life: WorkerLife, error: Error): void;
  /** It died, and there will be no next one. */
  lost(reason: HostError): void;
}

/** Starts the first worker. Throws a `HostError` when it finds the app not fit to start. */
export const startWorkerLives = async (
  appRoot: string,
  log: HostLog,
  events: WorkerLivesEvents,
): Promise<WorkerLives> => {
  const write = (message: string): void => log({ level: 'error', category: 'Host', message });
  let deaths: readonly number[] = [];
  /** Loaded or not; undefined when none is wanted any more. */
  let current: WorkerLife | undefined;
  let serving: Promise<WorkerLife | undefined>;

  const start = (): WorkerLife => {
    const life = startWorkerLife(appRoot, log, { done: events.done, ended: (how) => ended(life, how) });
    return life;
  };
  const startNext = (): void => {
    const life = start();
    current = life;
    serving = life.loaded.then(
      () => life,
      (error: unknown) => {
        write(`A new worker can't serve: ${error}`);
        life.kill();
        // Its end is a death like any other; the next worker, or none, serves what waits.
        return life.ended.then(() => serving);
      },
    );
  };
  const ended = (life: WorkerLife, how: string): void => {
    // Another one was wanted instead, or none. The first one's failure to load is told by itself.
    if (life !== current) return;
    deaths = afterDeath(deaths, performance.now());
    const text = `The worker process ${life.pid} ended (${how})`;
    const isLast = deaths.length >= maxDeaths;
    write(`${text}, death ${deaths.length} of ${maxDeaths}: ${isLast ? 'the host stops' : 'a new one starts'}`);
    if (!isLast) {
      startNext();
      events.died(life, new Error(text));
      return;
    }
    current = undefined;
    serving = Promise.resolve(undefined);
    events.lost(new HostError(`The worker process ended ${maxDeaths} times, the last time by ${how}`));
  };

  const first = start();
  const functions = await first.loaded.catch((error: unknown) => {
    first.kill();
    throw error;
  });
  current = first;
  serving = Promise.resolve(first);
  return {
    functions,
    serving: () => serving,
    replace: (life) => {
      if (life !== current) return;
      startNext();
      life.kill();
    },
    end: async () => {
      const last = await serving;
      current = undefined;
      last?.end();
      await last?.ended;
    },
    abandon: () => {
      const last = current;
      current = undefined;
      serving = Promise.resolve(undefined);
      last?.kill();
    },
  };
};
