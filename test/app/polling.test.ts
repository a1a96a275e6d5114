import { describe, expect, it } from 'vitest';
import { deliver } from '../../shared/app/delivery/deliver.ts';
import type { AgentCall, AgentOutcome } from '../../shared/app/ports/agent-caller.ts';
import type { DeliveryMessage } from '../../shared/app/ports/messages.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import type { WorkOutcome } from '../../shared/domain/progress/run-progress.ts';
import type { RoutineDraft } from '../../shared/domain/routine-draft.ts';
import { parseDeliveryMessage } from '../../shared/storage/queues/messages.ts';
import { aDraft, createWorld, daily, demo } from './world.ts';

const yearly = { type: 'schedule', cronExpression: '0 0 1 1 *' } as const;
const accepts = (): AgentOutcome => ({ kind: 'accepted', ids: { invocationId: 'inv-1' }, statusCode: 202 });
const running: WorkOutcome = { kind: 'running' };
const busy: WorkOutcome = { kind: 'unknown', error: { type: 'http_error', statusCode: 503, message: 'busy' } };
const finished: WorkOutcome = { kind: 'completed', answer: { outputText: 'done', responseId: 'inv-1' } };

interface Story {
  readonly agent?: (call: AgentCall) => AgentOutcome;
  /** What the polls bring; the last one for ever. */
  readonly polls?: readonly WorkOutcome[];
  readonly draft?: Partial<RoutineDraft>;
}

/** A dispatch whose message has come. */
const tell = async ({ agent = accepts, polls = [finished], draft }: Story = {}) => {
  let next = 0;
  const world = createWorld('2026-03-01T12:00:30Z', agent, () => polls[Math.min(next++, polls.length - 1)] ?? running);
  await world.put(aDraft(yearly, draft));
  const id = await world.dispatch();
  world.clock.advance(1);
  await world.deliverVisible();
  const run = async () => {
    const stored = await world.deps.runs.get(demo, daily, id);
    if (stored === null) throw new Error('The dispatched run is gone.');
    return stored.run;
  };
  const pollTimes = () => world.polls.map(({ at }) => at.toISOString().slice(14, 19));
  return { world, id, run, pollTimes };
};

