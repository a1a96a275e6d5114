import { randomUUID } from 'node:crypto';
import type { AppWorker, Outcome } from './app-worker.ts';
import { HostError } from './host-error.ts';
import type { AppFunction } from './registered-function.ts';
import type { HostLog, LogLevel, TypedData } from './worker-protocol.ts';

export type Invoke = (
  called: AppFunction,
  data: TypedData,
  triggerMetadata: Readonly<Record<string, TypedData>>,
) => Promise<Outcome>;

export interface Invoker {
  /** Never rejects: what a function throws is logged, once, and is the outcome. */
  readonly invoke: Invoke;
  /** Forgets the invocations that still run: no timeout of theirs is left. */
  abandon(): void;
}

/** Has functions run by the worker, and tells the worker which one has run for longer than it may. */
export const createInvoker = (
  worker: Pick<AppWorker, 'run' | 'timeOut'>,
  functionTimeoutSeconds: number,
  log: HostLog,
): Invoker => {
  const timeouts = new Set<NodeJS.Timeout>();
  const invoke: Invoke = async ({ name, bindingName }, data, triggerMetadata) => {
    const id = randomUUID();
    const label = `'Functions.${name}'`;
    const onTimeout = () => {
      const message = `Timeout value of ${functionTimeoutSeconds} s exceeded by function ${label} (Id=${id})`;
      log({ level: 'error', category: 'Host', message });
      worker.timeOut(id, new HostError(message));
    };
    const timeout = setTimeout(onTimeout, functionTimeoutSeconds * 1000);
    timeouts.add(timeout);
    const start = performance.now();
    const write = (level: LogLevel, result: string, detail: string) => {
      const facts = `Id=${id}, Duration=${Math.round(performance.now() - start)}ms`;
      log({ level, category: `Function.${name}`, message: `Executed ${label} (${result}, ${facts})${detail}` });
    };
    const outcome = await worker.run({ id, functionName: name, bindingName, data, triggerMetadata });
    clearTimeout(timeout);
    timeouts.delete(timeout);
    // At Information in the platform; here a line for each call would drown what the app says.
    if (outcome.kind === 'succeeded') write('debug', 'Succeeded', '');
    else write('error', 'Failed', `: ${textOf(outcome.error)}`);
    return outcome;
  };
  return { invoke, abandon: () => timeouts.forEach((timeout) => void clearTimeout(timeout)) };
};

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
