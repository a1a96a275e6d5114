import { describe, expect, it } from 'vitest';
import { ClockAheadError } from '../../shared/domain/errors.ts';
import { aDraft, createWorld, everyFiveMinutes } from './world.ts';

const start = '2026-03-01T12:00:30Z';
/** The fire at 12:05 is sent. */
const soon = '2026-03-01T12:01:30Z';

/** The service, with a storage that keeps its own time. */
const atStorageTime = async () => {
  const world = createWorld(start);
  await world.put(aDraft(everyFiveMinutes, { catchUp: { policy: 'skip_missed' } }));
  await world.runUntil(soon);
  const storage = { time: new Date(soon) };
  const { due } = world.deps.schedule;
  Object.assign(world.deps.schedule, {
    async *due(...args: Parameters<typeof due>) {
      for await (const batch of due(...args)) yield { ...batch, answeredAt: storage.time };
    },
  });
  const heartbeat = () => world.deps.schedule.readHeartbeat();
  return { world, storage, heartbeat, messages: () => world.deps.deliveries.messages.length };
};

describe('a tick of a host whose clock is ahead of the clock of storage', () => {
  it('fires nothing, takes nothing for missed and gives no sign of life', async () => {
    const { world, heartbeat, messages } = await atStorageTime();
    const [before, sent] = [await heartbeat(), messages()];
    world.clock.set(new Date('2026-03-02T12:01:00Z'));
    await expect(world.tick()).rejects.toThrow(
      new ClockAheadError(
        "The clock of this host is 86370 s ahead of storage's, which says 2026-03-01T12:01:30.000Z; expected at most 60 s. Nothing fires until it is right.",
      ),
    );
    expect(await heartbeat()).toEqual(before);
    expect(messages()).toBe(sent);
    expect(await world.runsOf()).toEqual([]);
  });

  it('loses no slot: all of them fire at their time when the clock is right again', async () => {
    const { world, storage } = await atStorageTime();
    world.clock.set(new Date('2026-03-02T12:01:00Z'));
    await expect(world.tick()).rejects.toThrow(ClockAheadError);
    world.clock.set(new Date(soon));
    storage.time = new Date('2026-03-01T12:11:00Z');
    await world.runUntil('2026-03-01T12:11:00Z');
    expect(world.calls.map(({ at }) => at.toISOString().slice(11, 16))).toEqual(['12:05', '12:10']);
  });

  it('goes on when it is ahead by no more than an answer may be old', async () => {
    const { world, storage } = await atStorageTime();
    world.clock.set(new Date('2026-03-01T12:06:00Z'));
    storage.time = new Date('2026-03-01T12:05:00Z');
    expect(await world.tick()).toMatchObject({ fired: 1, missed: 0 });
  });

  it('goes on when it is behind: its slots fire late', async () => {
    const { world, storage } = await atStorageTime();
    world.clock.set(new Date('2026-03-01T12:06:00Z'));
    storage.time = new Date('2026-03-01T13:00:00Z');
    expect(await world.tick()).toMatchObject({ fired: 1, missed: 0 });
  });
});
