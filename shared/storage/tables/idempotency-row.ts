import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { IdempotencyRecord, StoredIdempotencyRecord } from '../../app/ports/run-store.ts';
import type { ProjectName, RoutineName } from '../../domain/names.ts';
import { runId } from '../../domain/schema/name-schemas.ts';
import type { StoredFields } from '../../domain/schema/stored-fields.ts';
import { decodeRow, toRow } from './row-codec.ts';
import { runPartition } from './run-row.ts';
import type { ReadRow, Row, RowKey } from './table.ts';

const idempotencyColumns = z.object({
  runId,
  bodyHash: z.string(),
  expiresAt: z.date(),
} satisfies StoredFields<Omit<IdempotencyRecord, 'key'>>);

/** In the partition of the runs, so that it is written in the run's transaction. Callers choose the key: hashed. */
export const idempotencyKey = (project: ProjectName, routine: RoutineName, key: string): RowKey => ({
  partitionKey: runPartition(project, routine),
  rowKey: `i!${createHash('sha256').update(key).digest('hex')}`,
});

export const toIdempotencyRow = (at: RowKey, { key: _, ...record }: IdempotencyRecord): Row =>
  toRow(at, z.encode(idempotencyColumns, record));

/** The record that replaces this one is of another run: its version keeps no unknown columns. */
export const fromIdempotencyRow = (row: ReadRow, key: string): StoredIdempotencyRecord => ({
  key,
  ...decodeRow(idempotencyColumns, row),
  version: row.etag,
});
