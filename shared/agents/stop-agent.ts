import type { Log } from '../app/ports/log.ts';
import type { AgentTimings } from '../app/timings.ts';
import type { ProjectName, RunId } from '../domain/names.ts';
import { describeConnectionFailure } from './http-exchange.ts';

export interface StopOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly log: Log;
  readonly timings: Pick<AgentTimings, 'stopTimeoutSeconds'>;
}

export interface StopRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly project: ProjectName;
  readonly runId: RunId;
}

/** What an agent answers that has nothing to stop (any more), or does not know the work: it never began. */
export const saysEnded: ReadonlySet<number> = new Set([400, 404, 409, 410]);

/**
 * Asks an agent to stop the work of a run that has ended. Best effort: the call is over with or without an
 * answer, and waits for it for seconds only. Never rejects.
 */
export const stopAgent = async (
  { fetch, log, timings }: StopOptions,
  { url, headers, project, runId }: StopRequest,
): Promise<void> => {
  const deadline = new AbortController();
  const timer = setTimeout(
    () => deadline.abort(new Error(`no answer within ${timings.stopTimeoutSeconds} s`)),
    timings.stopTimeoutSeconds * 1000,
  );
  try {
    const { ok, status, body } = await fetch(url, {
      method: 'POST',
      headers,
      signal: deadline.signal,
      redirect: 'manual',
    });
    await body?.cancel();
    if (!ok && !saysEnded.has(status))
      log.warn('The agent did not take the request to stop', { project, run: runId, status });
  } catch (error) {
    log.warn('The agent was not reached with the request to stop', {
      project,
      run: runId,
      cause: describeConnectionFailure(error),
    });
  } finally {
    clearTimeout(timer);
  }
};
