import { describe, expect, it } from 'vitest';
import { deliver } from '../../shared/app/delivery/deliver.ts';
import type { AgentOutcome } from '../../shared/app/ports/agent-caller.ts';
import type { RunId } from '../../shared/domain/names.ts';
import { aDraft, createWorld, daily, demo } from './world.ts';

const yearly = { type: 'schedule', cronExpression: '0 0 1 1 *' } as const;

/** Two processes have died with their messages locked: one called for a run, one had just made the next run wait. */
const afterTwoCrashes = async () => {
  const agent = { isDeadly: true };
  const world = createWorld('2026-03-01T12:00:30Z', () => {
    if (agent.isDeadly) throw new Error('the process dies here');
    return { kind: 'completed', answer: {} };
  });
  await world.put(aDraft(yearly, { concurrencyPolicy: 'coalesce_if_active' }));
  const dispatchAndReceive = async () => {
    const id = await world.dispatch();
    world.clock.advance(1);
    const [received] = world.deps.deliveries.receive();
    if (received === undefined) throw new Error('No message has come.');
    return { id, delivery: { message: received.message, dequeueCount: 1, owner: `dead-${id}` } };
  };
  const active = await dispatchAndReceive();
  await expect(deliver(world.deps, active.delivery)).rejects.toThrow('dies here');
  const waiting = await dispatchAndReceive();
  await deliver(world.deps, waiting.delivery);
  agent.isDeadly = false;
  const stateOf = async (id: RunId) => (await world.deps.runs.get(demo, daily, id))?.run.state;
  return { world, active: active.id, waiting: waiting.id, stateOf };
};

describe('a run that waits for its turn', () => {
  it('comes at once when the active one ends, and not when its hold would have', async () => {
    let answer = (_: AgentOutcome): void => undefined;
    const slow = new Promise<AgentOutcome>((resolve) => (answer = resolve));
    const world = createWorld('2026-03-01T12:00:30Z', () => slow);
    await world.put(aDraft(yearly, { concurrencyPolicy: 'coalesce_if_active' }));
    const first = await world.dispatch();
    world.clock.advance(1);
    const delivered = world.deliverVisible();
    const second = await world.dispatch();
    world.clock.advance(1);
    expect(await world.deliverVisible()).toMatchObject([{ kind: 'put_back', reason: 'held' }]);
    answer({ kind: 'completed', answer: {} });
    await delivered;
    await world.deliverVisible();
    expect(world.calls.map(({ runId }) => runId)).toEqual([first, second]);
  });

  it('comes at once when the active one fails since its thread was busy for too long', async () => {
    const world = createWorld('2026-03-01T12:00:30Z', () => ({
      kind: 'busy',
      error: { type: 'thread_locked', message: 'Another run has the thread' },
    }));
    await world.put(aDraft(yearly, { concurrencyPolicy: 'coalesce_if_active' }));
    const first = await world.dispatch();
    await world.runUntil('2026-03-01T12:10:00Z');
    const second = await world.dispatch();
    const stateOf = async (id: RunId) => (await world.deps.runs.get(demo, daily, id))?.run.state.phase;
    while ((await stateOf(first)) !== 'failed') {
      world.clock.advance(1);
      await world.deliverVisible();
    }
    const woken = { kind: 'dispatch', runId: second };
    expect(world.deps.deliveries.sent.at(-1)).toMatchObject({ message: woken, delaySeconds: 0 });
  });
});

describe('a run that waits, and whose message is locked', () => {
  it('is woken by the next run that yields to it, when nobody is active any more', async () => {
    const { world, waiting, stateOf } = await afterTwoCrashes();
    world.clock.advance(46);
    const next = await world.dispatch();
    await world.runUntil('2026-03-01T12:01:25Z');
    expect(await stateOf(next)).toMatchObject({ skipReason: 'coalesced', blockedBy: waiting });
    expect(await stateOf(waiting)).toMatchObject({ phase: 'completed' });
  });

  it('is not woken while another one is active', async () => {
    const { world, active, waiting } = await afterTwoCrashes();
    await world.dispatch();
    world.clock.advance(1);
    expect(await world.deliverVisible()).toEqual([{ kind: 'done', reason: 'skipped' }]);
    expect(world.deps.deliveries.messages).toHaveLength(2);
    expect(await world.deps.runs.readHold(demo, daily)).toMatchObject({ active: { runId: active }, waiting });
  });
});

it('a run whose lease ended early leaves the routine to the one that has taken it since', async () => {
  const answers: ((outcome: AgentOutcome) => void)[] = [];
  const agent = () => new Promise<AgentOutcome>((answer) => answers.push(answer));
  const world = createWorld('2026-03-01T12:00:30Z', agent);
  await world.put(aDraft(yearly, { concurrencyPolicy: 'skip_if_active' }));
  await world.dispatch();
  world.clock.advance(1);
  const late = world.deliverVisible();
  await new Promise((resolve) => setImmediate(resolve));
  world.clock.advance(46);
  const next = await world.dispatch();
  world.clock.advance(1);
  void world.deliverVisible();
  await new Promise((resolve) => setImmediate(resolve));
  answers[0]?.({ kind: 'retryable', error: { type: 'http_error', message: 'busy' } });
  expect(await late).toMatchObject([{ reason: 'backing_off' }]);
  expect((await world.deps.runs.readHold(demo, daily)).active?.runId).toBe(next);
});

it('a run that has ended keeps nobody out, also when a crash left its place to it', async () => {
  const world = createWorld('2026-03-01T12:00:30Z');
  await world.put(aDraft(yearly, { concurrencyPolicy: 'coalesce_if_active' }));
  const ended = await world.dispatch();
  world.clock.advance(1);
  await world.deliverVisible();
  const over = await world.deps.runs.readHold(demo, daily);
  await world.deps.runs.writeHold(demo, daily, { over, to: { waiting: ended } });
  const next = await world.dispatch();
  world.clock.advance(1);
  expect(await world.deliverVisible()).toEqual([{ kind: 'done', reason: 'completed' }]);
  expect(world.calls.map(({ runId }) => runId)).toEqual([ended, next]);
  expect(await world.deps.runs.readHold(demo, daily)).not.toHaveProperty('waiting');
});
