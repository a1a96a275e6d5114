import { describe, expect, it } from 'vitest';
import { reconcile } from '../../shared/app/schedule/reconcile.ts';
import { serviceOf } from '../service-of.ts';
import { aDraft, createWorld, daily, demo, everyFiveMinutes } from './world.ts';

const start = async () => {
  const world = createWorld('2026-03-01T12:04:00Z');
  await world.put(aDraft(everyFiveMinutes));
  const message = { kind: 'reconcile', project: demo, routine: daily, generation: 2 } as const;
  return { world, message, sent: world.deps.work.sent };
};

describe('a reconcile', () => {
  it('of a change that is not written yet looks once more, half a minute later, and then ends', async () => {
    const { world, message, sent } = await start();
    await reconcile(world.deps, message);
    expect(sent.slice(1)).toEqual([{ message: { ...message, again: true }, delaySeconds: 30 }]);
    await reconcile(world.deps, { ...message, again: true });
    expect(sent).toHaveLength(2);
  });

  it('that comes when the first slot is missed leaves it to the tick', async () => {
    const world = createWorld('2026-03-01T12:04:00Z');
    const read = () => Promise.reject(new Error('crash'));
    const crashing = serviceOf({ ...world.deps, schedule: { ...world.deps.schedule, read } });
    await expect(crashing.putRoutine(demo, daily, aDraft(everyFiveMinutes))).rejects.toThrow('crash');
    world.clock.advance(3600);
    await reconcile(world.deps, { kind: 'reconcile', project: demo, routine: daily, generation: 1 });
    expect(await world.deps.schedule.read(demo, daily)).toMatchObject([{ next: new Date('2026-03-01T12:05:00Z') }]);
    expect(world.deps.deliveries.sent).toEqual([]);
  });

  it('that meets another writer of the schedule reads again', async () => {
    const { world, message } = await start();
    const stored = await world.deps.routines.get(demo, daily);
    if (stored?.kind !== 'routine') throw new Error('expected the routine');
    const deletedAt = world.clock.now();
    await world.deps.routines.remove({ project: demo, name: daily, deletedAt, generation: 2 }, stored);
    const { write } = world.deps.schedule;
    let isFirst = true;
    const schedule = {
      ...world.deps.schedule,
      write: async (...change: Parameters<typeof write>) => {
        world.clock.advance(600);
        if (isFirst) await world.tick();
        isFirst = false;
        return write(...change);
      },
    };
    await reconcile({ ...world.deps, schedule }, message);
    expect(await world.deps.schedule.read(demo, daily)).toMatchObject([{ plan: 2, next: null }]);
  });
});
