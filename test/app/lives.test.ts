import { describe, expect, it } from 'vitest';
import { deliver } from '../../shared/app/delivery/deliver.ts';
import { createDeliverPoisoned } from '../../shared/app/delivery/deliver-poisoned.ts';
import { type Disposition, putBackKinds } from '../../shared/app/delivery/disposition.ts';
import { runIdOf } from '../../shared/app/delivery/start-run.ts';
import type { AgentOutcome } from '../../shared/app/ports/agent-caller.ts';
import type { FireMessage } from '../../shared/app/ports/messages.ts';
import { at, triggerName } from '../builders.ts';
import { aDraft, createWorld, daily, demo, everyFiveMinutes } from './world.ts';

const slot = at('2026-03-01T12:05:00Z');
const slotMessage: FireMessage = {
  kind: 'fire',
  project: demo,
  routine: daily,
  trigger: triggerName('main'),
  nominal: slot.getTime(),
};
const lease = 46;

type World = Awaited<ReturnType<typeof atSlot>>;

const atSlot = async (agent: () => AgentOutcome | Promise<AgentOutcome>) => {
  const world = createWorld('2026-03-01T12:00:30Z', agent);
  await world.put(aDraft(everyFiveMinutes));
  world.clock.set(slot);
  return world;
};

/** Calls of an agent that the process does not survive, or that a neighbour cuts off: the delivery never comes to rest. */
const deadly = (): Promise<never> => new Promise(() => undefined);
const done = (): AgentOutcome => ({ kind: 'completed', answer: { outputText: 'done' } });

/** A delivery that dies while it calls; or the rest that it came to instead. */
const tryOnce = async (world: World, message: FireMessage, owner: string): Promise<Disposition | 'died'> => {
  const calls = world.calls.length;
  const rest = deliver(world.deps, { message, dequeueCount: 1, owner });
  const dies = until(() => world.calls.length > calls).then(() => 'died' as const);
  return Promise.race([rest, dies]);
};

/** What became of each receipt of a message, whatever comes in its place, until it goes. */
const follow = async (world: World, receipts: number) => {
  const ends: string[] = [];
  const message: { now: FireMessage } = { now: slotMessage };
  for (let n = 0; n < receipts; n += 1) {
    const rest = await tryOnce(world, message.now, `owner-${n}`);
    if (rest === 'died') {
      ends.push('died');
      // Its lock ends long before the lease: receipts that meet the lease lie between the lives.
      world.clock.advance(5);
      continue;
    }
    ends.push(rest.kind === 'put_back' ? rest.reason : rest.kind);
    if (rest.kind !== 'put_back') break;
    world.clock.advance(rest.delaySeconds + 1);
    message.now = { ...message.now, ...rest.marks };
  }
  return { ends, message: message.now };
};

const runOf = async (world: World) => (await world.runsOf())[0];

describe('a run whose process died with a neighbour', () => {
  it('is taken over at once, and does not stand aside', async () => {
    const world = await atSlot(deadly);
    expect(await tryOnce(world, slotMessage, 'dead')).toBe('died');
    world.clock.advance(lease);
    expect(await tryOnce(world, { ...slotMessage, again: true }, 'next')).toBe('died');
    expect(await runOf(world)).toMatchObject({ lives: 1, attempts: [] });
  });

  it('counts no life when the claim only was too slow, or is its own', async () => {
    const world = await atSlot(done);
    expect(await deliver(world.deps, { message: slotMessage, dequeueCount: 1, owner: 'o' })).toMatchObject({
      reason: 'completed',
    });
    expect(await runOf(world)).not.toHaveProperty('lives');
  });
});

