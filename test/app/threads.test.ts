import { describe, expect, it } from 'vitest';
import { createAgentCaller } from '../../shared/agents/agent-caller.ts';
import { deliver } from '../../shared/app/delivery/deliver.ts';
import { cancelRun } from '../../shared/app/runs/cancel-run.ts';
import { unscaledTimings } from '../../shared/app/timings.ts';
import { systemClock } from '../../shared/clock.ts';
import type { ThreadsAction } from '../../shared/domain/action.ts';
import type { RoutineName, RunId } from '../../shared/domain/names.ts';
import { isEnded } from '../../shared/domain/run.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { noToken } from '../agents/http-agent.ts';
import { serveThreadAgents, threads } from '../agents/thread-agents.ts';
import { routineName } from '../builders.ts';
import { settleInMemory } from '../memory/settle.ts';
import { silent } from '../service-ports.ts';
import { aDraft, createWorld, demo } from './world.ts';

const yearly = { type: 'schedule', cronExpression: '0 0 1 1 *' } as const;
const [first, second, third] = [routineName('first'), routineName('second'), routineName('third')];
const start = '2026-03-01T12:00:30Z';

/** The service on one thread of the classic agents, which live in its time. */
const createThreadWorld = async () => {
  const statuses: number[] = [];
  const caller = (endpoint: string) =>
    createAgentCaller({
      token: noToken,
      log: silent,
      randomness: systemRandomness,
      clock: systemClock,
      timings: unscaledTimings.agents,
      config: {
        projectEndpoint: endpoint,
        responsesRoute: 'agent',
        responsesBackground: 'auto',
        strictFoundryOutcome: false,
      },
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        statuses.push(answer.status);
        return answer;
      },
    });
  const world = createWorld(
    start,
    (call) => agents.call(call),
    (work) => agents.poll(work),
  );
  const service = await serveThreadAgents({ of: demo, now: world.clock.now });
  const agents = caller(service.endpoint);
  Object.assign(world.deps.agents, { cancel: agents.cancel });
  const { id: threadId } = await service.post('/threads');
  let owners = 0;

  /** Delivers what is visible, all at once. */
  const deliverAtOnce = () =>
    Promise.all(
      world.deps.deliveries.receive().map(async (received) => {
        const { message, dequeueCount } = received;
        const rest = await deliver(world.deps, { message, dequeueCount, owner: `at-once-${++owners}` });
        await settleInMemory(world.deps.deliveries, received, rest);
      }),
    );
  const runOf = async (routine: RoutineName, id: RunId) => {
    const stored = await world.deps.runs.get(demo, routine, id);
    if (stored === null) throw new Error(`Run ${id} is gone.`);
    return stored;
  };
  /** Lives on, second by second, until the runs have ended. */
  const liveUntilEnded = async (runs: readonly (readonly [RoutineName, RunId])[], seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      world.clock.advance(1);
      await deliverAtOnce();
      const states = await Promise.all(runs.map(([routine, id]) => runOf(routine, id)));
      if (states.every(({ run }) => isEnded(run.state))) return states.map(({ run }) => run);
    }
    throw new Error(`Not all of ${runs.length} runs have ended in ${seconds} s.`);
  };
  const live = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      world.clock.advance(1);
      await deliverAtOnce();
    }
  };
  const putOnThread = (routine: RoutineName, fields: Partial<ThreadsAction> = {}) =>
    world.put(aDraft(yearly, { action: threads({ agentId: 'asst_slow', threadId, ...fields }) }), routine);
  const said = async () => (await service.held(`/threads/${threadId}/messages`)).map(({ role }) => role);
  return { world, service, threadId, statuses, liveUntilEnded, live, putOnThread, runOf, said };
};

/** One routine's run is at work on the thread, another one's waits for it. */
const oneBehindAnother = async () => {
  const told = await createThreadWorld();
  await told.putOnThread(first);
  await told.putOnThread(second);
  const ahead = await told.world.dispatch({ routine: first });
  await told.live(2);
  const behind = await told.world.dispatch({ routine: second });
  await told.live(3);
  expect((await told.runOf(first, ahead)).run.state).toMatchObject({ phase: 'polling' });
  expect((await told.runOf(second, behind)).run).toMatchObject({ state: { phase: 'backing_off' }, attempts: [] });
  expect(await told.said()).toEqual(['user']);
  return { ...told, ahead, behind };
};

