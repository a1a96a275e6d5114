import * as z from 'zod';
import type { Log } from '../../app/ports/log.ts';
import { formatVersion, type UnknownColumns, unknownColumns } from './row-version.ts';
import type { ReadRow, Row, RowKey } from './table.ts';

/**
 * The version of what rows hold, in their column `v`: +1 with every change of what any codec writes. It says who wrote
 * the row last. Rows without it are of version 0; a row of a newer version is read as long as what is known here can be.
 */
export const rowVersion = 2;
const versionColumn = 'v';

/** The columns of a row, or of each of its variants. */
type Columns = z.ZodObject | z.ZodDiscriminatedUnion<readonly z.ZodObject[]>;

/** A row that is not what its codec writes: damaged, or written by a version that is too new. */
export class UnreadableRowError extends Error {
  override readonly name = 'UnreadableRowError';
  readonly key: string;
  readonly reason: string;
  constructor(row: ReadRow, reason: string) {
    super(`Row "${row.rowKey}" of partition "${row.partitionKey}" cannot be read: ${reason}`);
    this.key = row.rowKey;
    this.reason = reason;
  }
}

/** The row that holds these columns, with the version of this service. */
export const toRow = (key: RowKey, columns: Omit<Row, keyof RowKey>): Row => ({
  ...columns,
  [versionColumn]: rowVersion,
  ...key,
});

/** What the row holds. Throws UnreadableRowError, which names the columns that are wrong. */
export const decodeRow = <Schema extends z.ZodType>(schema: Schema, row: ReadRow): z.output<Schema> => {
  const decoded = z.safeDecode(schema, row.columns as z.input<Schema>);
  if (decoded.success) return decoded.data;
  const reasons = decoded.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new UnreadableRowError(row, reasons.join('; '));
};

/** Names the row as it was read; a write over it keeps the columns that none of these schemas knows. */
export const versionOf = (row: ReadRow, ...known: readonly Columns[]): string =>
  formatVersion({ etag: row.etag, unknown: unknownColumnsOf(row, ...known) });

export const unknownColumnsOf = (row: ReadRow, ...known: readonly Columns[]): UnknownColumns =>
  unknownColumns(row.columns, new Set([versionColumn, ...known.flatMap(namesOf)]));

/** Of all variants: a column of a former variant is known, and goes. */
const namesOf = (columns: Columns): readonly string[] =>
  columns instanceof z.ZodObject ? Object.keys(columns.shape) : columns.options.flatMap(namesOf);

/** The value of each row that can be read. An unreadable row is left out and logged; the others are read all the same. */
export const readableRows = <Value>(
  rows: readonly ReadRow[],
  read: (row: ReadRow) => Value,
  log: Log,
): readonly Value[] =>
  rows.flatMap((row) => {
    try {
      return [read(row)];
    } catch (error) {
      if (!(error instanceof UnreadableRowError)) throw error;
      log.warn('Row left out of a list: it cannot be read', {
        partition: row.partitionKey,
        row: row.rowKey,
        reason: error.reason,
      });
      return [];
    }
  });
