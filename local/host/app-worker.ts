import type { HostError } from './host-error.ts';
import type { FunctionMetadata, InvocationResponse, TypedData } from './worker-protocol.ts';

/** One call of a function, as the host hands it to the worker. */
export interface Invocation {
  readonly id: string;
  readonly functionName: string;
  /** Under which the trigger's value reaches the function. */
  readonly bindingName: string;
  readonly data: TypedData;
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
}

export type Outcome =
  | { readonly kind: 'succeeded'; readonly response: InvocationResponse }
  | { readonly kind: 'failed'; readonly error: unknown };

/** The loaded app, in this process or in one of its own. */
export interface AppWorker {
  /** What the app registered. */
  readonly functions: readonly FunctionMetadata[];
  /** Never rejects: what a function throws is the outcome, and so is the death of the process that it runs in. */
  run(invocation: Invocation): Promise<Outcome>;
  /** `functionTimeout` has passed for that invocation: the process that it runs in has to end. */
  timeOut(invocationId: string, reason: HostError): void;
  /** Runs the app's end hooks. */
  end(): Promise<void>;
  /** Lets go of what still runs, at once. */
  abandon(): void;
}

export interface AppWorkerEvents {
  /** The host can't go on. Called before the invocations that it costs come to their outcomes. */
  lost(reason: HostError): void;
}
