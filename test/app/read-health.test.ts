import { describe, expect, it } from 'vitest';
import type { Heartbeat } from '../../shared/app/ports/schedule-store.ts';
import { readHealth } from '../../shared/app/read-health.ts';
import { at } from '../builders.ts';
import { createFakeClock } from './fake-clock.ts';

const startedAt = at('2026-03-01T12:00:00Z');
const beat = (time: string, lagSeconds = 0): Heartbeat => ({
  at: at(`2026-03-01T${time}Z`),
  durationMs: 5,
  lagSeconds,
});

describe('health at 12:10, of a process that began at 12:00', () => {
  it.each<[string, Heartbeat | null, string]>([
    ['is ok when the last tick was three minutes ago', beat('12:07:00'), 'ok'],
    ['is degraded when it was longer ago', beat('12:06:59'), 'degraded'],
    ['is degraded when the last tick found slots that were long due', beat('12:09:00', 181), 'degraded'],
    ['is degraded when there never was a tick', null, 'degraded'],
  ])('%s', async (_what, heartbeat, health) => {
    const schedule = { readHeartbeat: async () => heartbeat };
    expect(await readHealth({ schedule, clock: createFakeClock('2026-03-01T12:10:00Z'), startedAt })).toBe(health);
  });

  it('was ok while no tick could have come yet', async () => {
    const schedule = { readHeartbeat: async () => null };
    expect(await readHealth({ schedule, clock: createFakeClock('2026-03-01T12:03:00Z'), startedAt })).toBe('ok');
  });
});
