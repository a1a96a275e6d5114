import type { Uses } from '../uses.ts';

export type Health = 'ok' | 'degraded';

type HealthUses = Uses<'schedule' | 'clock' | 'timings'>;

/**
 * Degraded when the last tick is too old, never came, or found slots that were long due. The answer stands for some
 * seconds in this process, also when it could not be read: callers are not known, and storage is paid by the request.
 * `startedAt`: when this process began. Until a first tick can be expected, its absence means nothing.
 */
export const createReadHealth = (deps: HealthUses, startedAt: Date): (() => Promise<Health>) => {
  let last: { readonly at: number; readonly health: Promise<Health> } | undefined;
  return () => {
    const now = deps.clock.now().getTime();
    // A clock that was set back must not keep an answer alive.
    if (last === undefined || Math.abs(now - last.at) >= deps.timings.healthCachedSeconds * 1000)
      last = { at: now, health: readHealth(deps, startedAt) };
    return last.health;
  };
};

const readHealth = async ({ schedule, clock, timings }: HealthUses, startedAt: Date): Promise<Health> => {
  const heartbeat = await schedule.readHeartbeat();
  const lastTickAt = heartbeat?.at ?? startedAt;
  // A tick that is still to come was made by a clock that is wrong: it must not stand for those that do not come.
  const ageSeconds = Math.abs(clock.now().getTime() - lastTickAt.getTime()) / 1000;
  return ageSeconds > timings.maxTickAgeSeconds || (heartbeat?.lagSeconds ?? 0) > timings.maxLagSeconds
    ? 'degraded'
    : 'ok';
};
