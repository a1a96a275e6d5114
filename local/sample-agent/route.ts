import type { BackgroundWorks } from './background-work.ts';
import type { RunningInvocations } from './running-invocations.ts';
import type { SampleAgent } from './sample-agents.ts';
import type { Threads } from './threads.ts';
import type { WireAnswer } from './wire.ts';

/** A request that was read to its end. */
export interface SampleRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** What answers stand on. */
export interface SampleService {
  readonly agents: ReadonlyMap<string, SampleAgent>;
  readonly running: RunningInvocations;
  readonly works: BackgroundWorks;
  readonly threads: Threads;
}

/** `answer` is asked only for the route's own method. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** Below `/api/projects/{project}`. */
  readonly path: RegExp;
  /** The project-wide Responses route takes no api-version. */
  readonly isVersioned: boolean;
  readonly answer: (
    request: SampleRequest,
    service: SampleService,
    path: PathNames,
  ) => WireAnswer | Promise<WireAnswer>;
}

/** What the path names, decoded; a name that it does not hold is empty. */
interface PathNames {
  readonly agent: string;
  readonly invocation: string;
  readonly response: string;
}

export const turnOf = ({
  headers,
  signal,
}: SampleRequest): { readonly runKey: string; readonly signal: AbortSignal } => ({
  runKey: headers['idempotency-key'] ?? '',
  signal,
});
