import type { Status } from '../app/operations/read-status.ts';
import { type Dialect, instantView } from './dialect.ts';

/** A project's status in the caller's dialect; ages and lags are in seconds, durations in milliseconds. */
export const statusView = (status: Status, { instants }: Dialect): object => {
  const { now, lastTick, queues, poisoned, runsLastHour, lastScan } = status;
  return {
    ...(lastTick && {
      last_tick_at: instantView(lastTick.at, instants),
      last_tick_age_seconds: Math.max(0, Math.floor((now.getTime() - lastTick.at.getTime()) / 1000)),
      due_lag_seconds: lastTick.lagSeconds,
      tick_duration_ms: lastTick.durationMs,
      broken_triggers: lastTick.broken,
    }),
    queues: {
      delivery: queues.delivery,
      delivery_poison: queues.deliveryPoison,
      work: queues.work,
      work_poison: queues.workPoison,
    },
    poisoned_messages: poisoned.ofProject,
    unattributed_poisoned_messages: poisoned.unattributed,
    runs_last_hour: runsLastHour,
    ...(lastScan && {
      last_scan: {
        at: instantView(lastScan.endedAt, instants),
        routines: lastScan.routines,
        lost_runs: lastScan.lostRuns,
        repaired_schedules: lastScan.repairedSchedules,
        unreadable_routines: lastScan.unreadableRoutines,
      },
    }),
  };
};
