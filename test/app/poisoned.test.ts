import { describe, expect, it } from 'vitest';
import { deliver } from '../../shared/app/delivery/deliver.ts';
import { createDeliverPoisoned } from '../../shared/app/delivery/deliver-poisoned.ts';
import type { AgentOutcome } from '../../shared/app/ports/agent-caller.ts';
import type { FireMessage } from '../../shared/app/ports/messages.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import type { RoutineDraft } from '../../shared/domain/routine-draft.ts';
import { slotRunId } from '../../shared/domain/run-id.ts';
import { at, triggerName } from '../builders.ts';
import { aDraft, createWorld, daily, demo, everyFiveMinutes } from './world.ts';

const answered: AgentOutcome = { kind: 'completed', answer: { outputText: 'done' } };
const slot = at('2026-03-01T12:05:00Z');
const main = triggerName('main');
const message: FireMessage = {
  kind: 'fire',
  project: demo,
  routine: daily,
  trigger: main,
  nominal: slot.getTime(),
};
const runId = slotRunId({ project: demo, routine: daily, trigger: main, nominal: slot });
const body = JSON.stringify(message);
const poisoned = (dequeueCount: number, of: FireMessage = message) => ({
  message: of,
  dequeueCount,
  owner: `life-${dequeueCount}`,
  body: JSON.stringify(of),
});
const noAnswer = () => Promise.reject(new StorageUnavailableError('no answer'));

/** A routine whose slot at 12:05 is due now and was given up by the platform. */
const atSlot = async (agent?: Parameters<typeof createWorld>[1], over: Partial<RoutineDraft> = {}) => {
  const world = createWorld('2026-03-01T12:00:30Z', agent);
  await world.put(aDraft(everyFiveMinutes, over));
  world.clock.set(slot);
  return world;
};

/** Calls of an agent that the process does not survive. */
const deadly = (): Promise<never> => new Promise(() => undefined);

/** A life that ends its process: what it waits for never comes, and another process goes on. */
const dieIn = async (world: Awaited<ReturnType<typeof atSlot>>, delivery = poisoned(1)): Promise<void> => {
  const calls = world.calls.length;
  void createDeliverPoisoned(world.deps)(delivery);
  await until(() => world.calls.length > calls);
};

/** Both of its last lives. */
const dieTwiceIn = async (world: Awaited<ReturnType<typeof atSlot>>): Promise<void> => {
  await dieIn(world);
  world.clock.advance(46);
  await dieIn(world, poisoned(2));
};

const phaseOf = async (world: Awaited<ReturnType<typeof atSlot>>) => (await world.runsOf())[0]?.state;

