import * as z from 'zod';
import type { StoredHold } from '../../app/ports/run-store.ts';
import type { Hold } from '../../domain/concurrency.ts';
import { type NothingLeft, withFields } from '../../domain/every-field.ts';
import type { ProjectName, RoutineName } from '../../domain/names.ts';
import { runId } from '../../domain/schema/name-schemas.ts';
import type { StoredFields } from '../../domain/schema/stored-fields.ts';
import { decodeRow, toRow, versionOf } from './row-codec.ts';
import { runPartition } from './run-row.ts';
import type { ReadRow, Row, RowKey } from './table.ts';

type Active = NonNullable<Hold['active']>;

const holdColumns = z.object({
  activeRun: runId.optional(),
  ...({ until: z.date().optional() } satisfies StoredFields<Partial<Omit<Active, 'runId'>>>),
  waitingRun: runId.optional(),
  writeId: z.string(),
});

/** In the partition of the runs, so that it is written in the run's transaction. It stays when no run is active. */
export const holdKey = (project: ProjectName, routine: RoutineName): RowKey => ({
  partitionKey: runPartition(project, routine),
  rowKey: 'a!',
});

export const toHoldRow = (key: RowKey, { active, waiting, ...rest }: Hold, writeId: string): Row => {
  rest satisfies NothingLeft;
  const { runId: activeRun, ...ofActive } = active ?? {};
  return toRow(key, z.encode(holdColumns, { activeRun, ...ofActive, waitingRun: waiting, writeId }));
};

export const fromHoldRow = (row: ReadRow): StoredHold => {
  const { activeRun, until, waitingRun, writeId: _ } = decodeRow(holdColumns, row);
  return withFields<StoredHold>({
    active:
      activeRun === undefined || until === undefined ? undefined : withFields<Active>({ runId: activeRun, until }),
    waiting: waitingRun,
    version: versionOf(row, holdColumns),
  });
};