describe('runs on one thread', () => {
  it('follow one another, ten of three routines that begin at once', async () => {
    const { world, statuses, liveUntilEnded, putOnThread, said, service, threadId } = await createThreadWorld();
    const routines = [first, second, third];
    for (const routine of routines) await putOnThread(routine);
    const runs: (readonly [RoutineName, RunId])[] = [];
    for (let run = 0; run < 10; run += 1) {
      const routine = routines[run % routines.length] ?? first;
      runs.push([
        routine,
        await world.dispatch({ routine, payload: { type: 'invoke_agent_threads_api', input: `run ${run}` } }),
      ]);
    }
    const ended = await liveUntilEnded(runs, 590);
    for (const [index, run] of ended.entries()) {
      expect(run.attempts).toMatchObject([{ number: 1, statusCode: 200 }]);
      expect(run.state).toMatchObject({ phase: 'completed', answer: { outputText: `asst_slow heard: run ${index}` } });
    }
    expect(await said()).toEqual(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'user' : 'assistant')));
    expect(await service.held(`/threads/${threadId}/runs`)).toHaveLength(10);
    // The agent service had to turn no run away.
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('without a thread of their own go on side by side', async () => {
    const { world, liveUntilEnded, service, putOnThread } = await createThreadWorld();
    await putOnThread(first, { threadId: undefined });
    const runs = [await world.dispatch({ routine: first }), await world.dispatch({ routine: first })];
    const ended = await liveUntilEnded(
      runs.map((id) => [first, id] as const),
      20,
    );
    expect(ended.map(({ work }) => work?.ids.threadId)).toHaveLength(2);
    expect(await service.held('/threads')).toHaveLength(3);
  });
});

describe('a run behind another one on its thread', () => {
  it('has its turn when that one ends', async () => {
    const { liveUntilEnded, ahead, behind } = await oneBehindAnother();
    const [, run] = await liveUntilEnded(
      [
        [first, ahead],
        [second, behind],
      ],
      60,
    );
    expect(run).toMatchObject({ state: { phase: 'completed' }, attempts: [{ number: 1 }] });
  });

  it('has its turn when that one is cancelled and the agent was told', async () => {
    const { world, liveUntilEnded, ahead, behind, service, threadId } = await oneBehindAnother();
    await cancelRun(world.deps, { project: demo, routine: first, id: ahead });
    const [, run] = await liveUntilEnded(
      [
        [first, ahead],
        [second, behind],
      ],
      60,
    );
    expect(run).toMatchObject({ state: { phase: 'completed' } });
    expect((await service.held(`/threads/${threadId}/runs`)).map(({ status }) => status)).toEqual([
      'cancelled',
      'completed',
    ]);
  });

  it('has its turn when that one was given up, and waits for what it left at the agent', async () => {
    const { world, liveUntilEnded, ahead, behind, runOf, said } = await oneBehindAnother();
    const { run, version } = await runOf(first, ahead);
    const error = { type: 'poison', message: 'It ended its process each time.' };
    await world.deps.runs.replace({ ...run, state: { phase: 'failed', endedAt: world.clock.now(), error } }, version);
    const [, next] = await liveUntilEnded(
      [
        [first, ahead],
        [second, behind],
      ],
      60,
    );
    expect(next).toMatchObject({ state: { phase: 'completed' }, attempts: [{ number: 1 }] });
    expect(await said()).toEqual(['user', 'assistant', 'user', 'assistant']);
  });

  it('has its turn when the routine of that one is deleted, whose run ends as any other', async () => {
    const { world, liveUntilEnded, ahead, behind } = await oneBehindAnother();
    await world.service.deleteRoutine(demo, first);
    expect(
      await liveUntilEnded(
        [
          [first, ahead],
          [second, behind],
        ],
        60,
      ),
    ).toMatchObject([{ state: { phase: 'completed' } }, { state: { phase: 'completed' } }]);
  });
});

it('keeps the thread of a run that is cancelled in its call until its delivery must have let go', async () => {
  const { world, putOnThread, live, runOf, liveUntilEnded } = await createThreadWorld();
  await putOnThread(first);
  await putOnThread(second);
  const { call } = world.deps.agents;
  const hanging = { calls: 0 };
  Object.assign(world.deps.agents, {
    call: (request: Parameters<typeof call>[0]) =>
      hanging.calls++ === 0 ? new Promise<never>(() => undefined) : call(request),
  });
  const ahead = await world.dispatch({ routine: first });
  world.clock.advance(1);
  const [received] = world.deps.deliveries.receive();
  if (received === undefined) throw new Error('No message has come.');
  void deliver(world.deps, { message: received.message, dequeueCount: 1, owner: 'hanging' });
  while (hanging.calls === 0) await new Promise((resolve) => setImmediate(resolve));
  await cancelRun(world.deps, { project: demo, routine: first, id: ahead });
  const behind = await world.dispatch({ routine: second });
  await live(28);
  expect((await runOf(second, behind)).run.state).toMatchObject({ phase: 'backing_off' });
  expect(await liveUntilEnded([[second, behind]], 60)).toMatchObject([{ state: { phase: 'completed' } }]);
});

