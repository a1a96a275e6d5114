import type { ProjectName } from '../../domain/names.ts';
import type { QueueDepths } from '../ports/messages.ts';
import type { OutcomeCounts } from '../ports/outcome-store.ts';
import type { EndedScan } from '../ports/scan-store.ts';
import type { Heartbeat } from '../ports/schedule-store.ts';
import type { Uses } from '../uses.ts';

/** How the service is doing, as an operator of one project asks. What is not of a project is of the whole service. */
export interface Status {
  readonly now: Date;
  /** Absent before the first tick. */
  readonly lastTick?: Heartbeat;
  readonly queues: QueueDepths;
  readonly poisoned: { readonly ofProject: number; readonly unattributed: number };
  /** Of the project. Approximate: see countOutcomes. */
  readonly runsLastHour: OutcomeCounts;
  /** Absent before the first scan has ended. */
  readonly lastScan?: EndedScan;
}

const hourMs = 3_600_000;

/** Throws StorageUnavailableError. */
export const readStatus = async (
  deps: Uses<'schedule' | 'outcomes' | 'poisoned' | 'scans' | 'queueDepths' | 'clock'>,
  project: ProjectName,
): Promise<Status> => {
  const now = deps.clock.now();
  const [lastTick, queues, poisoned, runsLastHour, lastScan] = await Promise.all([
    deps.schedule.readHeartbeat(),
    deps.queueDepths(),
    deps.poisoned.count(project),
    deps.outcomes.read(project, new Date(now.getTime() - hourMs)),
    deps.scans.read(),
  ]);
  return {
    now,
    ...(lastTick && { lastTick }),
    queues,
    poisoned,
    runsLastHour,
    ...(lastScan && { lastScan }),
  };
};
