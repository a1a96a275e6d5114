import * as z from 'zod';
import type { EndedScan } from '../../app/ports/scan-store.ts';
import type { StoredFields } from '../../domain/schema/stored-fields.ts';
import { decodeRow, toRow } from './row-codec.ts';
import type { ReadRow, Row, RowKey } from './table.ts';

/** Beside the tick's heartbeat. */
export const scanKey: RowKey = { partitionKey: 'heartbeat', rowKey: 'scan' };

const scanColumns = z.object({
  startedAt: z.date(),
  endedAt: z.date(),
  routines: z.int(),
  lostRuns: z.int(),
  repairedSchedules: z.int(),
  unreadableRoutines: z.int(),
} satisfies StoredFields<EndedScan>);

export const toScanRow = (scan: EndedScan): Row => toRow(scanKey, z.encode(scanColumns, scan));

export const fromScanRow = (row: ReadRow): EndedScan => decodeRow(scanColumns, row);
