import { globSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HostError } from './host-error.ts';
import { readEntryPoint } from './host-settings.ts';
import type { HostLog, ProgrammingModel } from './worker-protocol.ts';
import { executeHooks, type LoadedFunction, worker } from './worker-state.ts';

const coreModuleName = '@azure/functions-core';

export interface LoadedApp {
  readonly functions: readonly LoadedFunction[];
  readonly programmingModel: ProgrammingModel;
}

/**
 * Loads the app's files, which register their functions, and runs its start hooks. Once per process.
 * Throws a `HostError` that names the file when one throws while loading, as Azure stops such an app.
 */
export const loadApp = async (appRoot: string, log: HostLog): Promise<LoadedApp> => {
  if (worker.started) throw new HostError('This process runs a host already: an app registers its functions only once');
  worker.log = log;
  provideCoreModule();
  await importEntryPoints(appRoot);
  worker.started = true;
  const { programmingModel } = worker;
  if (programmingModel === undefined || worker.functions.size === 0) {
    throw new HostError(
      `${appRoot}: no function is registered, expected app.http, app.timer or app.storageQueue calls`,
    );
  }
  await executeHooks('appStart', {
    hookData: worker.appLevelHookData,
    appHookData: worker.appHookData,
    functionAppDirectory: appRoot,
  });
  const capabilities = await programmingModel.getCapabilities({});
  if (capabilities.HttpUri !== undefined) {
    throw new HostError('The app sets enableHttpStream: this host passes requests whole, expected it off');
  }
  return { functions: [...worker.functions.values()], programmingModel };
};

/** `@azure/functions` asks with `require`, lazily and once: the answer must be in place before any app file loads. */
const provideCoreModule = (): void => {
  const url = new URL('functions-core.ts', import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, nextResolve) =>
      specifier === coreModuleName ? { url, shortCircuit: true } : nextResolve(specifier, context),
  });
};

const importEntryPoints = async (appRoot: string): Promise<void> => {
  const pattern = readEntryPoint(appRoot);
  const files = globSync(pattern, { cwd: appRoot }).sort();
  if (files.length === 0) throw new HostError(`${appRoot}: no file matches main "${pattern}": is the app built?`);
  for (const file of files) {
    try {
      await import(pathToFileURL(join(appRoot, file)).href);
    } catch (cause) {
      const reason = cause instanceof Error ? (cause.stack ?? cause.message) : cause;
      throw new HostError(`${file} throws while it loads: ${reason}`, { cause });
    }
  }
};
