import { describe, expect, it } from 'vitest';
import { deliver } from '../../shared/app/delivery/deliver.ts';
import type { FireMessage } from '../../shared/app/ports/messages.ts';
import { tick } from '../../shared/app/schedule/tick.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import type { RoutineName } from '../../shared/domain/names.ts';
import { aRoutine, aSchedule, aTrigger, at, routineName, triggerName } from '../builders.ts';
import { aDraft, createWorld, daily, demo, everyFiveMinutes } from './world.ts';

const gone = aSchedule('*/5 * * * *', 'Mars/Olympus_Mons');
const since = at('2026-03-01T12:00:30Z');
const slot = at('2026-03-01T12:05:00Z');
const main = triggerName('main');
const broken = routineName('broken');

/** A routine whose zone was known when it was written. */
const withLostZone = async (world: ReturnType<typeof createWorld>, name: RoutineName = broken) => {
  await world.deps.routines.put(aRoutine({ name, triggers: [aTrigger({ trigger: gone, since })] }), null);
  const to = { project: demo, routine: name, triggerName: main, trigger: gone, plan: 1, nominal: slot };
  await world.deps.schedule.write(demo, name, [{ triggerName: main, from: null, to }]);
};

const aWorld = async () => {
  const world = createWorld('2026-03-01T12:00:30Z');
  await withLostZone(world);
  await world.put(aDraft(everyFiveMinutes));
  return world;
};

const error = {
  type: 'internal_error',
  message: expect.stringMatching(/^Trigger "main" can be computed no more: Time zone "Mars\/Olympus_Mons" is unknown/),
};

describe('a trigger whose zone is known no more', () => {
  it('leaves a failed run of its due slot that names the zone, once, and not before it is due', async () => {
    const world = await aWorld();
    await world.tick();
    expect(await world.runsOf(broken)).toEqual([]);
    await world.runUntil('2026-03-01T12:20:30Z');
    expect(await world.runsOf(broken)).toMatchObject([
      { triggeredAt: slot, attempts: [], state: { phase: 'failed', error } },
    ]);
  });

  it('holds up nobody, and is no lag: it is counted by itself', async () => {
    const world = await aWorld();
    await world.runUntil('2026-03-01T12:20:30Z');
    expect(await world.firedAt()).toEqual(['12:05:00', '12:10:00', '12:15:00', '12:20:00']);
    expect(await world.deps.schedule.readHeartbeat()).toMatchObject({ lagSeconds: 0, unusable: 1 });
  });

  it('stays due, and goes on when the routine gets a zone that is known', async () => {
    const world = await aWorld();
    await world.runUntil('2026-03-01T12:07:30Z');
    await world.put(aDraft(everyFiveMinutes), broken);
    await world.runUntil('2026-03-01T12:12:30Z');
    const runs = await world.runsOf(broken);
    expect(runs.map(({ state }) => state.phase)).toEqual(['failed', 'completed']);
  });

  it('fails the slots that were sent before, each with the reason', async () => {
    const world = await aWorld();
    world.clock.set(slot);
    const message: FireMessage = {
      kind: 'fire',
      project: demo,
      routine: broken,
      trigger: main,
      nominal: slot.getTime(),
    };
    const first = await deliver(world.deps, { message, dequeueCount: 1, owner: 'a' });
    expect(first).toEqual({ kind: 'done', reason: 'failed' });
    expect(await world.runsOf(broken)).toMatchObject([{ state: { phase: 'failed', error } }]);
    const second = await deliver(world.deps, { message, dequeueCount: 1, owner: 'b' });
    expect(second).toEqual({ kind: 'done', reason: 'run_ended' });
    expect(world.calls).toEqual([]);
  });

  it('leaves no run when the routine is disabled: nobody waits for its slots', async () => {
    const world = await aWorld();
    const stored = await world.deps.routines.get(demo, broken);
    if (stored?.kind !== 'routine') throw new Error('expected the routine');
    await world.deps.routines.put({ ...stored.routine, enabled: false, generation: 2 }, stored);
    await world.runUntil('2026-03-01T12:07:30Z');
    expect(await world.runsOf(broken)).toEqual([]);
  });
});

describe('a tick', () => {
  it('counts as unusable a slot whose routine cannot be read, and as failed one that storage kept it from', async () => {
    const world = await aWorld();
    world.clock.set(at('2026-03-01T12:20:00Z'));
    const failing = (cause: Error) => ({
      ...world.deps,
      routines: { ...world.deps.routines, get: () => Promise.reject(cause) },
    });
    const unreadable = await tick(failing(new Error('Row "r!daily" cannot be read')));
    expect(unreadable).toMatchObject({ fired: 0, failed: 0, unusable: 2, lagSeconds: 0 });
    const outage = await tick(failing(new StorageUnavailableError('no answer')));
    expect(outage).toMatchObject({ fired: 0, failed: 1, unusable: 1, lagSeconds: 600 });
    expect(await world.deps.schedule.readHeartbeat()).toMatchObject({ lagSeconds: 600, unusable: 1 });
    expect((await world.runsOf(daily)).length).toBe(0);
  });

  it('counts a shard that storage does not give as failed, and reads the others', async () => {
    const world = createWorld('2026-03-01T12:00:00Z');
    const { due } = world.deps.schedule;
    const read: number[] = [];
    Object.assign(world.deps.schedule, {
      due: (...of: Parameters<typeof due>) => {
        read.push(of[0]);
        if (of[0] === 0) throw new StorageUnavailableError('no answer');
        return due(...of);
      },
    });
    expect(await world.tick()).toMatchObject({ failed: 1, unusable: 0 });
    expect(read).toHaveLength(world.deps.schedule.shardCount);
  });

  it('counts the rows that cannot be read', async () => {
    const world = await aWorld();
    const { schedule } = world.deps;
    const row = { key: 'd!x', reason: 'plan: expected a number' };
    const due = async function* (shard: number, horizon: Date) {
      if (shard === 0) yield { slots: [], unreadable: [row] };
      yield* schedule.due(shard, horizon);
    };
    expect(await tick({ ...world.deps, schedule: { ...schedule, due } })).toMatchObject({ unusable: 2 });
  });
});
