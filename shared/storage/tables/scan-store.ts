import type { ScanStore } from '../../app/ports/scan-store.ts';
import type { StorageClients } from '../storage-clients.ts';
import { fromScanRow, scanKey, toScanRow } from './scan-row.ts';
import { openTable } from './table.ts';

/** One row: what the last scan found. A write is blind and names every column, so a merge leaves none of an earlier scan. */
export const createScanStore = ({ clients }: { readonly clients: StorageClients }): ScanStore => {
  const table = openTable(clients.tables.schedule);
  return {
    write: async (scan) => {
      await table.write([{ kind: 'merge', row: toScanRow(scan) }]);
    },
    read: async () => {
      const row = await table.get(scanKey);
      return row === null ? null : fromScanRow(row);
    },
  };
};
