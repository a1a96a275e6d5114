import { describe, expect, it } from 'vitest';
import { createReadHealth } from '../../shared/app/operations/read-health.ts';
import type { Heartbeat } from '../../shared/app/ports/schedule-store.ts';
import { unscaledTimings } from '../../shared/app/timings.ts';
import { at } from '../builders.ts';
import { createMemoryScheduleStore } from '../memory/schedule-store.ts';
import { createFakeClock } from './fake-clock.ts';

const startedAt = at('2026-03-01T12:00:00Z');
const beat = (time: string, lagSeconds = 0, unusable = 0): Heartbeat => ({
  at: at(`2026-03-01T${time}Z`),
  durationMs: 5,
  lagSeconds,
  unusable,
});

/** Reads what the heartbeat says whenever it is asked, and counts how often. */
const aHealth = (now: string, readHeartbeat: () => Heartbeat | null) => {
  const clock = createFakeClock(now);
  let reads = 0;
  const schedule = {
    ...createMemoryScheduleStore(),
    readHeartbeat: async () => {
      reads += 1;
      return readHeartbeat();
    },
  };
  return {
    clock,
    read: createReadHealth({ schedule, clock, timings: unscaledTimings }, startedAt),
    reads: () => reads,
  };
};

describe('health at 12:10, of a process that began at 12:00', () => {
  it.each<[string, Heartbeat | null, string]>([
    ['is ok when the last tick was three minutes ago', beat('12:07:00'), 'ok'],
    ['is degraded when it was longer ago', beat('12:06:59'), 'degraded'],
    ['is degraded when the last tick says that it was hours later', beat('23:59:59'), 'degraded'],
    ['is degraded when the last tick found slots that were long due', beat('12:09:00', 181), 'degraded'],
    ['is ok however many triggers are unusable', beat('12:09:00', 0, 100), 'ok'],
    ['is degraded when there never was a tick', null, 'degraded'],
  ])('%s', async (_what, heartbeat, health) => {
    expect(await aHealth('2026-03-01T12:10:00Z', () => heartbeat).read()).toBe(health);
  });

  it('was ok while no tick could have come yet', async () => {
    expect(await aHealth('2026-03-01T12:03:00Z', () => null).read()).toBe('ok');
  });
});

describe('a timer that died at 12:10', () => {
  it('is noticed three minutes later, and forgotten ten seconds after a tick by hand', async () => {
    let last = beat('12:10:00');
    const { clock, read } = aHealth('2026-03-01T12:10:00Z', () => last);
    expect(await read()).toBe('ok');
    clock.advance(180);
    expect(await read()).toBe('ok');
    clock.advance(10);
    expect(await read()).toBe('degraded');
    last = beat('12:13:11');
    clock.advance(10);
    expect(await read()).toBe('ok');
  });
});

describe('an answer', () => {
  it('stands for ten seconds, for all who ask', async () => {
    const { clock, read, reads } = aHealth('2026-03-01T12:10:00Z', () => beat('12:09:00'));
    await Promise.all([read(), read(), read()]);
    clock.advance(9.999);
    await read();
    expect(reads()).toBe(1);
    clock.advance(0.001);
    await read();
    expect(reads()).toBe(2);
  });

  it('does not outlive a clock that was set back', async () => {
    const { clock, read, reads } = aHealth('2026-03-01T12:10:00Z', () => beat('12:09:00'));
    await read();
    clock.advance(-3600);
    await read();
    expect(reads()).toBe(2);
  });

  it('that storage did not give stands too, so that an outage is not asked for with every request', async () => {
    const { clock, read, reads } = aHealth('2026-03-01T12:10:00Z', () => {
      throw new Error('no answer');
    });
    await expect(read()).rejects.toThrow('no answer');
    await expect(read()).rejects.toThrow('no answer');
    expect(reads()).toBe(1);
    clock.advance(10);
    await expect(read()).rejects.toThrow('no answer');
    expect(reads()).toBe(2);
  });
});
