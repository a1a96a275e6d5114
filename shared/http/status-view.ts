import type { Status } from '../app/operations/read-status.ts';
import type { QueueDepths } from '../app/ports/messages.ts';
import type { OutcomeCounts } from '../app/ports/outcome-store.ts';
import type { EndedScan } from '../app/ports/scan-store.ts';
import type { Heartbeat } from '../app/ports/schedule-store.ts';
import type { NothingLeft } from '../domain/every-field.ts';
import { type Dialect, instantView } from './dialect.ts';

/** A project's status in the caller's dialect; ages and lags are in seconds, durations in milliseconds. */
export const statusView = (status: Status, dialect: Dialect): object => {
  const { now, lastTick, queues, poisoned, runsLastHour, lastScan, ...rest } = status;
  rest satisfies NothingLeft;
  return {
    ...(lastTick && tickView(lastTick, now, dialect)),
    queues: queuesView(queues),
    ...poisonedCountsView(poisoned),
    runs_last_hour: outcomesView(runsLastHour),
    ...(lastScan && { last_scan: scanView(lastScan, dialect) }),
  };
};

const tickView = (tick: Heartbeat, now: Date, { instants }: Dialect): object => {
  const { at, lagSeconds, durationMs, unusable, ...rest } = tick;
  rest satisfies NothingLeft;
  return {
    last_tick_at: instantView(at, instants),
    last_tick_age_seconds: Math.max(0, Math.floor((now.getTime() - at.getTime()) / 1000)),
    due_lag_seconds: lagSeconds,
    tick_duration_ms: durationMs,
    broken_triggers: unusable,
  };
};

const queuesView = ({ delivery, deliveryPoison, work, workPoison, ...rest }: QueueDepths): object => {
  rest satisfies NothingLeft;
  return { delivery, delivery_poison: deliveryPoison, work, work_poison: workPoison };
};

const poisonedCountsView = ({ ofProject, unattributed, ...rest }: Status['poisoned']): object => {
  rest satisfies NothingLeft;
  return { poisoned_messages: ofProject, unattributed_poisoned_messages: unattributed };
};

const outcomesView = ({ completed, failed, killed, ...rest }: OutcomeCounts): object => {
  rest satisfies NothingLeft;
  return { completed, failed, killed };
};

const scanView = (scan: EndedScan, { instants }: Dialect): object => {
  // An operator asks how fresh the findings are: that is the end of the scan.
  const { endedAt, routines, lostRuns, repairedSchedules, unreadableRoutines, startedAt: _startedAt, ...rest } = scan;
  rest satisfies NothingLeft;
  return {
    at: instantView(endedAt, instants),
    routines,
    lost_runs: lostRuns,
    repaired_schedules: repairedSchedules,
    unreadable_routines: unreadableRoutines,
  };
};
