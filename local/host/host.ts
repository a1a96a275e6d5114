import { QueueServiceClient } from '@azure/storage-queue';
import { HostError } from './host-error.ts';
import { readHostSettings } from './host-settings.ts';
import { type HttpListener, startHttpListener } from './http-listener.ts';
import { createInvoker, type Invoker } from './invoker.ts';
import { loadApp } from './load-app.ts';
import { filterLog } from './log-filter.ts';
import { pause } from './pause.ts';
import { type QueueListener, startQueueListener } from './queue-listener.ts';
import { type AppFunction, describeFunctions, type RegisteredFunction } from './registered-function.ts';
import { startTimerListener, type TimerListener } from './timer-listener.ts';
import { openTimerStatusStore } from './timer-status.ts';
import type { HostLog, HostLogLine } from './worker-protocol.ts';
import { executeHooks, worker } from './worker-state.ts';

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
  /** Gets what `logging.logLevel` of the app's host.json asks for. */
  readonly log: HostLog;
}

export interface RunningHost {
  readonly url: string;
  /** In order of their names. */
  readonly functions: readonly RegisteredFunction[];
  /**
   * Settles when a function has run for longer than `functionTimeout`, and only then. Azure kills the process then: the
   * owner of this host should close it and end the process.
   */
  readonly timedOut: Promise<Error>;
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
  const app = await loadApp(options.appRoot, log);
  const functions = describeFunctions(app.functions, settings.routePrefix, process.env);
  const invoker = createInvoker(app.programmingModel, settings.functionTimeoutSeconds, log);
  const { invoke } = invoker;
  const { host, port, tls, queueLockSeconds: lockSeconds } = options;
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
  let closing: Promise<void> | undefined;
  return {
    url: http.url,
    functions: functions.map(toRegistered),
    timedOut: invoker.timedOut,
    close: (graceSeconds) => {
      closing ??= shutDown({ http, queues, timers, invoker, log }, graceSeconds);
      return closing;
    },
  };
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
  readonly log: HostLog;
}

const shutDown = async ({ http, queues, timers, invoker, log }: Parts, graceSeconds: number): Promise<void> => {
  const settled = new AbortController();
  const orderly = async (): Promise<void> => {
    await Promise.all([http, ...queues, ...timers].map((part) => part.stop()));
    await executeHooks('appTerminate', { hookData: worker.appLevelHookData, appHookData: worker.appHookData });
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
};
