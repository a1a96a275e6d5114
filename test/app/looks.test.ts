import { describe, expect, it } from 'vitest';
import { createTimings } from '../../shared/app/create-timings.ts';
import type { AgentOutcome } from '../../shared/app/ports/agent-caller.ts';
import type { WorkOutcome } from '../../shared/domain/progress/run-progress.ts';
import { aDraft, createWorld, daily, demo } from './world.ts';

const yearly = { type: 'schedule', cronExpression: '0 0 1 1 *' } as const;
const accepted: AgentOutcome = { kind: 'accepted', ids: { responseId: 'resp_1' }, statusCode: 200 };
const running: WorkOutcome = { kind: 'running' };
const finished: WorkOutcome = { kind: 'completed', answer: { outputText: 'done', responseId: 'resp_1' } };

interface Story {
  /** Seconds that the agent takes to accept the work. */
  readonly acceptsAfter?: number;
  readonly outcome?: AgentOutcome;
  /** What looks and polls bring; the last one for ever. */
  readonly polls?: readonly WorkOutcome[];
}

const tell = async ({ acceptsAfter = 0, outcome = accepted, polls = [finished] }: Story) => {
  let next = 0;
  const world = createWorld(
    '2026-03-01T12:00:30Z',
    () => {
      world.clock.advance(acceptsAfter);
      return outcome;
    },
    () => polls[Math.min(next++, polls.length - 1)] ?? running,
    { timings: createTimings(1) },
  );
  await world.put(aDraft(yearly));
  const id = await world.dispatch();
  world.clock.advance(1);
  await world.deliverVisible();
  const run = async () => {
    const stored = await world.deps.runs.get(demo, daily, id);
    if (stored === null) throw new Error('The dispatched run is gone.');
    return stored.run;
  };
  const lookTimes = () => world.polls.map(({ at }) => at.toISOString().slice(14, -1));
  const pollsSent = () => world.deps.deliveries.sent.filter(({ message }) => message.kind === 'poll');
  return { world, id, run, lookTimes, pollsSent };
};

describe('work that was accepted', () => {
  it('is looked at for five seconds in the same delivery, and ends there without a message', async () => {
    const { run, lookTimes, pollsSent } = await tell({ polls: [running, running, running, finished] });
    expect(lookTimes()).toEqual(['00:31.500', '00:32.500', '00:34.000', '00:36.000']);
    expect(await run()).toMatchObject({
      state: { phase: 'completed', answer: { outputText: 'done' } },
      attempts: [{ number: 1, statusCode: 200 }],
    });
    expect(pollsSent()).toEqual([]);
  });

  it('is written by its claim and by its end, and not between, when it ends meanwhile', async () => {
    const { world } = await tell({ polls: [finished] });
    const { replace } = world.deps.runs;
    const written: string[] = [];
    Object.assign(world.deps.runs, {
      replace: (...run: Parameters<typeof replace>) => {
        written.push(run[0].state.phase);
        return replace(...run);
      },
    });
    await world.dispatch();
    world.clock.advance(1);
    await world.deliverVisible();
    expect(written).toEqual(['dispatching', 'completed']);
  });

  it('that goes on is polled from then on, its deadline counted from the beginning', async () => {
    const { world, run, pollsSent } = await tell({ polls: [running] });
    expect(pollsSent()).toMatchObject([{ message: { poll: 1 }, delaySeconds: 2 }]);
    expect(await run()).toMatchObject({
      state: { phase: 'polling', polls: 0 },
      work: { startedAt: new Date('2026-03-01T12:00:31Z'), deadline: new Date('2026-03-01T12:10:31Z') },
    });
    expect(world.clock.now().toISOString()).toBe('2026-03-01T12:00:36.000Z');
  });

  it('is not looked at before the agent wishes to be asked', async () => {
    const { lookTimes, pollsSent } = await tell({ outcome: { ...accepted, retryAfterSeconds: 10 } });
    expect(lookTimes()).toEqual([]);
    expect(pollsSent()).toMatchObject([{ delaySeconds: 10 }]);
  });

  it('is looked at as long as the lease leaves time for two tries of the record', async () => {
    const { lookTimes } = await tell({ acceptsAfter: 30, polls: [running] });
    // The lease ends at 01:16, and twelve seconds of it are the record's.
    expect(lookTimes()).toEqual(['01:01.500', '01:02.500', '01:04.000']);
  });

  it.each<[string, WorkOutcome, object]>([
    [
      'failed',
      { kind: 'terminal', error: { type: 'tool_failed', message: 'no' } },
      { phase: 'failed', error: { type: 'tool_failed' } },
    ],
    [
      'cancelled there',
      { kind: 'cancelled', error: { type: 'cancelled', message: 'Stopped' } },
      { phase: 'killed', error: { type: 'cancelled' } },
    ],
  ])('ends the run for good when a look finds it %s', async (_how, end, state) => {
    const { world, run } = await tell({ polls: [end] });
    expect(await run()).toMatchObject({ state, attempts: [{ number: 1 }] });
    await world.runUntil('2026-03-01T12:02:00Z');
    expect(world.calls).toHaveLength(1);
    expect(world.cancels).toEqual([]);
  });

  it('whose looks meet an agent that is ill is polled', async () => {
    const ill: WorkOutcome = { kind: 'unknown', error: { type: 'http_error', statusCode: 503, message: 'ill' } };
    const { world, run } = await tell({ polls: [ill, ill, ill, ill, finished] });
    expect(await run()).toMatchObject({ state: { phase: 'polling' } });
    await world.runUntil('2026-03-01T12:01:00Z');
    expect(await run()).toMatchObject({ state: { phase: 'completed' } });
    expect(world.calls).toHaveLength(1);
  });

  it('is stopped at the agent when its run was cancelled between two looks', async () => {
    const world = createWorld(
      '2026-03-01T12:00:30Z',
      () => accepted,
      async () => {
        const [run] = await world.runsOf();
        if (run !== undefined && run.state.phase === 'dispatching') await world.cancel(run.id);
        return running;
      },
      { timings: createTimings(1) },
    );
    await world.put(aDraft(yearly));
    await world.dispatch();
    world.clock.advance(1);
    await world.deliverVisible();
    expect(await world.runsOf()).toMatchObject([{ state: { phase: 'killed' } }]);
    expect(world.cancels).toMatchObject([{ ids: { responseId: 'resp_1' } }]);
  });
});

