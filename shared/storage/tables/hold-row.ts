import { z } from 'zod';
import type { StoredHold } from '../../app/ports/run-store.ts';
import type { Hold } from '../../domain/concurrency.ts';
import type { ProjectName, RoutineName } from '../../domain/names.ts';
import { runId } from '../../domain/schema/name-schemas.ts';
import { decodeRow } from './row-codec.ts';
import { runPartition } from './run-row.ts';
import type { ReadRow, Row, RowKey } from './table.ts';

const holdColumns = z.object({
  activeRun: runId.optional(),
  until: z.date().optional(),
  waitingRun: runId.optional(),
  writeId: z.string(),
});

/** In the partition of the runs, so that it is written in the run's own transaction. It stays when nobody is active. */
export const holdKey = (project: ProjectName, routine: RoutineName): RowKey => ({
  partitionKey: runPartition(project, routine),
  rowKey: 'a!',
});

export const toHoldRow = (key: RowKey, { active, waiting }: Hold, writeId: string): Row => ({
  ...z.encode(holdColumns, { activeRun: active?.runId, until: active?.until, waitingRun: waiting, writeId }),
  ...key,
});

export const fromHoldRow = (row: ReadRow): { readonly hold: StoredHold; readonly writeId: string } => {
  const { activeRun, until, waitingRun, writeId } = decodeRow(holdColumns, row);
  const hold = {
    ...(activeRun !== undefined && until !== undefined && { active: { runId: activeRun, until } }),
    ...(waitingRun !== undefined && { waiting: waitingRun }),
    version: row.version,
  };
  return { hold, writeId };
};