it('gives the thread of a run that has completed to the next one at once', async () => {
  const world = createWorld(start);
  await world.put(aDraft(yearly, { action: threads({ agentId: 'asst', threadId: 'thread' }) }));
  const ids = [await world.dispatch(), await world.dispatch()];
  world.clock.advance(1);
  await world.deliverVisible();
  expect(world.calls.map(({ runId }) => runId)).toEqual(ids);
});

it('does not begin a run that is cancelled while it takes its thread', async () => {
  const { world, putOnThread, live, runOf, said } = await createThreadWorld();
  await putOnThread(first);
  const id = await world.dispatch({ routine: first });
  const { give } = world.deps.threads;
  Object.assign(world.deps.threads, {
    give: async (...to: Parameters<typeof give>) => {
      await cancelRun(world.deps, { project: demo, routine: first, id });
      return give(...to);
    },
  });
  await live(5);
  expect((await runOf(first, id)).run.state).toMatchObject({ phase: 'killed' });
  expect(await said()).toEqual([]);
  expect(world.calls).toEqual([]);
  expect(world.deps.deliveries.messages).toEqual([]);
});

it.each(['skip_if_active', 'coalesce_if_active'] as const)(
  'lets a run that crashed on its thread go on before the next one of its routine, under %s',
  async (concurrencyPolicy) => {
    const agent = { isDeadly: true };
    const world = createWorld(start, () => {
      if (agent.isDeadly) throw new Error('the process dies here');
      return { kind: 'completed', answer: {} };
    });
    await world.put(aDraft(yearly, { concurrencyPolicy, action: threads({ agentId: 'asst', threadId: 'thread' }) }));
    const ahead = await world.dispatch();
    world.clock.advance(1);
    const [received] = world.deps.deliveries.receive();
    if (received === undefined) throw new Error('No message has come.');
    const dies = deliver(world.deps, { message: received.message, dequeueCount: 1, owner: 'dead' });
    await expect(dies).rejects.toThrow('dies here');
    agent.isDeadly = false;
    // Its lease has ended, its message is locked up to 12:10:31.
    world.clock.advance(500);
    const behind = await world.dispatch();
    await world.runUntil('2026-03-01T12:11:45Z');
    expect(world.calls.map(({ runId }) => runId)).toEqual([ahead, ahead, behind]);
    expect((await world.runsOf()).map(({ state }) => state.phase)).toEqual(['completed', 'completed']);
  },
);

it('takes the time that its thread took from the call, so that no call outlasts its lease', async () => {
  const { world, putOnThread, live } = await createThreadWorld();
  await putOnThread(first);
  await world.dispatch({ routine: first });
  const { give } = world.deps.threads;
  Object.assign(world.deps.threads, {
    give: (...to: Parameters<typeof give>) => {
      world.clock.advance(20);
      return give(...to);
    },
  });
  await live(2);
  expect(world.calls.map(({ timeoutSeconds }) => timeoutSeconds)).toEqual([25]);
});

describe("somebody else's run on the thread", () => {
  it('costs ours no attempt while it goes on', async () => {
    const { world, service, threadId, putOnThread, liveUntilEnded } = await createThreadWorld();
    await service.post(`/threads/${threadId}/runs`, { assistant_id: 'asst_slow' });
    await putOnThread(first);
    const id = await world.dispatch({ routine: first });
    expect(await liveUntilEnded([[first, id]], 60)).toMatchObject([
      { state: { phase: 'completed' }, attempts: [{ number: 1 }] },
    ]);
  });

  it('that does not end fails ours with a timeout past the deadline', async () => {
    const { world, service, threadId, putOnThread, liveUntilEnded, said } = await createThreadWorld();
    await service.post(`/threads/${threadId}/runs`, { assistant_id: 'asst_requires_action' });
    await putOnThread(first);
    const id = await world.dispatch({ routine: first });
    const [run] = await liveUntilEnded([[first, id]], 700);
    expect(run).toMatchObject({
      state: {
        phase: 'failed',
        error: {
          type: 'timeout',
          message: 'The agent was busy until the deadline of 600 s: Another run is active on the thread',
        },
      },
      attempts: [],
    });
    expect(await said()).toEqual([]);
    expect(world.deps.deliveries.messages).toEqual([]);
  });
});
