import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { StoredThread, ThreadHolder } from '../../app/ports/thread-store.ts';
import type { ProjectName } from '../../domain/names.ts';
import { routineName, runId } from '../../domain/schema/name-schemas.ts';
import type { StoredFields } from '../../domain/schema/stored-fields.ts';
import { decodeRow, toRow, versionOf } from './row-codec.ts';
import type { ReadRow, Row, RowKey } from './table.ts';

const threadColumns = z.object({
  ...({ routine: routineName, runId } satisfies StoredFields<ThreadHolder>),
  writeId: z.string(),
});

/** Beside the runs; no project's name begins like this. The agent service names threads: hashed. */
export const threadKey = (project: ProjectName, threadId: string): RowKey => ({
  partitionKey: `!threads!${project}`,
  rowKey: `t!${createHash('sha256').update(threadId).digest('hex')}`,
});

export const toThreadRow = (key: RowKey, holder: ThreadHolder, writeId: string): Row =>
  toRow(key, z.encode(threadColumns, { ...holder, writeId }));

export const fromThreadRow = (row: ReadRow): StoredThread => {
  const { writeId: _, ...holder } = decodeRow(threadColumns, row);
  return { holder, version: versionOf(row, threadColumns) };
};
