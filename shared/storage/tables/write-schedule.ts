import type { ScheduleChange, TriggerSchedule } from '../../app/ports/schedule-store.ts';
import type { ProjectName, RoutineName } from '../../domain/names.ts';
import type { ScheduleTable } from './advance-slots.ts';
import { dueKey, fromStateRow, stateRange, toDueRow, toStateRow } from './schedule-row.ts';
import { maxWrites, type RowWrite, type Table, writeIdAt } from './table.ts';

export interface RoutineSchedule {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly changes: readonly ScheduleChange[];
}

/**
 * Makes the changes, as many in a transaction as it takes: a change is up to three writes. What guards them: the version
 * of each state row that is replaced, and the delete of each due row, which fails when the trigger was advanced.
 * A crash between two transactions leaves the later triggers as they were; reconcile finds them.
 */
export const writeSchedule = async (schedule: ScheduleTable, routine: RoutineSchedule): Promise<boolean> => {
  const writeId = schedule.randomness.hex(16);
  for (const part of inTransactions(routine.changes.map((change) => writesOf(routine, change, writeId)))) {
    if (!(await writePart(schedule.table, part, writeId))) return false;
  }
  return true;
};

/** The writes of one change. The last is the state row, which tells whose write stands. */
interface ChangeWrites {
  readonly writes: readonly RowWrite[];
  readonly state: RowWrite;
}

const writePart = async (table: Table, changes: readonly ChangeWrites[], writeId: string): Promise<boolean> => {
  const [first, ...more] = changes.flatMap(({ writes, state }) => [...writes, state]);
  const state = changes[0]?.state;
  if (first === undefined || state === undefined) return true;
  // A transaction is written as a whole: one of its state rows tells of all.
  return (await table.write([first, ...more], () => writeIdAt(state.row, writeId))).kind === 'written';
};

const inTransactions = (changes: readonly ChangeWrites[]): readonly (readonly ChangeWrites[])[] => {
  const parts: ChangeWrites[][] = [];
  let writes = maxWrites;
  for (const change of changes) {
    const added = change.writes.length + 1;
    if (writes + added > maxWrites) {
      parts.push([]);
      writes = 0;
    }
    parts.at(-1)?.push(change);
    writes += added;
  }
  return parts;
};

export const readStates = async (table: Table, project: ProjectName, routine: RoutineName) => {
  const states: TriggerSchedule[] = [];
  for await (const rows of table.batches(stateRange(project, routine))) states.push(...rows.map(fromStateRow));
  return states;
};

const writesOf = (routine: RoutineSchedule, change: ScheduleChange, writeId: string): ChangeWrites => {
  const { triggerName, from, to } = change;
  const trigger = { project: routine.project, routine: routine.routine, triggerName };
  const old = from === null || from.next === null ? null : dueKey({ ...trigger, nominal: from.next, plan: from.plan });
  const due = 'nominal' in to ? toDueRow(to) : null;
  const writes: RowWrite[] = [];
  // A row appears once in a transaction: a due row that stays where it is is written over.
  if (old !== null && old.rowKey !== due?.rowKey) writes.push({ kind: 'delete', row: old });
  if (due !== null) writes.push({ kind: 'upsert', row: due });
  const state = 'nominal' in to ? { plan: to.plan, next: to.nominal } : { plan: to.spentPlan, next: null };
  const row = toStateRow({ ...trigger, ...state }, writeId);
  return {
    writes,
    state: from === null ? { kind: 'insert', row } : { kind: 'replace', row, version: from.version },
  };
};
