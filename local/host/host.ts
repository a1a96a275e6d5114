import { QueueServiceClient } from '@azure/storage-queue';
import type { AppWorker } from './app-worker.ts';
import { HostError } from './host-error.ts';
import { type HostSettings, readHostSettings } from './host-settings.ts';
import { type HttpListener, startHttpListener } from './http-listener.ts';
import { loadWorker } from './in-process-worker.ts';
import { createInvoker, type Invoker } from './invoker.ts';
import { filterLog } from './log-filter.ts';
import { pause } from './pause.ts';
import { type QueueListener, startQueueListener } from './queue-listener.ts';
import { type AppFunction, describeFunctions, type RegisteredFunction } from './registered-function.ts';
import { startTimerListener, type TimerListener } from './timer-listener.ts';
import { openTimerStatusStore } from './timer-status.ts';
import { startWorkerProcess } from './worker-process.ts';
import type { HostLog, HostLogLine } from './worker-protocol.ts';

export type { HostLogLine, RegisteredFunction };

export interface HostOptions {
  /** Folder of the app: its `package.json`, whose `main` is a glob of the files to load, and its `host.json`. */
  readonly appRoot: string;
  readonly host: string;
  /** 0 is any free port. */
  readonly port: number;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** The account of all queues, whatever `connection` a trigger names. */
  readonly storageConnectionString: string;
  /** How long a message that a killed host was working on stays invisible. Whole seconds; 600 in Azure. */
  readonly queueLockSeconds: number;
  /** Where timers remember their last occurrence, so that one missed while the host was down is past due at the start. */
  readonly timerStatusFile?: string;
  /** After which the client of a function that does not answer gets 502. Default 230, as in Azure. */
  readonly httpAnswerSeconds?: number;
  /** The app in a process of its own, as in Azure, which may die without the host; else in this one. */
  readonly workerProcess?: boolean;
  /** Gets what `logging.logLevel` of the app's host.json asks for. */
  readonly log: HostLog;
}

export interface RunningHost {
  readonly url: string;
  /** In order of their names. */
  readonly functions: readonly RegisteredFunction[];
  /**
   * Settles when the host can't go on, and only then: its worker process has died for the third time, or, without one, a
   * function has run for longer than `functionTimeout`. The owner of this host should close it and end the process.
   * Messages in flight are left as they are: they come back when their locks end.
   */
  readonly failed: Promise<Error>;
  /**
   * Accepts and fetches nothing more, waits that long at most for what runs, runs the app's end hooks and lets go of
   * everything. Repeated calls share the first one's end.
   */
  close(graceSeconds: number): Promise<void>;
}

/**
 * Loads the app and runs its HTTP, queue and timer functions with the semantics of the Azure Functions host. One host
 * per process. Throws a `HostError` when the app, its settings, the storage or the port are not fit to start.
 */
export const startHost = async (options: HostOptions): Promise<RunningHost> => {
  const settings = readHostSettings(options.appRoot);
  const log = filterLog(settings.logLevels, options.log);
  const service = await connectQueues(options.storageConnectionString);
  const { promise: failed, resolve: reportFailure } = Promise.withResolvers<Error>();
  let parts: Parts | undefined;
  const load = options.workerProcess === true ? startWorkerProcess : loadWorker;
  const worker = await load(options.appRoot, log, {
    lost: (reason) => {
      for (const queue of parts?.queues ?? []) queue.abandon();
      reportFailure(reason);
    },
  });
  try {
    const functions = describeFunctions(worker.functions, settings.routePrefix, process.env);
    const running = await startListeners(options, { settings, service, worker, functions, log });
    parts = running;
    let closing: Promise<void> | undefined;
    return {
      url: running.http.url,
      functions: functions.map(toRegistered),
      failed,
      close: (graceSeconds) => {
        closing ??= shutDown(running, graceSeconds);
        return closing;
      },
    };
  } catch (error) {
    worker.abandon();
    throw error;
  }
};

interface Loaded {
  readonly settings: HostSettings;
  readonly service: QueueServiceClient;
  readonly worker: AppWorker;
  readonly functions: readonly AppFunction[];
  readonly log: HostLog;
}

const startListeners = async (options: HostOptions, loaded: Loaded): Promise<Parts> => {
  const { settings, service, worker, functions, log } = loaded;
  const { host, port, tls, queueLockSeconds: lockSeconds } = options;
  const invoker = createInvoker(worker, settings.functionTimeoutSeconds, log);
  const { invoke } = invoker;
  const http = await startHttpListener(
    { host, port, ...(tls && { tls }), answerSeconds: options.httpAnswerSeconds ?? defaultAnswerSeconds },
    functions.filter((called) => called.kind === 'http'),
    invoke,
  );
  // Nothing may fail from here on: these listeners run until the host is closed.
  const queues = functions
    .filter((called) => called.kind === 'queue')
    .map((called) => startQueueListener({ called, service, settings: settings.queues, lockSeconds, invoke, log }));
  const statuses = openTimerStatusStore(options.timerStatusFile, log);
  const timers = functions
    .filter((called) => called.kind === 'timer')
    .map((called) => startTimerListener(called, statuses, invoke, log));
  return { http, queues, timers, invoker, worker, log };
};

const defaultAnswerSeconds = 230;

/** Short tries: a storage that is down should be noticed at the start, and one that comes back should be used soon. */
const retryOptions = { maxTries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 2_000, tryTimeoutInMs: 30_000 };

const connectQueues = async (connectionString: string): Promise<QueueServiceClient> => {
  try {
    const service = QueueServiceClient.fromConnectionString(connectionString, { retryOptions });
    await service.getProperties();
    return service;
  } catch (cause) {
    throw new HostError(`Queue storage can't be reached: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
};

const toRegistered = (called: AppFunction): RegisteredFunction => {
  const { name, kind } = called;
  switch (kind) {
    case 'http':
      return { name, kind, route: called.route, methods: called.methods };
    case 'queue':
      return { name, kind, queueName: called.queueName };
    case 'timer':
      return { name, kind, schedule: called.schedule };
    default:
      return called satisfies never;
  }
};

interface Parts {
  readonly http: HttpListener;
  readonly queues: readonly QueueListener[];
  readonly timers: readonly TimerListener[];
  readonly invoker: Invoker;
  readonly worker: AppWorker;
  readonly log: HostLog;
}

const shutDown = async ({ http, queues, timers, invoker, worker, log }: Parts, graceSeconds: number): Promise<void> => {
  const settled = new AbortController();
  const orderly = async (): Promise<void> => {
    await Promise.all([http, ...queues, ...timers].map((part) => part.stop()));
    await worker.end();
  };
  const ending = orderly()
    .catch((error: unknown) =>
      log({ level: 'error', category: 'Host', message: `The end of the app failed: ${error}` }),
    )
    .finally(() => settled.abort());
  const grace = pause(graceSeconds * 1000, settled.signal);
  await Promise.race([ending, grace]);
  if (!settled.signal.aborted) {
    log({ level: 'warning', category: 'Host', message: `Closed after ${graceSeconds} s with work still under way` });
  }
  http.destroy();
  for (const queue of queues) queue.abandon();
  invoker.abandon();
  worker.abandon();
};
