import type { TableClient } from '@azure/data-tables';
import type { DueSlot } from '../../shared/app/ports/schedule-store.ts';
import type { Hold } from '../../shared/domain/concurrency.ts';
import type { RunId } from '../../shared/domain/names.ts';
import type { Routine, Tombstone } from '../../shared/domain/routine.ts';
import type { Run } from '../../shared/domain/run.ts';
import type { StorageClients } from '../../shared/storage/storage-clients.ts';
import { fromHoldRow } from '../../shared/storage/tables/hold-row.ts';
import { fromIdempotencyRow } from '../../shared/storage/tables/idempotency-row.ts';
import { fromDefinitionRow, fromListRow } from '../../shared/storage/tables/routine-row.ts';
import { fromRunRow } from '../../shared/storage/tables/run-row.ts';
import { fromDueRow, fromStateRow } from '../../shared/storage/tables/schedule-row.ts';
import type { ReadRow } from '../../shared/storage/tables/table.ts';

/** What the schedule says of one trigger. The row names its routine in its columns. */
export interface ScheduleState {
  readonly project: string;
  readonly routine: string;
  readonly triggerName: string;
  readonly plan: number;
  readonly next: Date | null;
}

/** Everything that a prefix holds, as it was read at one moment. */
export interface StorageView {
  readonly definitions: readonly (Routine | Tombstone)[];
  readonly newestFirst: readonly Routine[];
  readonly oldestFirst: readonly Routine[];
  readonly due: readonly DueSlot[];
  readonly states: readonly ScheduleState[];
  readonly runs: readonly Run[];
  /** Of the ascending list: `{project}!{routine} {run id}`. */
  readonly pointers: readonly string[];
  readonly holds: readonly { readonly partition: string; readonly hold: Hold }[];
  /** Runs that an idempotency key stands for. */
  readonly keyedRuns: readonly RunId[];
  readonly poisonedMessages: number;
}

/** Reads three tables, past the stores: a row that no store would ever ask for is seen too. */
export const viewStorage = async ({ tables }: StorageClients): Promise<StorageView> => {
  const [routines, schedule, runs] = await Promise.all([
    readAll(tables.routines),
    readAll(tables.schedule),
    readAll(tables.runs),
  ]);
  return {
    definitions: rowsOf(routines, 'r!').map((row) => {
      const stored = fromDefinitionRow(row);
      return stored.kind === 'routine' ? stored.routine : stored.tombstone;
    }),
    newestFirst: rowsOf(routines, 'n!').map(fromListRow),
    oldestFirst: rowsOf(routines, 'o!').map(fromListRow),
    due: rowsOf(schedule, 'd!').map(fromDueRow),
    states: rowsOf(schedule, 's!').map(toState),
    runs: rowsOf(runs, 'r!').map((row) => fromRunRow(row).run),
    pointers: rowsOf(runs, 'f!').map(({ partitionKey, rowKey }) => `${partitionKey} ${rowKey.slice(2)}`),
    holds: rowsOf(runs, 'a!').map((row) => ({ partition: row.partitionKey, hold: fromHoldRow(row) })),
    keyedRuns: rowsOf(runs, 'i!').map((row) => fromIdempotencyRow(row, '').runId),
    poisonedMessages: rowsOf(runs, 'x!').length,
  };
};

/** The whole due index. */
export const readDue = async ({ tables }: StorageClients): Promise<readonly DueSlot[]> =>
  rowsOf(await readAll(tables.schedule), 'd!').map(fromDueRow);

const readAll = async (table: TableClient): Promise<readonly ReadRow[]> => {
  const rows: ReadRow[] = [];
  for await (const entity of table.listEntities()) {
    const { partitionKey = '', rowKey = '', etag } = entity;
    rows.push({ partitionKey, rowKey, etag, columns: entity });
  }
  return rows;
};

const rowsOf = (rows: readonly ReadRow[], prefix: string): readonly ReadRow[] =>
  rows.filter(({ rowKey }) => rowKey.startsWith(prefix));

const toState = (row: ReadRow): ScheduleState => {
  const { triggerName, plan, next } = fromStateRow(row);
  const { project, routine } = row.columns as Pick<ScheduleState, 'project' | 'routine'>;
  return { project, routine, triggerName, plan, next };
};
