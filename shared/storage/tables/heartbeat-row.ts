import * as z from 'zod';
import type { Heartbeat } from '../../app/ports/schedule-store.ts';
import type { StoredFields } from '../../domain/schema/stored-fields.ts';
import { decodeRow, toRow } from './row-codec.ts';
import type { ReadRow, Row, RowKey } from './table.ts';

/** Beside the shards, whose partitions are numbers. */
export const heartbeatKey: RowKey = { partitionKey: 'heartbeat', rowKey: 'tick' };

const fields = {
  at: z.date(),
  durationMs: z.number(),
  lagSeconds: z.number(),
  // Absent in a row of an earlier version.
  unusable: z.number().default(0),
} satisfies StoredFields<Heartbeat>;

const { unusable, ...named } = fields;
/** The column of unusable triggers has an older name. */
const heartbeatColumns = z.codec(z.object({ ...named, broken: unusable }), z.object(fields), {
  decode: ({ broken, ...row }) => ({ ...row, unusable: broken }),
  encode: ({ unusable: broken = 0, ...heartbeat }) => ({ ...heartbeat, broken }),
});

export const toHeartbeatRow = (heartbeat: Heartbeat): Row => toRow(heartbeatKey, z.encode(heartbeatColumns, heartbeat));

export const fromHeartbeatRow = (row: ReadRow): Heartbeat => decodeRow(heartbeatColumns, row);
