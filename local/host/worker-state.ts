import type {
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  HookName,
  HostLog,
  ProgrammingModel,
} from './worker-protocol.ts';

export interface LoadedFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

interface WorkerState {
  readonly functions: Map<string, LoadedFunction>;
  readonly hooks: ReadonlyMap<HookName, HookCallback[]>;
  /** Visible to every hook of every invocation. */
  readonly appHookData: object;
  /** Visible to the hooks of the app's start and end. */
  readonly appLevelHookData: object;
  programmingModel: ProgrammingModel | undefined;
  /** After start-up nothing more can be registered. */
  started: boolean;
  log: HostLog;
}

/**
 * What the app has registered so far. One for the process, as in Azure's worker: `@azure/functions` asks for its host
 * once, and an app registers when its files are imported, which happens once.
 */
export const worker: WorkerState = {
  functions: new Map(),
  hooks: new Map<HookName, HookCallback[]>([
    ['appStart', []],
    ['appTerminate', []],
    ['preInvocation', []],
    ['postInvocation', []],
    ['log', []],
  ]),
  appHookData: {},
  appLevelHookData: {},
  programmingModel: undefined,
  started: false,
  log: () => undefined,
};

/** Runs the hooks in the order of their registration. Throws what a hook throws, and then runs no further one. */
export const executeHooks = async (name: HookName, context: object): Promise<void> => {
  for (const callback of worker.hooks.get(name) ?? []) await callback(context);
};

/** Runs the app's end hooks. Throws what one of them throws. */
export const endApp = (): Promise<void> =>
  executeHooks('appTerminate', { hookData: worker.appLevelHookData, appHookData: worker.appHookData });
