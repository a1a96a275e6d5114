import { z } from 'zod';
import type { Log } from '../../app/ports/log.ts';
import type { ReadRow } from './table.ts';

/** A row that is not what its codec writes: damaged, or written by a version that is too new. */
export class BrokenRowError extends Error {
  override readonly name = 'BrokenRowError';
  readonly key: string;
  readonly reason: string;
  constructor(row: ReadRow, reason: string) {
    super(`Row "${row.rowKey}" of partition "${row.partitionKey}" cannot be read: ${reason}`);
    this.key = row.rowKey;
    this.reason = reason;
  }
}

/** What the row holds. Throws BrokenRowError, which names the columns that are wrong. */
export const decodeRow = <Schema extends z.ZodType>(schema: Schema, row: ReadRow): z.output<Schema> => {
  const decoded = z.safeDecode(schema, row.columns as z.input<Schema>);
  if (decoded.success) return decoded.data;
  const reasons = decoded.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new BrokenRowError(row, reasons.join('; '));
};

/** The value of each row that can be read. One broken row harms nobody but itself: it is left out and logged. */
export const readableRows = <Value>(
  rows: readonly ReadRow[],
  read: (row: ReadRow) => Value,
  log: Log,
): readonly Value[] =>
  rows.flatMap((row) => {
    try {
      return [read(row)];
    } catch (error) {
      if (!(error instanceof BrokenRowError)) throw error;
      log.warn('Row left out of a list: it cannot be read', {
        partition: row.partitionKey,
        row: row.rowKey,
        reason: error.reason,
      });
      return [];
    }
  });