describe('work that the agent has accepted', () => {
  it('is polled after 2, 4, 8 and then every 15 seconds, and ends the run and its attempt when it ends', async () => {
    const { world, run, pollTimes } = await tell({ polls: [running, running, running, running, running, finished] });
    expect(await run()).toMatchObject({
      state: { phase: 'polling', polls: 0 },
      work: { ids: { invocationId: 'inv-1' } },
    });
    await world.runUntil('2026-03-01T12:03:00Z');
    expect(pollTimes()).toEqual(['00:33', '00:37', '00:45', '01:00', '01:15', '01:30']);
    const { state, attempts, startedAt } = await run();
    expect(state).toMatchObject({ phase: 'completed', answer: { outputText: 'done' } });
    expect(attempts).toEqual([{ number: 1, startedAt, endedAt: world.polls.at(-1)?.at, statusCode: 202 }]);
    expect(world.calls).toHaveLength(1);
    expect(world.deps.deliveries.messages).toEqual([]);
  });

  it('is asked for later when the agent wishes so', async () => {
    const { world, pollTimes } = await tell({
      agent: () => ({ ...accepts(), retryAfterSeconds: 10 }) as AgentOutcome,
      polls: [{ ...running, retryAfterSeconds: 30 }, finished],
    });
    await world.runUntil('2026-03-01T12:03:00Z');
    expect(pollTimes()).toEqual(['00:41', '01:11']);
  });

  it('is not started again when the queue takes its first poll some seconds later', async () => {
    const world = createWorld('2026-03-01T12:00:30Z', accepts);
    await world.put(aDraft(yearly));
    await world.dispatch();
    world.clock.advance(1);
    const { send } = world.deps.deliveries;
    let failures = 5;
    Object.assign(world.deps.deliveries, {
      send: (...args: Parameters<typeof send>) =>
        failures-- > 0 ? Promise.reject(new StorageUnavailableError('down')) : send(...args),
    });
    await world.runUntil('2026-03-01T12:03:00Z');
    expect(world.calls).toHaveLength(1);
    expect(await world.runsOf()).toMatchObject([{ state: { phase: 'completed' } }]);
  });

  it('is never started again, however its polls fail', async () => {
    const { world, run } = await tell({ polls: [busy, busy, busy, busy, busy, busy, finished] });
    await world.runUntil('2026-03-01T12:04:00Z');
    expect(world.calls).toHaveLength(1);
    expect(await run()).toMatchObject({ state: { phase: 'completed' } });
  });

  it('fails the run at once when it has failed: it is no attempt to repeat', async () => {
    const error = { type: 'agent_error', message: 'no' };
    const { world, run } = await tell({ polls: [{ kind: 'terminal', error }] });
    await world.runUntil('2026-03-01T12:02:00Z');
    expect(await run()).toMatchObject({ state: { phase: 'failed', error }, attempts: [{ number: 1, error }] });
    expect(world.calls).toHaveLength(1);
  });

  it('kills the run when it was cancelled on the agent side, where nobody has to be told', async () => {
    const error = { type: 'cancelled', message: 'The run was cancelled at the agent' };
    const { world, run } = await tell({ polls: [{ kind: 'cancelled', error }] });
    await world.runUntil('2026-03-01T12:02:00Z');
    expect(await run()).toMatchObject({ state: { phase: 'killed', error } });
    expect(world.cancels).toEqual([]);
    expect(world.deps.deliveries.messages).toEqual([]);
  });

  it.each([
    ['goes on', running, 'The agent accepted the work and did not end it within 600 s'],
    ['cannot be reached', busy, /within 600 s; the last poll met: busy$/],
  ])('that %s past the deadline is cancelled and fails with a timeout', async (_what, outcome, message) => {
    const { world, run, id } = await tell({ polls: [outcome] });
    await world.runUntil('2026-03-01T12:11:00Z');
    const { state } = await run();
    expect(state).toMatchObject({
      phase: 'failed',
      error: { type: 'timeout', message: expect.stringMatching(message) },
    });
    expect(world.cancels).toMatchObject([{ runId: id, ids: { invocationId: 'inv-1' } }]);
    expect(world.polls.at(-1)?.at.toISOString()).toBe('2026-03-01T12:10:31.000Z');
    expect(world.deps.deliveries.messages).toEqual([]);
  });

  it('that ends just before the deadline completes the run by the last poll', async () => {
    const { world, run } = await tell({ polls: [...Array<WorkOutcome>(36).fill(running), finished] });
    await world.runUntil('2026-03-01T12:11:00Z');
    expect(world.polls).toHaveLength(37);
    expect(await run()).toMatchObject({ state: { phase: 'completed' } });
    expect(world.cancels).toEqual([]);
  });

  it('of an earlier attempt that failed counts the attempts on', async () => {
    const outcomes: AgentOutcome[] = [
      { kind: 'retryable', error: { type: 'http_error', statusCode: 503, message: 'busy' } },
    ];
    const { world, run } = await tell({ agent: () => outcomes.shift() ?? accepts() });
    await world.runUntil('2026-03-01T12:02:00Z');
    expect(await run()).toMatchObject({ state: { phase: 'completed' }, attempts: [{ number: 1 }, { number: 2 }] });
  });

  it('keeps its routine for as long as it lasts, and hands it on when it ends', async () => {
    const draft = { concurrencyPolicy: 'coalesce_if_active' } as const;
    const { world, id } = await tell({ draft, polls: [running, running, running, finished] });
    const second = await world.dispatch();
    await world.runUntil('2026-03-01T12:00:59Z');
    expect(await world.deps.runs.readHold(demo, daily)).toMatchObject({ active: { runId: id }, waiting: second });
    await world.runUntil('2026-03-01T12:01:02Z');
    expect((await world.deps.runs.readHold(demo, daily)).active?.runId).toBe(second);
  });

  it('keeps its routine while the last poll is asking, for as long as an attempt may last', async () => {
    const { world, id } = await tell({ draft: { concurrencyPolicy: 'skip_if_active' }, polls: [running] });
    await world.runUntil('2026-03-01T12:10:30Z');
    world.clock.advance(1);
    const [last] = world.deps.deliveries.receive();
    if (last === undefined) throw new Error('The last poll has not come.');
    const agents = { ...world.deps.agents, poll: () => new Promise<never>(() => undefined) };
    void deliver({ ...world.deps, agents }, { message: last.message, dequeueCount: 1, owner: 'asks' });
    const { active } = await world.deps.runs.readHold(demo, daily);
    expect(active).toEqual({ runId: id, until: new Date('2026-03-01T12:15:31Z') });
    world.clock.advance(200);
    const second = await world.dispatch();
    world.clock.advance(1);
    await world.deliverVisible();
    const stored = await world.deps.runs.get(demo, daily, second);
    expect(stored?.run.state).toMatchObject({ phase: 'killed', skipReason: 'overlap', blockedBy: id });
  });

  it('keeps a run that waits for its end no longer than a minute when nobody wakes that one', async () => {
    const draft = { concurrencyPolicy: 'coalesce_if_active' } as const;
    const { world, id } = await tell({ draft, polls: [running, running, finished] });
    const second = await world.dispatch();
    const { send } = world.deps.deliveries;
    await world.runUntil('2026-03-01T12:00:40Z');
    const withoutWaking: typeof send = async (message, delay) =>
      message.kind === 'dispatch' ? undefined : send(message, delay);
    Object.assign(world.deps.deliveries, { send: withoutWaking });
    await world.runUntil('2026-03-01T12:01:45Z');
    expect((await world.deps.runs.get(demo, daily, id))?.run.state).toMatchObject({ phase: 'completed' });
    expect((await world.deps.runs.get(demo, daily, second))?.run.startedAt).toBeDefined();
  });

  it('is cancelled at the agent within a second when its run is, which then lets go of its routine', async () => {
    const draft = { concurrencyPolicy: 'skip_if_active' } as const;
    const { world, id, run } = await tell({ draft, polls: [running] });
    await world.runUntil('2026-03-01T12:00:50Z');
    await world.cancel(id);
    expect(await run()).toMatchObject({ state: { phase: 'killed' }, attempts: [{ error: { type: 'cancelled' } }] });
    expect((await world.deps.runs.readHold(demo, daily)).active?.runId).toBe(id);
    await world.deliverVisible();
    expect(world.cancels).toMatchObject([{ runId: id, ids: { invocationId: 'inv-1' } }]);
    expect((await world.deps.runs.readHold(demo, daily)).active).toBeUndefined();
    await world.runUntil('2026-03-01T12:02:00Z');
    expect(world.deps.deliveries.messages).toEqual([]);
  });
});

