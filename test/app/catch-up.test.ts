import { describe, expect, it } from 'vitest';
import type { CatchUp } from '../../shared/domain/catch-up.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import { aDraft, createWorld, daily, demo, everyFiveMinutes } from './world.ts';

/** Fires at 12:05 and, sent ahead, at 12:10; then the service is away until 13:02. */
const afterOutage = async (catchUp: CatchUp) => {
  const world = createWorld('2026-03-01T12:00:30Z');
  await world.put(aDraft(everyFiveMinutes, { catchUp }));
  await world.runUntil('2026-03-01T12:06:00Z');
  world.clock.set(new Date('2026-03-01T13:02:00Z'));
  return world;
};

type World = Awaited<ReturnType<typeof afterOutage>>;

/** `HH:MM` of every run; of one that stands for missed slots also how many and the last of them. */
const history = async (world: World) =>
  (await world.runsOf()).map(({ triggeredAt, missed, state }) => {
    const time = triggeredAt.toISOString().slice(11, 16);
    return missed
      ? `${time} missed ${missed.count} to ${missed.lastAt.toISOString().slice(11, 16)}`
      : `${time} ${state.phase}`;
  });

describe('after an outage that missed the slots from 12:15 to 12:55', () => {
  it.each([
    [{ policy: 'skip_missed' }, ['12:15 missed 9 to 12:55']],
    [{ policy: 'enqueue_latest' }, ['12:15 missed 8 to 12:50', '12:55 completed']],
    [
      { policy: 'enqueue_missed_with_cap', cap: 3 },
      ['12:15 missed 6 to 12:40', '12:45 completed', '12:50 completed', '12:55 completed'],
    ],
    [
      { policy: 'enqueue_missed_with_cap', cap: 9 },
      ['12:15', '12:20', '12:25', '12:30', '12:35', '12:40', '12:45', '12:50', '12:55'].map(
        (time) => `${time} completed`,
      ),
    ],
  ] satisfies [CatchUp, string[]][])('%j makes of them what it says, once', async (catchUp, expected) => {
    const world = await afterOutage(catchUp);
    await world.runUntil('2026-03-01T13:06:00Z');
    expect(await history(world)).toEqual([
      '12:05 completed',
      '12:10 completed',
      ...expected,
      '13:00 completed',
      '13:05 completed',
    ]);
    expect(world.deps.deliveries.messages.map(({ message }) => message)).toMatchObject([
      { nominal: Date.parse('2026-03-01T13:10:00Z') },
    ]);
  });

  it('fires what it decided to, and no more, when the tick crashes after the decision and the next comes an hour later', async () => {
    const world = await afterOutage({ policy: 'enqueue_missed_with_cap', cap: 2 });
    const { send } = world.deps.deliveries;
    Object.assign(world.deps.deliveries, { send: async () => Promise.reject(new StorageUnavailableError('gone')) });
    await world.tick();
    Object.assign(world.deps.deliveries, { send });
    world.clock.set(new Date('2026-03-01T13:22:00Z'));
    await world.runUntil('2026-03-01T13:24:00Z');
    expect(await history(world)).toEqual([
      '12:05 completed',
      '12:10 completed',
      '12:15 missed 7 to 12:45',
      '12:50 completed',
      '12:55 completed',
      // Missed in the second outage: a judgement of its own.
      '13:00 missed 2 to 13:05',
      '13:10 completed',
      '13:15 completed',
      '13:20 completed',
    ]);
  });

  it('leaves them to another tick that was first, and counts nothing', async () => {
    const world = await afterOutage({ policy: 'enqueue_latest' });
    const sent = world.deps.deliveries.sent.length;
    Object.assign(world.deps.schedule, { advance: async () => ({ advanced: 0, lost: 1 }) });
    expect(await world.tick()).toMatchObject({ fired: 0, missed: 0, failed: 0, unusable: 0 });
    expect(world.deps.deliveries.sent).toHaveLength(sent);
  });

  it('leaves the slots alone that a change has taken away', async () => {
    const world = await afterOutage({ policy: 'enqueue_latest' });
    await world.service.setRoutineEnabled(demo, daily, false);
    await world.runUntil('2026-03-01T13:06:00Z');
    expect(await history(world)).toEqual(['12:05 completed']);
  });

  it('leaves no record of them when the change has not come to the schedule yet', async () => {
    const world = await afterOutage({ policy: 'skip_missed' });
    const stored = await world.deps.routines.get(demo, daily);
    if (stored?.kind !== 'routine') throw new Error('expected the routine');
    await world.deps.routines.put({ ...stored.routine, generation: 2, enabled: false }, stored);
    await world.tick();
    expect(await history(world)).toEqual(['12:05 completed']);
  });

  it('uses the policy as it is when the service comes back', async () => {
    const world = await afterOutage({ policy: 'skip_missed' });
    await world.put(aDraft(everyFiveMinutes, { catchUp: { policy: 'enqueue_latest' } }));
    await world.runUntil('2026-03-01T13:03:00Z');
    expect(await history(world)).toContain('12:55 completed');
  });
});
