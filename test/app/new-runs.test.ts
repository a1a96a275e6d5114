import { describe, expect, it } from 'vitest';
import { aRoutine, aSchedule, aTrigger, at, triggerName } from '../builders.ts';
import { aDraft, createWorld, daily, demo, everyFiveMinutes } from './world.ts';

const metadata = { team: 'operations' };
const concurrencyPolicy = 'coalesce_if_active';
const start = '2026-03-01T12:00:30Z';
const slot = at('2026-03-01T12:05:00Z');

type World = ReturnType<typeof createWorld>;

const aRoutineOf = (world: World) => world.put(aDraft(everyFiveMinutes, { metadata, concurrencyPolicy }));

/** Seeded, as it stands when its zone was known once and is not any more. */
const aLostZone = async ({ deps }: World) => {
  const main = triggerName('main');
  const trigger = aSchedule('*/5 * * * *', 'Mars/Olympus_Mons');
  const triggers = [aTrigger({ trigger, since: at(start) })];
  await deps.routines.put(aRoutine({ triggers, metadata, concurrencyPolicy }), null);
  const to = { project: demo, routine: daily, triggerName: main, trigger, plan: 1, nominal: slot };
  await deps.schedule.write(demo, daily, [{ triggerName: main, from: null, to }]);
};

const slotIsMissed = async (world: World) => {
  await aRoutineOf(world);
  world.clock.advance(3600);
  await world.tick();
};

describe('a run takes over metadata and concurrency policy of its routine', () => {
  it.each<[string, (world: World) => Promise<unknown>]>([
    [
      'of a slot',
      async (world) => {
        await aRoutineOf(world);
        await world.runUntil('2026-03-01T12:05:01Z');
      },
    ],
    [
      'that was dispatched',
      async (world) => {
        await aRoutineOf(world);
        await world.dispatch();
      },
    ],
    [
      'that repeats another',
      async (world) => {
        await slotIsMissed(world);
        const [missed] = await world.runsOf();
        if (missed !== undefined) await world.retry(missed.id);
      },
    ],
    ['that stands for missed slots', slotIsMissed],
    [
      'of a slot whose trigger cannot be computed, found by the tick',
      async (world) => {
        await aLostZone(world);
        world.clock.set(slot);
        await world.tick();
      },
    ],
    [
      'of a slot whose trigger cannot be computed, found by its delivery',
      async (world) => {
        await aLostZone(world);
        world.clock.set(slot);
        const fire = { kind: 'fire', project: demo, routine: daily, trigger: triggerName('main') } as const;
        const message = { ...fire, nominal: slot.getTime() };
        await world.service.deliver({ message, dequeueCount: 1, owner: 'o' });
      },
    ],
  ])('%s', async (_what, make) => {
    const world = createWorld(start);
    await make(world);
    expect((await world.runsOf()).at(-1)).toMatchObject({ metadata, exclusive: concurrencyPolicy });
  });
});