describe('a run that ends its process at every claim', () => {
  it('comes to the poison queue, whatever its receipts meet between its lives', async () => {
    const world = await atSlot(deadly);
    const { ends } = await follow(world, 60);
    expect(ends.at(-1)).toBe('to_poison');
    expect(ends.filter((end) => end === 'died')).toHaveLength(6);
    expect(ends.filter((end) => end === 'leased').length).toBeGreaterThanOrEqual(6);
    // Once for each of its lives but the first two.
    expect(ends.filter((end) => end === 'stand_aside')).toHaveLength(4);
    expect(await runOf(world)).toMatchObject({ lives: 5, state: { phase: 'dispatching' } });
  });

  const given = (message: FireMessage, dequeueCount: number) => ({
    message,
    dequeueCount,
    owner: `life-${dequeueCount}`,
    body: JSON.stringify(message),
  });

  /** Its last life, in a process that dies. */
  const dieLast = async (world: World, message: FireMessage, dequeueCount: number) => {
    const calls = world.calls.length;
    void createDeliverPoisoned(world.deps)(given(message, dequeueCount));
    await until(() => world.calls.length > calls);
    world.clock.advance(600);
  };

  it('has two last lives there: the first may have been cut off by a neighbour', async () => {
    const world = await atSlot(deadly);
    const { message } = await follow(world, 60);
    await dieLast(world, message, 1);
    await dieLast(world, message, 2);
    expect(await world.deliverPoisoned(given(message, 3))).toEqual({ kind: 'done', reason: 'poisoned' });
    expect((await runOf(world))?.state).toMatchObject({ phase: 'failed', error: { type: 'poison' } });
  });

  it('completes in its second last life when a neighbour alone was at fault', async () => {
    let isSound = false;
    const world = await atSlot(() => (isSound ? done() : deadly()));
    const { message } = await follow(world, 60);
    await dieLast(world, message, 1);
    isSound = true;
    expect(await world.deliverPoisoned(given(message, 2))).toEqual({ kind: 'done', reason: 'completed' });
    expect(world.deps.poisoned.messages).toEqual([]);
  });

  it('loses no last life by one that was put back', async () => {
    const world = await atSlot(deadly);
    const { message } = await follow(world, 60);
    for (let times = 0; times < 4; times += 1) await dieLast(world, message, 1);
    await dieLast(world, message, 2);
    expect(await world.deliverPoisoned(given(message, 3))).toMatchObject({ reason: 'poisoned' });
  });
});

describe('an hour of receipts that only had to wait', () => {
  it('for a run that has the routine makes no life, no death and no poison', async () => {
    const world = createWorld('2026-03-01T12:00:30Z', deadly);
    await world.put(aDraft(everyFiveMinutes, { concurrencyPolicy: 'coalesce_if_active' }));
    const active = runIdOf({ ...slotMessage, nominal: slot.getTime() - 300_000 });
    world.clock.set(slot);
    await world.deps.runs.writeHold(demo, daily, {
      over: await world.deps.runs.readHold(demo, daily),
      to: { active: { runId: active, until: at('2026-03-01T13:10:00Z') } },
    });
    const { ends } = await follow(world, 60);
    expect(new Set(ends)).toEqual(new Set(['held']));
    expect((await world.runsOf())[0]).toMatchObject({ state: { phase: 'queued' } });
    expect((await world.runsOf())[0]).not.toHaveProperty('lives');
  });
});

describe('a message that meets the backoff of its run', () => {
  it('is no retry: another message makes the next attempt', async () => {
    const unavailable = { type: 'http_error', statusCode: 503, message: 'unavailable' };
    const world = await atSlot(() => ({ kind: 'retryable', error: unavailable, retryAfterSeconds: 5 }));
    const own = await deliver(world.deps, { message: slotMessage, dequeueCount: 1, owner: 'own' });
    const other = await deliver(world.deps, { message: slotMessage, dequeueCount: 1, owner: 'other' });
    const kindOf = (rest: Disposition) => rest.kind === 'put_back' && putBackKinds[rest.reason];
    expect([kindOf(own), kindOf(other)]).toEqual(['retry', 'delay']);
    expect(world.calls).toHaveLength(1);
  });
});

const until = async (isTrue: () => boolean): Promise<void> => {
  for (let turns = 0; turns < 1000 && !isTrue(); turns += 1) await new Promise((resolve) => setImmediate(resolve));
  if (!isTrue()) throw new Error('It did not come true.');
};