describe('a message that ends its process every time', () => {
  it('has one last life, alone: a message that is sound after all completes', async () => {
    const world = await atSlot();
    expect(await world.deliverPoisoned(poisoned(1))).toEqual({ kind: 'done', reason: 'completed' });
    expect(world.deps.poisoned.messages).toEqual([]);
  });

  it('is left alone while another delivery is calling for its run, however often it was received', async () => {
    const world = await atSlot(deadly);
    void deliver(world.deps, { message, dequeueCount: 1, owner: 'at work' });
    await until(() => world.calls.length > 0);
    world.clock.advance(5);
    expect(await world.deliverPoisoned(poisoned(6))).toEqual({ kind: 'left_locked' });
    expect(await phaseOf(world)).toMatchObject({ phase: 'dispatching', claim: { owner: 'at work' } });
    expect(world.deps.poisoned.messages).toEqual([]);
  });

  it('is failed as poison when its last lives end their processes too, and its body is kept', async () => {
    const world = await atSlot(deadly);
    await dieTwiceIn(world);
    world.clock.advance(46);
    expect(await world.deliverPoisoned(poisoned(3))).toEqual({ kind: 'done', reason: 'poisoned' });
    const reason = 'The delivery of this run ended its process every time it was tried.';
    expect(await phaseOf(world)).toMatchObject({ phase: 'failed', error: { type: 'poison', message: reason } });
    expect(world.deps.poisoned.messages).toMatchObject([
      { queue: 'delivery', body, reason, of: { project: demo, routine: daily, runId } },
    ]);
    expect(world.calls).toHaveLength(2);
  });

  it('has no second last life while the lease of its first one stands: the message is left as it is', async () => {
    const world = await atSlot(deadly);
    await dieIn(world);
    world.clock.advance(44);
    for (const dequeueCount of [2, 3, 6, 7]) {
      expect(await world.deliverPoisoned(poisoned(dequeueCount))).toEqual({ kind: 'left_locked' });
    }
    world.clock.advance(1);
    await dieIn(world, poisoned(8));
    expect(world.calls).toHaveLength(2);
  });

  it('is given up when it never gets as far as its claim: a slot of the routine becomes a failed run', async () => {
    const world = await atSlot();
    expect(await world.deliverPoisoned(poisoned(6))).toEqual({ kind: 'done', reason: 'poisoned' });
    expect((await world.runsOf())[0]).toMatchObject({
      attempts: [],
      state: { phase: 'failed', error: { type: 'poison' } },
    });
    expect(world.calls).toEqual([]);
  });

  it('keeps nothing when its run has ended meanwhile, however often it was received', async () => {
    const world = await atSlot();
    await deliver(world.deps, { message, dequeueCount: 1, owner: 'elsewhere' });
    expect(await world.deliverPoisoned(poisoned(7))).toEqual({ kind: 'done', reason: 'run_ended' });
    expect(world.deps.poisoned.messages).toEqual([]);
  });

  it('leaves a run as it is that ends while its message is given up', async () => {
    const world = await atSlot(deadly);
    await dieTwiceIn(world);
    world.clock.advance(46);
    const { keep } = world.deps.poisoned;
    Object.assign(world.deps.poisoned, {
      keep: async (...kept: Parameters<typeof keep>) => {
        await world.cancel(runId);
        return keep(...kept);
      },
    });
    await world.deliverPoisoned(poisoned(3));
    expect(await phaseOf(world)).toMatchObject({ phase: 'killed' });
  });

  it('fails a run that somebody else writes at the same time, at the second try', async () => {
    const world = await atSlot();
    const { create } = world.deps.runs;
    let isFirst = true;
    Object.assign(world.deps.runs, {
      create: (...run: Parameters<typeof create>) => {
        const isRefused = isFirst;
        isFirst = false;
        return isRefused ? Promise.resolve(null) : create(...run);
      },
    });
    await world.deliverPoisoned(poisoned(6));
    expect(await phaseOf(world)).toMatchObject({ phase: 'failed', error: { type: 'poison' } });
  });

  it.each(['skip_if_active', 'coalesce_if_active'] as const)(
    'frees its routine under %s',
    async (concurrencyPolicy) => {
      const world = await atSlot(deadly, { concurrencyPolicy });
      await dieTwiceIn(world);
      expect((await world.deps.runs.readHold(demo, daily)).active?.runId).toBe(runId);
      world.clock.advance(46);
      await world.deliverPoisoned(poisoned(3));
      expect(await world.deps.runs.readHold(demo, daily)).not.toHaveProperty('active');
    },
  );

  it('gives up its place when it was waiting for its turn', async () => {
    const world = await atSlot(deadly, { concurrencyPolicy: 'coalesce_if_active' });
    void deliver(world.deps, { message, dequeueCount: 1, owner: 'holder' });
    await until(() => world.calls.length === 1);
    world.clock.set(at('2026-03-01T12:10:00Z'));
    await world.deps.runs.writeHold(demo, daily, {
      over: await world.deps.runs.readHold(demo, daily),
      to: { active: { runId, until: at('2026-03-01T12:11:00Z') } },
    });
    const waiting = poisoned(1, { ...message, nominal: world.clock.now().getTime() });
    expect(await world.deliverPoisoned(waiting)).toMatchObject({ kind: 'put_back', reason: 'held' });
    expect(await world.deps.runs.readHold(demo, daily)).toHaveProperty('waiting');
    expect(await world.deliverPoisoned({ ...waiting, dequeueCount: 6 })).toMatchObject({ reason: 'poisoned' });
    expect(await world.deps.runs.readHold(demo, daily)).not.toHaveProperty('waiting');
  });
});

describe('neighbours on the poison queue', () => {
  it('do not wait in a process that may end: they leave at once, as new messages', async () => {
    const world = await atSlot(deadly);
    const life = createDeliverPoisoned(world.deps);
    void life(poisoned(1));
    await until(() => world.calls.length === 1);
    expect(await life(poisoned(1))).toEqual({ kind: 'put_back', reason: 'not_alone', delaySeconds: 16 });
    expect(world.calls).toHaveLength(1);
  });

  it('have their life when the one before has ended', async () => {
    const world = await atSlot();
    await world.deliverPoisoned(poisoned(1));
    world.clock.set(at('2026-03-01T12:10:00Z'));
    const next = poisoned(1, { ...message, nominal: world.clock.now().getTime() });
    expect(await world.deliverPoisoned(next)).toEqual({ kind: 'done', reason: 'completed' });
  });

  it('do not lose theirs by receipts that brought none', async () => {
    const world = await atSlot();
    expect(await world.deliverPoisoned(poisoned(5))).toEqual({ kind: 'done', reason: 'completed' });
  });
});

