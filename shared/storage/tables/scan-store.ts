import { z } from 'zod';
import type { EndedScan, ScanStore } from '../../app/ports/scan-store.ts';
import type { StorageClients } from '../storage-clients.ts';
import { decodeRow } from './row-codec.ts';
import { openTable, type RowKey } from './table.ts';

/** Beside the tick's heartbeat. */
const scanKey: RowKey = { partitionKey: 'heartbeat', rowKey: 'scan' };

const scanColumns = z.object({
  startedAt: z.date(),
  endedAt: z.date(),
  routines: z.int(),
  lostRuns: z.int(),
  repairedSchedules: z.int(),
  unreadableRoutines: z.int(),
}) satisfies z.ZodType<EndedScan>;

/** One row: what the last scan found. */
export const createScanStore = ({ clients }: { readonly clients: StorageClients }): ScanStore => {
  const table = openTable(clients.tables.schedule);
  return {
    write: async (scan) => {
      await table.write([{ kind: 'upsert', row: { ...z.encode(scanColumns, scan), ...scanKey } }]);
    },
    read: async () => {
      const row = await table.get(scanKey);
      return row === null ? null : decodeRow(scanColumns, row);
    },
  };
};
