import { firingTriggers } from '../../domain/planning/schedule-targets.ts';
import type { RoutineKey } from '../ports/routine-store.ts';
import type { ScheduleChange, TriggerSchedule } from '../ports/schedule-store.ts';
import type { Uses } from '../uses.ts';
import { fireWindow } from './fire-window.ts';
import { type SyncUses, syncSchedule } from './sync-schedule.ts';

export type RepairUses = SyncUses & Uses<'routines' | 'window' | 'timings'>;

/**
 * Makes the schedule of a routine what the routine says, as reconcile does, and its due rows what its state rows say.
 * True when that changed anything: something had gone wrong that nothing else mended.
 */
export const repairSchedule = async (deps: RepairUses, { project, name }: RoutineKey): Promise<boolean> => {
  const rows = await deps.schedule.read(project, name);
  const stored = await deps.routines.get(project, name);
  if (stored === null) return false;
  const definition = stored.kind === 'routine' ? stored.routine : stored.tombstone;
  const changedAt = stored.kind === 'routine' ? stored.routine.updatedAt : stored.tombstone.deletedAt;
  const now = deps.clock.now();
  if (now.getTime() - changedAt.getTime() < deps.timings.settledSeconds * 1000) return false;
  const wrong = await withoutDueRow(deps, { project, name }, rows);
  // A due row that is not there cannot be deleted, and would have every change refused.
  const schedule = rows.map((row) => (wrong.get(row) === 'missing' ? { ...row, next: null } : row));
  const result = await syncSchedule(deps, { definition, schedule, window: fireWindow(deps.window, now) });
  if (result !== 'in_step' || stored.kind === 'tombstone') return result === 'synced';
  const changes = firingTriggers(stored.routine).flatMap(({ name: triggerName, trigger, plan }): ScheduleChange[] => {
    const from = [...wrong.keys()].find((row) => row.triggerName === triggerName && row.plan === plan);
    if (from === undefined || from.next === null) return [];
    const to = { project, routine: name, triggerName, trigger, plan, nominal: from.next };
    return [{ triggerName, from, to }];
  });
  return changes.length > 0 && (await deps.schedule.write(project, name, changes));
};

/** State rows whose due row is not as they say, and how it is. */
const withoutDueRow = async (
  { schedule }: Uses<'schedule'>,
  { project, name }: RoutineKey,
  rows: readonly TriggerSchedule[],
): Promise<ReadonlyMap<TriggerSchedule, 'missing' | 'unreadable'>> => {
  const wrong = new Map<TriggerSchedule, 'missing' | 'unreadable'>();
  for (const row of rows) {
    const due = row.next === null ? 'there' : await schedule.checkDue(project, name, row);
    if (due !== 'there') wrong.set(row, due);
  }
  return wrong;
};
