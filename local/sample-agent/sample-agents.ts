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
  /** What it takes long for; asked to do that in the background, it accepts the work. */
  readonly long?: LongWork;
  /** The same bit by bit, by a protocol that carries that. Throws when the signal is aborted. */
  readonly stream?: (turn: AgentTurn) => AsyncIterable<string>;
}

export interface LongWork {
  readonly seconds: number;
  readonly reply: (turn: Pick<AgentTurn, 'input'>) => AgentReply;
}

export type SampleAgent = SpeakingAgent | BackgroundAgent | UnrulyAgent;

const heard = (name: string, { input }: Pick<AgentTurn, 'input'>): AgentReply => ({
  kind: 'said',
  text: `${name} heard: ${input}`,
});

/** `slowSeconds`: how long slow-agent, streaming-agent and those that accept work take. The agents of one call share no state with those of another. */
export const createSampleAgents = (slowSeconds: number): ReadonlyMap<string, SampleAgent> => {
  const agents: readonly SampleAgent[] = [
    echoAgent,
    createFlakyAgent(),
    brokenAgent,
    failingAgent,
    createLongAgent('slow-agent', slowSeconds),
    createLongAgent('thorough-agent', 2 * slowSeconds),
    createStreamingAgent(slowSeconds),
    createBusyAgent(),
    approvalAgent,
    refusingAgent,
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

const approvalAgent: SpeakingAgent = {
  name: 'approval-agent',
  description: 'Asks for the approval of a tool, which nobody gives.',
  answer: async () => ({ kind: 'asks', server: 'mail', tool: 'send_mail' }),
};

const refusingAgent: SpeakingAgent = {
  name: 'refusing-agent',
  description: 'Completes with a refusal in place of a text.',
  answer: async () => ({ kind: 'declined', text: 'refusing-agent does not do that' }),
};

/** By Responses it takes the work in the background when it is asked to; else the caller waits. */
const createLongAgent = (name: string, seconds: number): SpeakingAgent => ({
  name,
  description: `Answers after ${seconds} seconds; by Responses it accepts the work, where it may.`,
  long: { seconds, reply: (turn) => heard(name, turn) },
  answer: async (turn) => {
    await wait(seconds * 1000, undefined, { signal: turn.signal });
    return heard(name, turn);
  },
});

const createStreamingAgent = (seconds: number): SpeakingAgent => ({
  ...createLongAgent('streaming-agent', seconds),
  description: `Answers after ${seconds} seconds; by Invocations it says each second that it works, until it is cancelled.`,
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

/** Counts the calls of each run. A run is forgotten when a thousand newer ones have called. */
const createCallCounter = (): ((runKey: string) => number) => {
  const callsByRun = new Map<string, number>();
  return (runKey) => {
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
};

/** Fails the first two calls of each run. */
const createFlakyAgent = (): SpeakingAgent => {
  const count = createCallCounter();
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

/** Has the conversation of another caller at the first two calls of each run. */
const createBusyAgent = (): SpeakingAgent => {
  const count = createCallCounter();
  return {
    name: 'busy-agent',
    description: `Is busy at the first ${failuresBeforeSuccess} calls of a run (409 conversation_locked), then succeeds.`,
    answer: async (turn) => {
      if (count(turn.runKey) > failuresBeforeSuccess) return heard('busy-agent', turn);
      const message = 'Conversation is locked: busy-agent works for another caller';
      return { kind: 'refused', status: 409, code: 'conversation_locked', message };
    },
  };
};
