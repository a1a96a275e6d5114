import { setTimeout as wait } from 'node:timers/promises';
import type { AgentReply } from './agent-reply.ts';
import { type BackgroundAgent, createBackgroundAgents } from './background-work.ts';
import { type UnrulyAgent, unrulyAgents } from './unruly-agents.ts';

export interface AgentTurn {
  readonly input: string;
  /** The Idempotency-Key: the same for every attempt of a run. */
  readonly runKey: string;
  /** Aborted when the caller has gone or the service closes. */
  readonly signal: AbortSignal;
}

export interface SpeakingAgent {
  readonly name: string;
  readonly description: string;
  readonly answer: (turn: AgentTurn) => Promise<AgentReply>;
  /** The same bit by bit, by a protocol that carries that. Throws when the signal is aborted. */
  readonly stream?: (turn: AgentTurn) => AsyncIterable<string>;
}

export type SampleAgent = SpeakingAgent | BackgroundAgent | UnrulyAgent;

const heard = (name: string, { input }: AgentTurn): AgentReply => ({ kind: 'said', text: `${name} heard: ${input}` });

/** `slowSeconds`: how long slow-agent, streaming-agent and those that accept work take. The agents of one call share no state with those of another. */
export const createSampleAgents = (slowSeconds: number): ReadonlyMap<string, SampleAgent> => {
  const agents: readonly SampleAgent[] = [
    echoAgent,
    createFlakyAgent(),
    brokenAgent,
    failingAgent,
    createSlowAgent(slowSeconds),
    createStreamingAgent(slowSeconds),
    ...createBackgroundAgents(slowSeconds),
    ...unrulyAgents,
  ];
  return new Map(agents.map((agent) => [agent.name, agent] as const));
};

const echoAgent: SpeakingAgent = {
  name: 'echo-agent',
  description: 'Answers at once and repeats what it heard.',
  answer: async (turn) => heard('echo-agent', turn),
};

const brokenAgent: SpeakingAgent = {
  name: 'broken-agent',
  description: 'Refuses every call with 400.',
  answer: async () => ({
    kind: 'refused',
    status: 400,
    code: 'invalid_prompt',
    message: 'broken-agent accepts no input at all',
  }),
};

const failingAgent: SpeakingAgent = {
  name: 'failing-agent',
  description: 'Answers 200 with a body that says that it failed.',
  answer: async () => ({ kind: 'failed', code: 'server_error', message: 'failing-agent could not finish its work' }),
};

const createSlowAgent = (seconds: number): SpeakingAgent => ({
  name: 'slow-agent',
  description: `Answers after ${seconds} seconds.`,
  answer: async (turn) => {
    await wait(seconds * 1000, undefined, { signal: turn.signal });
    return heard('slow-agent', turn);
  },
});

const createStreamingAgent = (seconds: number): SpeakingAgent => ({
  name: 'streaming-agent',
  description: `Answers after ${seconds} seconds; by Invocations it says each second that it works, until it is cancelled.`,
  answer: async (turn) => {
    await wait(seconds * 1000, undefined, { signal: turn.signal });
    return heard('streaming-agent', turn);
  },
  stream: async function* (turn) {
    for (let second = 0; second < seconds; second += 1) {
      yield `streaming-agent has worked for ${second} s\n`;
      await wait(1000, undefined, { signal: turn.signal });
    }
    yield `streaming-agent heard: ${turn.input}`;
  },
});

const failuresBeforeSuccess = 2;
const rememberedRuns = 1000;

/** Fails the first two calls of each run. A run is forgotten when a thousand newer ones have called. */
const createFlakyAgent = (): SpeakingAgent => {
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
