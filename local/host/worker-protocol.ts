/**
 * What host and `@azure/functions` say to each other, as far as this host says it. In Azure it travels as gRPC messages
 * (azure-functions-language-worker-protobuf) between the host and the Node worker; here both are one process.
 */

/** The platform's log levels, lowest first. */
export const logLevels = ['trace', 'debug', 'information', 'warning', 'error', 'critical'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface HostLogLine {
  readonly level: LogLevel;
  /** `Host` for the host's own lines, `Function.<name>` and `Function.<name>.User` for a function's. */
  readonly category: string;
  readonly message: string;
}

export type HostLog = (line: HostLogLine) => void;

export interface NullableString {
  readonly value: string;
}

export interface RpcHttpRequest {
  readonly method: string;
  readonly url: string;
  readonly nullableHeaders: Readonly<Record<string, NullableString>>;
  readonly nullableParams: Readonly<Record<string, NullableString>>;
  readonly nullableQuery: Readonly<Record<string, NullableString>>;
  readonly body?: { readonly bytes: Uint8Array };
}

/** A value on its way to a function; exactly one of the kinds. */
export type TypedData = { readonly string: string } | { readonly json: string } | { readonly http: RpcHttpRequest };

export interface RpcHttpCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: NullableString;
  readonly path?: NullableString;
  readonly expires?: { readonly value: { readonly seconds: number } };
  readonly secure?: { readonly value: boolean };
  readonly httpOnly?: { readonly value: boolean };
  readonly sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
  readonly maxAge?: { readonly value: number };
}

export interface RpcHttpResponse {
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly RpcHttpCookie[];
  readonly body?: { readonly bytes?: Uint8Array } | null;
}

export interface InvocationResponse {
  readonly returnValue?: { readonly http?: RpcHttpResponse } | null;
}

export interface Binding {
  readonly type: string;
  readonly direction: string;
  readonly [option: string]: unknown;
}

export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: unknown;
}

export type FunctionCallback = (...inputs: unknown[]) => unknown;

export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly metadata: FunctionMetadata;
  readonly request: {
    readonly invocationId: string;
    readonly functionId: string;
    readonly inputData: readonly { readonly name: string; readonly data: TypedData }[];
    readonly triggerMetadata: Readonly<Record<string, TypedData>>;
    readonly traceContext: { readonly traceParent: string; readonly traceState: string; readonly attributes: object };
  };
  /** What runs right now; the library warns about logs written after the handler ended. */
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  log(level: LogLevel, category: string, message: string): void;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  getCapabilities(capabilities: Record<string, unknown>): Promise<Readonly<Record<string, unknown>>>;
}

export type HookName = 'appStart' | 'appTerminate' | 'preInvocation' | 'postInvocation' | 'log';
export type HookCallback = (context: object) => unknown;
