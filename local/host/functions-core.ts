/**
 * The module `@azure/functions-core`: exists only inside Azure's worker, no package has it. `load-app.ts` puts this file
 * in its place. Nothing but the names that `@azure/functions` and other programming models look for is exported here.
 */
import type {
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  LogLevel,
  ProgrammingModel,
} from './worker-protocol.ts';
import { worker } from './worker-state.ts';

/** The worker and host whose behaviour this one follows; the library compares them with what its features need. */
export const version = '3.13.0';
export const hostVersion = '4.1046.100';

export class Disposable {
  readonly #dispose: () => void;

  constructor(dispose: () => void) {
    this.#dispose = dispose;
  }

  dispose(): void {
    this.#dispose();
  }
}

/** Throws after start-up and when the name is taken. */
export const registerFunction = (metadata: FunctionMetadata, callback: FunctionCallback): Disposable => {
  const { name } = metadata;
  if (worker.started) {
    throw new Error(`Function "${name}" registered after the start: expected when the app's files load`);
  }
  if (worker.functions.has(name)) throw new Error(`Function "${name}" is registered twice: expected one per name`);
  worker.functions.set(name, { metadata, callback });
  return new Disposable(() => {
    if (worker.started) throw new Error(`Function "${name}" disposed after the start: expected during it`);
    worker.functions.delete(name);
  });
};

/** Throws a RangeError for an unknown name; the library tells its user by it that a hook needs a newer host. */
export const registerHook = (name: string, callback: HookCallback): Disposable => {
  for (const [known, callbacks] of worker.hooks) {
    if (known !== name) continue;
    callbacks.push(callback);
    return new Disposable(() => {
      const index = callbacks.indexOf(callback);
      if (index >= 0) callbacks.splice(index, 1);
    });
  }
  const error = new RangeError(`Hook "${name}" is unknown, expected one of ${[...worker.hooks.keys()].join(', ')}`);
  throw Object.assign(error, { isAzureFunctionsSystemError: true });
};

export const setProgrammingModel = (model: ProgrammingModel): void => {
  worker.programmingModel = model;
};

export const getProgrammingModel = (): ProgrammingModel | undefined => worker.programmingModel;

export const log = (level: LogLevel, category: string, message: string): void =>
  worker.log({ level, category: `Worker.${category}`, message });