describe('a deadline', () => {
  it.each([
    [{ deadlineSeconds: 90 }, 600, 90],
    [{}, 120, 120],
    [{}, undefined, 600],
  ])('of a routine with %j where %s is set for all is %i s', async (over, setForAll, seconds) => {
    const world = createWorld(
      '2026-03-01T12:00:30Z',
      () => accepted,
      () => running,
      { runDeadlineSeconds: setForAll },
    );
    const action = { type: 'invoke_agent_invocations_api', agentName: 'echo-agent' } as const;
    await world.put(aDraft(yearly, { ...over, action }));
    await world.dispatch();
    world.clock.advance(1);
    await world.deliverVisible();
    const [run] = await world.runsOf();
    expect(run?.work?.deadline).toEqual(new Date(Date.parse('2026-03-01T12:00:31Z') + seconds * 1000));
  });

  it('of a Responses action is an hour when nothing is set', async () => {
    const world = createWorld(
      '2026-03-01T12:00:30Z',
      () => accepted,
      () => running,
      { runDeadlineSeconds: undefined },
    );
    await world.put(aDraft(yearly, { action: { type: 'invoke_agent_responses_api', agentName: 'echo-agent' } }));
    await world.dispatch();
    world.clock.advance(1);
    await world.deliverVisible();
    const [run] = await world.runsOf();
    expect(run?.work?.deadline).toEqual(new Date('2026-03-01T13:00:31Z'));
  });
});

describe('a run that is cancelled while its agent has not answered', () => {
  const unreached: AgentOutcome = { kind: 'retryable', error: { type: 'timeout', message: 'Too late' } };
  const answered: AgentOutcome = { kind: 'retryable', error: { type: 'http_error', statusCode: 503, message: 'No' } };

  it.each([
    ['has its work stopped by the id that the call gave it', [unreached], [{ answered: 0 }]],
    ['after an answer that was a failure too', [answered, unreached], [{ answered: 1 }]],
    ['whose last answer was a failure leaves nothing to stop', [unreached, answered], []],
  ])('%s', async (_what, outcomes, stops) => {
    let calls = 0;
    const world = createWorld('2026-03-01T12:00:30Z', () => outcomes[calls++] ?? unreached);
    await world.put(aDraft(yearly));
    const id = await world.dispatch();
    for (let attempt = 0; attempt < outcomes.length; attempt += 1) {
      world.clock.advance(attempt + 1);
      await world.deliverVisible();
    }
    await world.cancel(id);
    await world.runUntil('2026-03-01T12:02:00Z');
    expect(calls).toBe(outcomes.length);
    expect(world.stops).toMatchObject(stops);
    expect(world.deps.deliveries.messages).toEqual([]);
  });

  it('is stopped there when the process of its delivery has died', async () => {
    const world = createWorld('2026-03-01T12:00:30Z', () => new Promise<never>(() => undefined));
    await world.put(aDraft(yearly));
    const id = await world.dispatch();
    world.clock.advance(1);
    void world.deliverVisible();
    await expect.poll(() => world.calls.length).toBe(1);
    await world.cancel(id);
    await world.deliverVisible();
    expect(world.stops).toMatchObject([{ runId: id, answered: 0 }]);
  });
});
