import type { Clock } from '../../clock.ts';
import type { ScheduleStore } from '../ports/schedule-store.ts';

export type Health = 'ok' | 'degraded';

export interface ReadHealthDeps {
  readonly schedule: Pick<ScheduleStore, 'readHeartbeat'>;
  readonly clock: Clock;
  /** When this process began: until a first tick can be expected, its absence means nothing. */
  readonly startedAt: Date;
}

/** A tick comes every minute; the platform may pause the timer for two after a crash. */
const maxTickAgeSeconds = 180;
const maxLagSeconds = 180;

const cachedMs = 10_000;

/**
 * Degraded when the last tick is too old, never came, or found slots that were long due. The answer stands for ten
 * seconds in this process, also when it could not be read: whoever asks is not known, and storage is paid by the request.
 */
export const createReadHealth = (deps: ReadHealthDeps): (() => Promise<Health>) => {
  let last: { readonly at: number; readonly health: Promise<Health> } | undefined;
  return () => {
    const now = deps.clock.now().getTime();
    // A clock that was set back must not keep an answer alive.
    if (last === undefined || Math.abs(now - last.at) >= cachedMs) last = { at: now, health: readHealth(deps) };
    return last.health;
  };
};

const readHealth = async ({ schedule, clock, startedAt }: ReadHealthDeps): Promise<Health> => {
  const heartbeat = await schedule.readHeartbeat();
  const lastTickAt = heartbeat?.at ?? startedAt;
  // A tick that is still to come was made by a clock that is wrong: it must not stand for those that do not come.
  const ageSeconds = Math.abs(clock.now().getTime() - lastTickAt.getTime()) / 1000;
  return ageSeconds > maxTickAgeSeconds || (heartbeat?.lagSeconds ?? 0) > maxLagSeconds ? 'degraded' : 'ok';
};
