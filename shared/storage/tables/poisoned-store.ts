import type { PoisonedStore } from '../../app/ports/poisoned-store.ts';
import { fromPoisonedRow, poisonedKey, poisonedRange, toPoisonedRow } from './poisoned-row.ts';
import type { StoreDeps } from './routine-store.ts';
import { readableRows } from './row-codec.ts';
import { firstRows, openTable, type RowRange, type Table } from './table.ts';

/**
 * Poisoned messages on Table Storage, in a partition of their own beside the runs: `x!{project}!{run id}!{hash}`, so
 * that those of a project, of a run and of no project are one range each. The key says whose message it is and what it
 * says, so a message that is kept again writes all the columns of the first one.
 */
export const createPoisonedStore = ({ clients, log }: Omit<StoreDeps, 'randomness'>): PoisonedStore => {
  const table = openTable(clients.tables.runs);
  const remove = async (id: string): Promise<void> => {
    await table.write([{ kind: 'delete', row: poisonedKey(id) }]);
  };
  return {
    keep: async (message) => {
      await table.write([{ kind: 'merge', row: toPoisonedRow(message) }]);
    },
    list: async ({ limit, after }) => {
      const range = { ...poisonedRange(), ...(after !== undefined && { after }) };
      return readableRows(await firstRows(table, range, limit), fromPoisonedRow, log);
    },
    count: async (project) => {
      const [ofProject, unattributed] = await Promise.all([
        countRows(table, poisonedRange(project)),
        countRows(table, poisonedRange('')),
      ]);
      return { ofProject, unattributed };
    },
    countAll: () => countRows(table, poisonedRange()),
    remove,
    removeOfRun: async (project, runId) => {
      for await (const rows of table.batches(poisonedRange(project, runId), { keysOnly: true })) {
        for (const { rowKey } of rows) await remove(rowKey);
      }
    },
  };
};

const countRows = async (table: Table, range: RowRange): Promise<number> => {
  let count = 0;
  for await (const rows of table.batches(range, { keysOnly: true })) count += rows.length;
  return count;
};