it('a run that is cancelled before its first poll sends a poll that can be read', async () => {
  const { world, id } = await tell({ polls: [running] });
  await world.cancel(id);
  const sent = world.deps.deliveries.sent.at(-1);
  expect(sent?.delaySeconds).toBe(0);
  expect(parseDeliveryMessage(sent?.message)).toMatchObject({ kind: 'poll', runId: id, poll: 1 });
});

it('a run that its agent asks no longer wait for is written once for each poll', async () => {
  const { world } = await tell({ polls: [running] });
  const { replace } = world.deps.runs;
  let writes = 0;
  Object.assign(world.deps.runs, {
    replace: (...change: Parameters<typeof replace>) => {
      writes += 1;
      return replace(...change);
    },
  });
  await world.runUntil('2026-03-01T12:01:10Z');
  expect(writes).toBe(world.polls.length);
});

describe('a poll', () => {
  const pollMessage = (runId: Awaited<ReturnType<typeof tell>>['id'], poll: number) =>
    ({ kind: 'poll', project: demo, routine: daily, runId, poll }) satisfies DeliveryMessage;

  it('whose number is not above that of the run is dropped', async () => {
    const { world, id } = await tell({ polls: [running] });
    await world.runUntil('2026-03-01T12:00:38Z');
    expect(world.polls).toHaveLength(2);
    const repeated = { message: pollMessage(id, 2), dequeueCount: 1, owner: 'other' };
    expect(await deliver(world.deps, repeated)).toEqual({ kind: 'done', reason: 'polling' });
    expect(world.polls).toHaveLength(2);
  });

  it('sends the next one before it asks, so that a crash between the two ends nothing', async () => {
    const { world } = await tell({
      polls: [running],
    });
    world.clock.advance(2);
    const [received] = world.deps.deliveries.receive();
    const { agents } = world.deps;
    const dying = { ...agents, poll: () => new Promise<WorkOutcome>(() => undefined) };
    const message = received?.message;
    if (message === undefined) throw new Error('no poll has come');
    void deliver({ ...world.deps, agents: dying }, { message, dequeueCount: 1, owner: 'dying' });
    await new Promise((resolve) => setImmediate(resolve));
    await world.runUntil('2026-03-01T12:00:38Z');
    expect(world.polls.map(({ at }) => at.toISOString().slice(14, 19))).toEqual(['00:37']);
  });

  it.each([
    ['its lease has ended', -1, 5],
    ['its lease ends soon', 2, 2],
    ['its lease lasts', 45, 5],
  ])(
    'of a run that does not say yet that it polls waits for its record, when %s',
    async (_when, leaseSeconds, delaySeconds) => {
      const { world, id } = await tell({ polls: [running] });
      const stored = await world.deps.runs.get(demo, daily, id);
      if (stored === null) throw new Error('no run');
      const startedAt = world.clock.now();
      const leaseUntil = new Date(startedAt.getTime() + leaseSeconds * 1000);
      const claim = { owner: 'stands still', attempt: 1, startedAt, leaseUntil };
      await world.deps.runs.replace({ ...stored.run, state: { phase: 'dispatching', claim } }, stored.version);
      const poll = { message: pollMessage(id, 1), dequeueCount: 1, owner: 'other' };
      expect(await deliver(world.deps, poll)).toEqual({ kind: 'put_back', reason: 'leased', delaySeconds });
    },
  );

  it('that cannot be counted leaves the question to the next one, and sends no more than that', async () => {
    const { world, run } = await tell();
    const { replace } = world.deps.runs;
    let isDown = true;
    Object.assign(world.deps.runs, {
      replace: (...args: Parameters<typeof replace>) => {
        if (isDown) throw new StorageUnavailableError('down');
        return replace(...args);
      },
    });
    await world.runUntil('2026-03-01T12:01:50Z');
    expect(world.deps.deliveries.messages.map(({ message }) => message)).toMatchObject([{ kind: 'poll', poll: 8 }]);
    expect(world.polls).toEqual([]);
    isDown = false;
    await world.runUntil('2026-03-01T12:02:10Z');
    expect(await run()).toMatchObject({ state: { phase: 'completed' } });
  });

  it('that is the last one comes again when its run is cancelled meanwhile: no other would let go of the routine', async () => {
    const { world, id } = await tell({ draft: { concurrencyPolicy: 'skip_if_active' }, polls: [running] });
    await world.runUntil('2026-03-01T12:10:30Z');
    world.clock.advance(1);
    const poll = async (): Promise<WorkOutcome> => {
      await world.cancel(id);
      return finished;
    };
    const deps = { ...world.deps, agents: { ...world.deps.agents, poll } };
    const last = { message: pollMessage(id, 99), dequeueCount: 1, owner: 'last' };
    expect(await deliver(deps, last)).toEqual({ kind: 'put_back', reason: 'contended', delaySeconds: 1 });
    expect(await deliver(world.deps, last)).toEqual({ kind: 'done', reason: 'run_ended' });
    expect((await world.deps.runs.readHold(demo, daily)).active).toBeUndefined();
  });

  it('whose answer takes longer than the next one to come ends the run all the same', async () => {
    let answer = (_: WorkOutcome): void => undefined;
    const slow = new Promise<WorkOutcome>((resolve) => (answer = resolve));
    const { world, id, run } = await tell({ polls: [running] });
    const deps = { ...world.deps, agents: { ...world.deps.agents, poll: () => slow } };
    const ends = deliver(deps, { message: pollMessage(id, 1), dequeueCount: 1, owner: 'slow' });
    await new Promise((resolve) => setImmediate(resolve));
    await world.runUntil('2026-03-01T12:00:59Z');
    expect(world.polls).toHaveLength(3);
    answer(finished);
    expect(await ends).toEqual({ kind: 'done', reason: 'completed' });
    expect(await run()).toMatchObject({ state: { phase: 'completed' }, attempts: [{ number: 1 }] });
  });
});
