import type { ScheduleChange, TriggerSchedule } from '../../app/ports/schedule-store.ts';
import type { ProjectName, RoutineName } from '../../domain/names.ts';
import type { ScheduleTable } from './advance-slots.ts';
import { dueKey, fromStateRow, stateRange, toDueRow, toStateRow } from './schedule-row.ts';
import type { RowWrite, Table } from './table.ts';

export interface RoutineSchedule {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly changes: readonly ScheduleChange[];
}

/**
 * Makes the changes in one transaction. What guards it: the version of each state row that is replaced, and the delete
 * of each due row, which fails when the trigger was advanced.
 */
export const writeSchedule = async (schedule: ScheduleTable, change: RoutineSchedule): Promise<boolean> => {
  const { table, randomness } = schedule;
  const writeId = randomness.hex(16);
  const [first, ...more] = change.changes.flatMap((one) => writesOf(change, one, writeId));
  if (first === undefined) return true;
  const { kind } = await table.write([first, ...more]);
  return kind === 'written' || isOwnWrite(table, change, writeId);
};

/** A state row with its write id. */
export const readStates = async (table: Table, project: ProjectName, routine: RoutineName) => {
  const states: (TriggerSchedule & { readonly writeId: string })[] = [];
  for await (const rows of table.batches(stateRange(project, routine))) states.push(...rows.map(fromStateRow));
  return states;
};

const writesOf = (routine: RoutineSchedule, change: ScheduleChange, writeId: string): readonly RowWrite[] => {
  const { triggerName, from, to } = change;
  const trigger = { project: routine.project, routine: routine.routine, triggerName };
  const old = from === null || from.next === null ? null : dueKey({ ...trigger, nominal: from.next, plan: from.plan });
  const due = 'nominal' in to ? toDueRow(to) : null;
  const writes: RowWrite[] = [];
  // A row appears once in a transaction: a due row that stays as it is is written over.
  if (old !== null && old.rowKey !== due?.rowKey) writes.push({ kind: 'delete', row: old });
  if (due !== null) writes.push({ kind: 'upsert', row: due });
  const state = 'nominal' in to ? { plan: to.plan, next: to.nominal } : { plan: to.spentPlan, next: null };
  const row = toStateRow({ ...trigger, ...state }, writeId);
  return [...writes, from === null ? { kind: 'insert', row } : { kind: 'replace', row, version: from.version }];
};

/** A refused write can be one's own success behind a lost answer (promise 7): the rows are then as it left them. */
const isOwnWrite = async (table: Table, { project, routine, changes }: RoutineSchedule, writeId: string) => {
  const states = new Map((await readStates(table, project, routine)).map((state) => [state.triggerName, state]));
  return changes.every(({ triggerName }) => states.get(triggerName)?.writeId === writeId);
};
