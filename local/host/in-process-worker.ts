import type { AppWorker, AppWorkerEvents } from './app-worker.ts';
import { loadApp } from './load-app.ts';
import { runFunction } from './run-function.ts';
import type { HostLog } from './worker-protocol.ts';
import { endApp } from './worker-state.ts';

/**
 * The app in the host's own process. A timeout is then the end of the host: a process can't kill what runs in it and
 * live. Throws a `HostError` when the app is not fit to start.
 */
export const loadWorker = async (appRoot: string, log: HostLog, events: AppWorkerEvents): Promise<AppWorker> => {
  const { functions, programmingModel } = await loadApp(appRoot, log);
  return {
    functions: functions.map(({ metadata }) => metadata),
    run: (invocation) => runFunction(programmingModel, invocation, log),
    timeOut: (_id, reason) => events.lost(reason),
    end: endApp,
    abandon: () => undefined,
  };
};