describe('storage that does not answer', () => {
  it('puts the message back, and not a receipt nearer to its end', async () => {
    const world = await atSlot();
    const inOutage = createDeliverPoisoned({ ...world.deps, runs: { ...world.deps.runs, get: noAnswer } });
    expect(await inOutage(poisoned(1))).toEqual({ kind: 'put_back', reason: 'storage_unavailable', delaySeconds: 30 });
  });

  it('takes nobody’s life, also when it alone kept it from its record: it was put back, as a new message', async () => {
    const world = await atSlot();
    const inOutage = createDeliverPoisoned({ ...world.deps, runs: { ...world.deps.runs, replace: noAnswer } });
    expect(await inOutage(poisoned(1))).toMatchObject({ kind: 'put_back', reason: 'storage_unavailable' });
    world.clock.advance(60);
    expect(await world.deliverPoisoned(poisoned(1))).toEqual({ kind: 'done', reason: 'completed' });
    expect((await phaseOf(world))?.phase).toBe('completed');
  });

  it('gives nobody another life: a message that has had its own is left as it is until it can be kept', async () => {
    const world = await atSlot(deadly);
    await dieTwiceIn(world);
    world.clock.advance(46);
    const inOutage = createDeliverPoisoned({ ...world.deps, poisoned: { ...world.deps.poisoned, keep: noAnswer } });
    expect(await inOutage(poisoned(3))).toEqual({ kind: 'left_locked' });
    expect(await world.deliverPoisoned(poisoned(4))).toMatchObject({ reason: 'poisoned' });
    expect(world.calls).toHaveLength(2);
  });
});

describe('a message whose delivery fails every time', () => {
  const broken = () => Promise.reject(new Error('Row "r!x" cannot be read: phase: Invalid input'));
  const reason =
    'The delivery of this run failed every time it was tried: Row "r!x" cannot be read: phase: Invalid input';

  it('since its routine cannot be read is kept with the reason, without a run', async () => {
    const world = await atSlot();
    const life = createDeliverPoisoned({ ...world.deps, routines: { ...world.deps.routines, get: broken } });
    expect(await life(poisoned(1))).toEqual({ kind: 'done', reason: 'poisoned' });
    expect(world.deps.poisoned.messages).toMatchObject([{ body, reason, of: { runId } }]);
    expect(await world.runsOf()).toEqual([]);
  });

  it('since its run cannot be read is kept with the reason', async () => {
    const world = await atSlot();
    const life = createDeliverPoisoned({ ...world.deps, runs: { ...world.deps.runs, get: broken } });
    expect(await life(poisoned(1))).toEqual({ kind: 'done', reason: 'poisoned' });
    expect(world.deps.poisoned.messages).toMatchObject([{ body, reason, of: { runId } }]);
  });

  it('by a fault of ours leaves a failed run that says so, and its routine free', async () => {
    const fault = () => {
      throw new Error('a fault of ours');
    };
    const world = await atSlot(fault, { concurrencyPolicy: 'skip_if_active' });
    expect(await world.deliverPoisoned(poisoned(1))).toEqual({ kind: 'done', reason: 'poisoned' });
    const said = 'The delivery of this run failed every time it was tried: a fault of ours';
    expect(await phaseOf(world)).toMatchObject({ phase: 'failed', error: { type: 'poison', message: said } });
    expect(await world.deps.runs.readHold(demo, daily)).not.toHaveProperty('active');
    expect(world.deps.poisoned.messages).toHaveLength(1);
  });

  it('completes when what was broken is repaired by then', async () => {
    const world = await atSlot(() => answered);
    expect(await world.deliverPoisoned(poisoned(1))).toEqual({ kind: 'done', reason: 'completed' });
  });
});

const until = async (isTrue: () => boolean): Promise<void> => {
  for (let turns = 0; turns < 1000 && !isTrue(); turns += 1) await new Promise((resolve) => setImmediate(resolve));
  if (!isTrue()) throw new Error('It did not come true.');
};
