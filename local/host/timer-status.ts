import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Schedule } from './ncrontab.ts';
import type { HostLog } from './worker-protocol.ts';

/** What the platform remembers of a timer between two starts. */
export interface TimerStatus {
  /** When it ran last; null before the first time. */
  readonly last: Date | null;
  readonly next: Date;
  readonly lastUpdated: Date;
}

/** Null only for a schedule that has run out. */
export const statusAfter = (ranAt: Date, schedule: Schedule): TimerStatus | null => {
  const next = schedule.next(ranAt);
  return next === null ? null : { last: ranAt, next, lastUpdated: ranAt };
};

/** A timer that has never run waits for its first occurrence. */
export const firstStatus = (now: Date, schedule: Schedule): TimerStatus | null => {
  const next = schedule.next(now);
  return next === null ? null : { last: null, next, lastUpdated: now };
};

/**
 * Where a timer goes on after a restart: past due when an occurrence went by meanwhile, however many did.
 * A schedule that was changed meanwhile is not past due: it starts afresh from now (ScheduleMonitor.CheckPastDueAsync).
 */
export const resumeStatus = (
  stored: TimerStatus,
  now: Date,
  schedule: Schedule,
): { status: TimerStatus | null; isPastDue: boolean } => {
  const expected = schedule.next(stored.last ?? stored.lastUpdated);
  if (expected?.getTime() !== stored.next.getTime()) {
    const status =
      expected !== null && expected >= now ? { last: null, next: expected, lastUpdated: stored.lastUpdated } : null;
    return { status: status ?? firstStatus(now, schedule), isPastDue: false };
  }
  return { status: stored, isPastDue: now > stored.next };
};

const statusSchema = z.object({
  last: z.coerce.date().nullable(),
  next: z.coerce.date(),
  lastUpdated: z.coerce.date(),
});

export interface TimerStatusStore {
  read(name: string): TimerStatus | undefined;
  write(name: string, status: TimerStatus): void;
}

/**
 * Keeps the statuses of all timers in one JSON file, or in memory without one. A file that can't be read counts as
 * empty; that and a failed write are logged and stop no timer, which then merely forgets that it is past due.
 */
export const openTimerStatusStore = (file: string | undefined, log: HostLog): TimerStatusStore => {
  const statuses = file === undefined ? new Map<string, TimerStatus>() : readStatusFile(file, log);
  return {
    read: (name) => statuses.get(name),
    write: (name, status) => {
      statuses.set(name, status);
      if (file === undefined) return;
      try {
        // Renamed into place: a host that is killed while it writes leaves the old file, never half of one.
        writeFileSync(`${file}.new`, JSON.stringify(Object.fromEntries(statuses), undefined, 2));
        renameSync(`${file}.new`, file);
      } catch (error) {
        log({ level: 'error', category: 'Host', message: `Timer status ${file} is not written: ${error}` });
      }
    },
  };
};

const readStatusFile = (file: string, log: HostLog): Map<string, TimerStatus> => {
  try {
    const parsed = z.record(z.string(), statusSchema).parse(JSON.parse(readFileSync(file, 'utf8')));
    return new Map(Object.entries(parsed));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing) log({ level: 'warning', category: 'Host', message: `Timer status ${file} is ignored: ${error}` });
    return new Map();
  }
};
