import type { Clock } from '../clock.ts';
import type { ScheduleStore } from './ports/schedule-store.ts';

export type Health = 'ok' | 'degraded';

export interface ReadHealthDeps {
  readonly schedule: Pick<ScheduleStore, 'readHeartbeat'>;
  readonly clock: Clock;
}

/** A tick comes every minute; the platform may pause the timer for two after a crash. */
const maxTickAgeSeconds = 180;
const maxLagSeconds = 180;

/** Degraded when the last tick is too old, or found slots that were long due. A service that never ticked is starting. */
export const readHealth = async ({ schedule, clock }: ReadHealthDeps): Promise<Health> => {
  const heartbeat = await schedule.readHeartbeat();
  if (heartbeat === null) return 'ok';
  const ageSeconds = (clock.now().getTime() - heartbeat.at.getTime()) / 1000;
  return ageSeconds > maxTickAgeSeconds || heartbeat.lagSeconds > maxLagSeconds ? 'degraded' : 'ok';
};
