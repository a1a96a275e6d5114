import { randomBytes, randomUUID } from 'node:crypto';
import { HostError } from './host-error.ts';
import type { AppFunction } from './registered-function.ts';
import type {
  CoreInvocationContext,
  HostLog,
  InvocationResponse,
  LogLevel,
  ProgrammingModel,
  TypedData,
} from './worker-protocol.ts';
import { executeHooks, worker } from './worker-state.ts';

export type Outcome =
  | { readonly kind: 'succeeded'; readonly response: InvocationResponse }
  | { readonly kind: 'failed'; readonly error: unknown };

export type Invoke = (
  called: AppFunction,
  data: TypedData,
  triggerMetadata: Readonly<Record<string, TypedData>>,
) => Promise<Outcome>;

export interface Invoker {
  /** Never rejects: what a function throws is logged, once, and is the outcome. */
  readonly invoke: Invoke;
  /**
   * Settles when a function passes `functionTimeout`, and only then. Azure kills the worker process at that moment,
   * with every neighbour of the function; a process can't do that to itself and live, so its owner must end it.
   */
  readonly timedOut: Promise<HostError>;
  /** Forgets the invocations that still run: no timeout of theirs is left. */
  abandon(): void;
}

/** Runs functions the way Azure's Node worker does (its InvocationHandler). */
export const createInvoker = (
  programmingModel: ProgrammingModel,
  functionTimeoutSeconds: number,
  log: HostLog,
): Invoker => {
  const timeouts = new Set<NodeJS.Timeout>();
  const { promise: timedOut, resolve: reportTimeout } = Promise.withResolvers<HostError>();
  const invoke: Invoke = async (called, data, triggerMetadata) => {
    const context = createContext(called, data, triggerMetadata, log);
    const label = `'Functions.${called.name}'`;
    const onTimeout = () => {
      const message = `Timeout value of ${functionTimeoutSeconds} s exceeded by function ${label} (Id=${context.invocationId})`;
      log({ level: 'error', category: 'Host', message });
      reportTimeout(new HostError(message));
    };
    const timeout = setTimeout(onTimeout, functionTimeoutSeconds * 1000);
    timeouts.add(timeout);
    const start = performance.now();
    const write = (level: LogLevel, result: string, detail: string) => {
      const facts = `Id=${context.invocationId}, Duration=${Math.round(performance.now() - start)}ms`;
      log({ level, category: `Function.${called.name}`, message: `Executed ${label} (${result}, ${facts})${detail}` });
    };
    try {
      const response = await run(programmingModel, context, called);
      write('debug', 'Succeeded', '');
      return { kind: 'succeeded', response };
    } catch (error) {
      write('error', 'Failed', `: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
      return { kind: 'failed', error };
    } finally {
      clearTimeout(timeout);
      timeouts.delete(timeout);
    }
  };
  return { invoke, timedOut, abandon: () => timeouts.forEach((timeout) => void clearTimeout(timeout)) };
};

interface Ended {
  readonly invocationContext: unknown;
  readonly inputs: unknown[];
  result: unknown;
  error: unknown;
}

const run = async (
  programmingModel: ProgrammingModel,
  core: CoreInvocationContext,
  { loaded }: AppFunction,
): Promise<InvocationResponse> => {
  const model = programmingModel.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  const shared = { hookData: {}, appHookData: worker.appHookData, invocationContext: context };
  const before = { ...shared, functionCallback: loaded.callback, inputs };
  await inState(core, 'preInvocationHooks', () => executeHooks('preInvocation', before));
  // Hooks may replace the callback and the inputs before, the result and the error after.
  const after: Ended = { ...shared, inputs: before.inputs, result: null, error: null };
  await inState(core, 'invocation', async () => {
    try {
      after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      after.error = error ?? new Error(`The function threw ${error}`);
    }
  });
  await inState(core, 'postInvocationHooks', () => executeHooks('postInvocation', after));
  if (after.error !== null && after.error !== undefined) throw after.error;
  return model.getResponse(context, after.result);
};

const inState = async (
  core: CoreInvocationContext,
  state: CoreInvocationContext['state'],
  work: () => Promise<void>,
): Promise<void> => {
  core.state = state;
  try {
    await work();
  } finally {
    core.state = undefined;
  }
};

const createContext = (
  { name, bindingName, loaded }: AppFunction,
  data: TypedData,
  triggerMetadata: Readonly<Record<string, TypedData>>,
  log: HostLog,
): CoreInvocationContext => {
  const invocationId = randomUUID();
  const traceParent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
  return {
    invocationId,
    metadata: loaded.metadata,
    request: {
      invocationId,
      functionId: name,
      inputData: [{ name: bindingName, data }],
      triggerMetadata,
      traceContext: { traceParent, traceState: '', attributes: {} },
    },
    state: undefined,
    log: (level, category, message) => {
      const line = { level, category, message, hookData: {}, appHookData: worker.appHookData };
      // A log hook can't be awaited here, nor in Azure: it may change the line at once or not at all.
      for (const callback of worker.hooks.get('log') ?? []) callback(line);
      const suffix = category === 'user' ? '.User' : '';
      log({ level: line.level, category: `Function.${name}${suffix}`, message: line.message });
    },
  };
};
