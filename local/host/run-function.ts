import { randomBytes } from 'node:crypto';
import type { Invocation, Outcome } from './app-worker.ts';
import type { CoreInvocationContext, HostLog, InvocationResponse, ProgrammingModel } from './worker-protocol.ts';
import { executeHooks, type LoadedFunction, worker } from './worker-state.ts';

/** Runs a function that this process has loaded, the way Azure's Node worker does (its InvocationHandler). */
export const runFunction = async (
  programmingModel: ProgrammingModel,
  invocation: Invocation,
  log: HostLog,
): Promise<Outcome> => {
  try {
    const loaded = worker.functions.get(invocation.functionName);
    if (loaded === undefined) throw new Error(`Function "${invocation.functionName}" is not registered`);
    const core = createContext(invocation, loaded, log);
    return { kind: 'succeeded', response: await run(programmingModel, core, loaded) };
  } catch (error) {
    return { kind: 'failed', error };
  }
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
  { callback }: LoadedFunction,
): Promise<InvocationResponse> => {
  const model = programmingModel.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  const shared = { hookData: {}, appHookData: worker.appHookData, invocationContext: context };
  const before = { ...shared, functionCallback: callback, inputs };
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
  { id: invocationId, functionName: name, bindingName, data, triggerMetadata }: Invocation,
  { metadata }: LoadedFunction,
  log: HostLog,
): CoreInvocationContext => {
  const traceParent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
  return {
    invocationId,
    metadata,
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
