import { describe, expect, it } from 'vitest';
import { createDeliverPoisoned } from '../../shared/app/delivery/deliver-poisoned.ts';
import { discardPoisoned, replayPoisoned } from '../../shared/app/operations/replay-poisoned.ts';
import type { FireMessage, QueueName } from '../../shared/app/ports/messages.ts';
import { retryRun } from '../../shared/app/runs/retry-run.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import type { RoutineName } from '../../shared/domain/names.ts';
import type { Run } from '../../shared/domain/run.ts';
import { slotRunId } from '../../shared/domain/run-id.ts';
import { aRun, at, routineName, triggerName } from '../builders.ts';
import { aDraft, createWorld, daily, demo, everyFiveMinutes } from './world.ts';

const slot = at('2026-03-01T12:05:00Z');
const main = triggerName('main');
const messageOf = (routine: RoutineName): FireMessage => ({
  kind: 'fire',
  project: demo,
  routine,
  trigger: main,
  nominal: slot.getTime(),
});
const runIdOf = (routine: RoutineName) => slotRunId({ project: demo, routine, trigger: main, nominal: slot });
const poisonedAt = at('2026-03-01T12:00:00Z');

const start = async () => {
  const world = createWorld('2026-03-01T12:00:30Z');
  const returned: [QueueName, string][] = [];
  const deps = {
    ...world.deps,
    returnToQueue: async (queue: QueueName, body: string) => {
      returned.push([queue, body]);
    },
  };
  /** A slot of the routine that was given up for ending its process. */
  const poison = async (routine = daily) => {
    world.clock.set(at('2026-03-01T12:00:30Z'));
    await world.put(aDraft(everyFiveMinutes), routine);
    world.clock.set(slot);
    const message = messageOf(routine);
    const delivery = { message, dequeueCount: 6, owner: 'o', body: JSON.stringify(message) };
    await createDeliverPoisoned(world.deps)(delivery);
  };
  return { world, deps, returned, poison, replay: () => replayPoisoned(deps) };
};

describe('a replay', () => {
  it('of nothing does nothing', async () => {
    const { replay } = await start();
    expect(await replay()).toEqual({ replayed: 0, discarded: [], failed: [], remaining: 0 });
  });

  it('repeats a run that was failed as poison by a new run, and keeps its message no longer', async () => {
    const { world, returned, poison, replay } = await start();
    await poison();
    expect(await replay()).toEqual({ replayed: 1, discarded: [], failed: [], remaining: 0 });
    world.clock.advance(2);
    await world.deliverVisible();
    const runs = await world.runsOf();
    expect(runs.map(({ state }) => state.phase)).toEqual(['failed', 'completed']);
    expect(runs[1]).toMatchObject({ retryOf: runs[0]?.id, attemptSource: 'manual_dispatch' });
    expect(returned).toEqual([]);
  });

  it('that a crash cut off before the message was removed starts nothing twice', async () => {
    const { world, deps, poison, replay } = await start();
    await poison();
    const removeOfRun = () => Promise.reject(new StorageUnavailableError('no answer'));
    const crashed = replayPoisoned({ ...deps, poisoned: { ...deps.poisoned, removeOfRun } });
    await expect(crashed).rejects.toThrow('no answer');
    expect(await world.runsOf()).toHaveLength(2);
    expect(await replay()).toMatchObject({ replayed: 1, remaining: 0 });
    expect(await world.runsOf()).toHaveLength(2);
  });

  it('puts a message without a failed run back on its queue as it stood, once', async () => {
    const { deps, returned, replay } = await start();
    const of = { project: demo, routine: daily };
    await deps.poisoned.keep({ queue: 'delivery', body: 'hello', reason: 'no JSON', poisonedAt });
    await deps.poisoned.keep({ queue: 'work', body: '{"kind":"reconcile"}', reason: 'r', poisonedAt, of });
    const unread = { ...of, runId: runIdOf(daily) };
    await deps.poisoned.keep({ queue: 'delivery', body: '{"kind":"fire"}', reason: 'r', poisonedAt, of: unread });
    expect(await replay()).toEqual({ replayed: 3, discarded: [], failed: [], remaining: 0 });
    expect(returned).toEqual([
      ['delivery', 'hello'],
      ['work', '{"kind":"reconcile"}'],
      ['delivery', '{"kind":"fire"}'],
    ]);
    expect(await replay()).toMatchObject({ replayed: 0 });
  });

  it.each<Run['state']>([
    { phase: 'completed', endedAt: slot, answer: {} },
    { phase: 'failed', endedAt: slot, error: { type: 'agent_error', message: 'no' } },
  ])('leaves a run that has ended otherwise to the delivery, which finds it $phase', async (state) => {
    const { world, deps, returned, replay } = await start();
    await world.put(aDraft(everyFiveMinutes));
    const runId = runIdOf(daily);
    await deps.runs.create(aRun({ project: demo, routine: daily, id: runId, state }));
    const body = JSON.stringify(messageOf(daily));
    await deps.poisoned.keep({
      queue: 'delivery',
      body,
      reason: 'r',
      poisonedAt,
      of: { project: demo, routine: daily, runId },
    });
    expect(await replay()).toMatchObject({ replayed: 1, remaining: 0 });
    expect(returned).toEqual([['delivery', body]]);
    expect(await world.runsOf()).toHaveLength(1);
  });

  it('keeps a message that its queue does not take', async () => {
    const { deps } = await start();
    await deps.poisoned.keep({ queue: 'delivery', body: 'hello', reason: 'no JSON', poisonedAt });
    const returnToQueue = () => Promise.reject(new StorageUnavailableError('no answer'));
    await expect(replayPoisoned({ ...deps, returnToQueue })).rejects.toThrow('no answer');
    expect(deps.poisoned.messages).toHaveLength(1);
  });

  it('begins no message after a minute', async () => {
    const { world, deps } = await start();
    for (const body of ['one', 'two', 'three'])
      await deps.poisoned.keep({ queue: 'delivery', body, reason: 'no JSON', poisonedAt });
    const returnToQueue = async () => world.clock.advance(60);
    expect(await replayPoisoned({ ...deps, returnToQueue })).toMatchObject({ replayed: 2, remaining: 1 });
  });

  it('drops what has no routine any more to run for, and says so', async () => {
    const { world, poison, replay } = await start();
    const [deleted, archived] = [routineName('a-deleted'), routineName('b-archived')];
    await poison(deleted);
    await world.service.deleteRoutine(demo, deleted);
    await poison(archived);
    await world.service.archiveRoutine(demo, archived);
    const { discarded, ...rest } = await replay();
    expect(rest).toEqual({ replayed: 0, failed: [], remaining: 0 });
    expect(discarded.map(({ reason }) => reason).toSorted()).toEqual([
      'Routine "a-deleted" is deleted.',
      'Routine "b-archived" is archived.',
    ]);
    expect(await world.runsOf(deleted)).toMatchObject([{ state: { error: { type: 'poison' } } }]);
  });

  it('keeps what still cannot be read, says why, and goes on with the others', async () => {
    const { world, deps, poison } = await start();
    const bad = routineName('bad');
    await poison(bad);
    await poison();
    const get: typeof deps.routines.get = (project, name) =>
      name === bad ? Promise.reject(new Error('Row "r!bad" cannot be read')) : deps.routines.get(project, name);
    const { failed, ...rest } = await replayPoisoned({ ...deps, routines: { ...deps.routines, get } });
    expect(rest).toEqual({ replayed: 1, discarded: [], remaining: 1 });
    expect(failed).toMatchObject([{ reason: 'Row "r!bad" cannot be read', message: { of: { routine: bad } } }]);
    expect(await world.runsOf()).toHaveLength(2);
  });

  it('takes a hundred at a time', async () => {
    const { deps, returned, replay } = await start();
    for (let index = 0; index < 230; index += 1) {
      await deps.poisoned.keep({ queue: 'work', body: `garbage ${index}`, reason: 'r', poisonedAt });
    }
    expect(await replay()).toMatchObject({ replayed: 100, remaining: 130 });
    expect(await replay()).toMatchObject({ replayed: 100, remaining: 30 });
    expect(await replay()).toMatchObject({ replayed: 30, remaining: 0 });
    expect(new Set(returned.map(([, body]) => body)).size).toBe(230);
  });
});

