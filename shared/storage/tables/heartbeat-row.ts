import { z } from 'zod';
import type { Heartbeat } from '../../app/ports/schedule-store.ts';
import { decodeRow } from './row-codec.ts';
import type { ReadRow, Row, RowKey } from './table.ts';

/** Beside the shards, whose partitions are numbers. */
export const heartbeatKey: RowKey = { partitionKey: 'heartbeat', rowKey: 'tick' };

const heartbeatColumns = z.object({
  at: z.date(),
  durationMs: z.number(),
  lagSeconds: z.number(),
  // Absent in a row of an earlier version.
  broken: z.number().default(0),
});

export const toHeartbeatRow = (heartbeat: Heartbeat): Row => ({
  ...z.encode(heartbeatColumns, heartbeat),
  ...heartbeatKey,
});

export const fromHeartbeatRow = (row: ReadRow): Heartbeat => decodeRow(heartbeatColumns, row);
