import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished, vi } from 'vitest';
import { type AgentCallerOptions, createAgentCaller } from '../../shared/agents/agent-caller.ts';
import type { TokenSource } from '../../shared/agents/token-source.ts';
import type { AgentCall, AgentOutcome } from '../../shared/app/ports/agent-caller.ts';
import type { Log } from '../../shared/app/ports/log.ts';
import { unscaledTimings } from '../../shared/app/timings.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Action, InvocationsAction, ResponsesAction } from '../../shared/domain/action.ts';
import { isProjectName, type ProjectName, type RunId } from '../../shared/domain/names.ts';
import type { WorkOutcome } from '../../shared/domain/progress/run-progress.ts';
import type { WorkIds } from '../../shared/domain/run.ts';
import { systemRandomness } from '../../shared/randomness.ts';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface HttpAgent {
  /** Ends with `/api/projects/{project}`. */
  readonly endpoint: string;
  readonly seen: readonly SeenRequest[];
}

/** A real agent service, by default of one answer; closed when the test ends. */
export const serveAgent = async (
  answer: (outgoing: ServerResponse, request: SeenRequest) => void,
): Promise<HttpAgent> => {
  const seen: SeenRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    const request = { method, url, headers, body: await text(incoming) };
    seen.push(request);
    answer(outgoing, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { endpoint: `http://127.0.0.1:${portOf(server.address())}/api/projects/{project}`, seen };
};

const portOf = (address: AddressInfo | string | null): number => {
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port');
  return address.port;
};

export const sendJson = (
  outgoing: ServerResponse,
  body: unknown,
  { status = 200, headers = {} }: { readonly status?: number; readonly headers?: Record<string, string> } = {},
): void => {
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

export const project: ProjectName = (() => {
  const name = 'alpha';
  if (!isProjectName(name)) throw new Error(`${name} is no project name`);
  return name;
})();

const isRunId = (id: string): id is RunId => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
export const runId: RunId = (() => {
  const id = '0197307f-5a00-8abc-9def-0123456789ab';
  if (!isRunId(id)) throw new Error(`${id} is no run id`);
  return id;
})();

export const responses = (fields: Partial<ResponsesAction> = {}): ResponsesAction => ({
  type: 'invoke_agent_responses_api',
  agentName: 'echo-agent',
  input: 'hello',
  ...fields,
});

export const invocations = (fields: Partial<InvocationsAction> = {}): InvocationsAction => ({
  type: 'invoke_agent_invocations_api',
  agentName: 'echo-agent',
  input: 'hello',
  ...fields,
});

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** Fails the call: for agents that must not be asked with a token. */
export const noToken: TokenSource = {
  get: async () => ({ kind: 'refused', message: 'This test has no tokens' }),
  drop: () => {},
};

export interface CallOptions extends Partial<Omit<AgentCallerOptions, 'config'>> {
  readonly config?: Partial<AgentCallerOptions['config']>;
  readonly call?: Partial<AgentCall>;
}

export const callerOf = (endpoint: string, { config, call: _call, ...rest }: CallOptions) =>
  createAgentCaller({
    token: noToken,
    log: silentLog,
    randomness: systemRandomness,
    clock: systemClock,
    timings: unscaledTimings.agents,
    ...rest,
    config: {
      projectEndpoint: endpoint,
      responsesRoute: 'agent',
      responsesBackground: 'auto',
      strictFoundryOutcome: false,
      ...config,
    },
  });

/**
 * Until the test ends, the time of a call passes when the test lets it: not before the call is as far as it is to be,
 * however long that takes.
 */
export const holdTime = (): { readonly pass: (seconds: number) => void } => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  return { pass: (seconds) => void vi.advanceTimersByTime(seconds * 1000) };
};

/** A fetch that says when headers have come. */
export const watchHeaders = (through: typeof fetch = fetch) => {
  let arrive = (): void => undefined;
  const come = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const watched: typeof fetch = async (url, init) => {
    const response = await through(url, init);
    arrive();
    return response;
  };
  return { fetch: watched, come };
};

/** One call of the agent behind the endpoint. */
export const callAgent = (endpoint: string, action: Action, options: CallOptions = {}): Promise<AgentOutcome> =>
  callerOf(endpoint, options).call({
    ...{
      project,
      action,
      runId,
      mayRepeat: false,
      answered: 0,
      mayBeBegun: false,
      unfoundSeconds: 0,
      timeoutSeconds: 40,
    },
    ...options.call,
  });

export interface AcceptedAt {
  readonly action: Action;
  readonly ids: WorkIds;
  readonly timeoutSeconds?: number;
}

/** One question about work that the agent behind the endpoint has accepted. */
export const pollAgent = (endpoint: string, work: AcceptedAt, options: CallOptions = {}): Promise<WorkOutcome> =>
  callerOf(endpoint, options).poll({ project, runId, timeoutSeconds: 40, ...work });

export const cancelAtAgent = (endpoint: string, work: AcceptedAt, options: CallOptions = {}): Promise<void> =>
  callerOf(endpoint, options).cancel({ project, runId, timeoutSeconds: 10, ...work });
