import { setTimeout as wait } from 'node:timers/promises';

/** What one of the sample agents does with a call, whatever the protocol it came by. */
export type AgentReply =
  | { readonly kind: 'said'; readonly text: string }
  /** 200 with a body that says that the agent failed. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly message: string };

export interface AgentTurn {
  readonly input: string;
  /** The Idempotency-Key: the same for every attempt of a run. */
  readonly runKey: string;
  /** Aborted when the caller has gone or the service closes. */
  readonly signal: AbortSignal;
}

export interface SampleAgent {
  readonly name: string;
  readonly description: string;
  readonly answer: (turn: AgentTurn) => Promise<AgentReply>;
  /** The same bit by bit, by a protocol that carries that. Throws when the signal is aborted. */
  readonly stream?: (turn: AgentTurn) => AsyncIterable<string>;
}

const heard = (name: string, { input }: AgentTurn): AgentReply => ({ kind: 'said', text: `${name} heard: ${input}` });

/** `slowSeconds`: how long slow-agent and streaming-agent take. The agents of one call share no state with those of another. */
export const createSampleAgents = (slowSeconds: number): ReadonlyMap<string, SampleAgent> => {
  const agents = [
    echoAgent,
    createFlakyAgent(),
    brokenAgent,
    failingAgent,
    createSlowAgent(slowSeconds),
    createStreamingAgent(slowSeconds),
  ];
  return new Map(agents.map((agent) => [agent.name, agent]));
};

const echoAgent: SampleAgent = {
  name: 'echo-agent',
  description: 'Answers at once and repeats what it heard.',
  answer: async (turn) => heard('echo-agent', turn),
};

const brokenAgent: SampleAgent = {
  name: 'broken-agent',
  description: 'Refuses every call with 400.',
  answer: async () => ({
    kind: 'refused',
    status: 400,
    code: 'invalid_prompt',
    message: 'broken-agent accepts no input at all',
  }),
};

const failingAgent: SampleAgent = {
  name: 'failing-agent',
  description: 'Answers 200 with a body that says that it failed.',
  answer: async () => ({ kind: 'failed', code: 'server_error', message: 'failing-agent could not finish its work' }),
};

const createSlowAgent = (seconds: number): SampleAgent => ({
  name: 'slow-agent',
  description: `Answers after ${seconds} seconds.`,
  answer: async (turn) => {
    await wait(seconds * 1000, undefined, { signal: turn.signal });
    return heard('slow-agent', turn);
  },
});

const createStreamingAgent = (seconds: number): SampleAgent => ({
  name: 'streaming-agent',
  description: `Answers after ${seconds} seconds; by Invocations it says each second that it works, until it is cancelled.`,
  answer: async (turn) => {
    await wait(seconds * 1000, undefined, { signal: turn.signal });
    return heard('streaming-agent', turn);
  },
  stream: async function* (turn) {
    for (let second = 0; second < seconds; second += 1) {
      yield `streaming-agent has worked for ${second} s`;
      await wait(1000, undefined, { signal: turn.signal });
    }
    yield `streaming-agent heard: ${turn.input}`;
  },
});

const failuresBeforeSuccess = 2;
const rememberedRuns = 1000;

/** Fails the first two calls of each run. A run is forgotten when a thousand newer ones have called. */
const createFlakyAgent = (): SampleAgent => {
  const callsByRun = new Map<string, number>();
  const count = (runKey: string): number => {
    const calls = (callsByRun.get(runKey) ?? 0) + 1;
    // Deleted first, so that the map's order is the order of the latest calls.
    callsByRun.delete(runKey);
    callsByRun.set(runKey, calls);
    for (const oldest of callsByRun.keys()) {
      if (callsByRun.size <= rememberedRuns) break;
      callsByRun.delete(oldest);
    }
    return calls;
  };
  return {
    name: 'flaky-agent',
    description: `Answers 503 to the first ${failuresBeforeSuccess} calls of a run, then succeeds.`,
    answer: async (turn) => {
      const calls = count(turn.runKey);
      if (calls > failuresBeforeSuccess) return heard('flaky-agent', turn);
      const message = `flaky-agent is not available (call ${calls} of this run)`;
      return { kind: 'refused', status: 503, code: 'service_unavailable', message };
    },
  };
};