it('a replay looks at a thousand messages that cannot be replayed, and no further', async () => {
  const { deps, replay } = await start();
  const of = { project: demo, routine: daily, runId: runIdOf(daily) };
  for (let index = 0; index < 1_005; index += 1) {
    await deps.poisoned.keep({ queue: 'delivery', body: `${index}`, reason: 'r', poisonedAt, of });
  }
  const get = () => Promise.reject(new Error('Row "x" cannot be read'));
  const { failed, remaining } = await replayPoisoned({ ...deps, runs: { ...deps.runs, get } });
  expect([failed.length, remaining]).toEqual([1_000, 1_005]);
  expect(await replay()).toMatchObject({ replayed: 100 });
});

it('a run that poisons again after its replay is kept again', async () => {
  const { world, poison, replay } = await start();
  await poison();
  await replay();
  const replayed = (await world.runsOf())[1];
  if (replayed === undefined) throw new Error('expected a second run');
  const message = { kind: 'dispatch', project: demo, routine: daily, runId: replayed.id, sentAt: 0 } as const;
  const delivery = { message, dequeueCount: 6, owner: 'o', body: JSON.stringify(message) };
  await createDeliverPoisoned(world.deps)(delivery);
  expect(world.deps.poisoned.messages).toMatchObject([{ of: { runId: replayed.id } }]);
  expect(await replay()).toMatchObject({ replayed: 1, remaining: 0 });
  expect(await world.runsOf()).toHaveLength(3);
});

it('whoever retries a poisoned run has replayed its messages', async () => {
  const { world, deps, poison } = await start();
  await poison();
  await poison(routineName('other'));
  await retryRun(world.deps, { project: demo, routine: daily, id: runIdOf(daily) });
  expect(deps.poisoned.messages).toMatchObject([{ of: { routine: 'other' } }]);
});

it('a discard drops what is nobody’s, and nothing else', async () => {
  const { deps, poison } = await start();
  await poison();
  await deps.poisoned.keep({ queue: 'delivery', body: 'hello', reason: 'no JSON', poisonedAt });
  expect(await discardPoisoned(deps)).toMatchObject([{ body: 'hello', reason: 'no JSON' }]);
  expect(deps.poisoned.messages).toMatchObject([{ of: { routine: daily } }]);
  expect(await discardPoisoned(deps)).toEqual([]);
});
