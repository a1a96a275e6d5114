import type { OutcomeCounts, OutcomeStore } from '../../app/ports/outcome-store.ts';
import type { EveryField } from '../../domain/every-field.ts';
import { fromOutcomeRow, outcomeRange, toOutcomeRow } from './outcome-row.ts';
import type { StoreDeps } from './routine-store.ts';
import { readableRows } from './row-codec.ts';
import { openTable } from './table.ts';

/**
 * Counts of ended runs on Table Storage: `!outcomes!{project}`, `{minute of the hour}!{instance}`. A write is blind, and
 * leaves nothing of the record that stood there, which is of another hour.
 */
export const createOutcomeStore = ({ clients, log }: Omit<StoreDeps, 'randomness'>): OutcomeStore => {
  const table = openTable(clients.tables.runs);
  return {
    write: async (record) => {
      await table.write([{ kind: 'upsert', row: toOutcomeRow(record) }]);
    },
    read: async (project, since) => {
      let sum: OutcomeCounts = { completed: 0, failed: 0, killed: 0 };
      for await (const rows of table.batches(outcomeRange(project))) {
        for (const { minute, counts } of readableRows(rows, fromOutcomeRow, log)) {
          if (minute >= since) sum = addCounts(sum, counts);
        }
      }
      return sum;
    },
  };
};

const addCounts = (a: OutcomeCounts, b: OutcomeCounts): EveryField<OutcomeCounts> => ({
  completed: a.completed + b.completed,
  failed: a.failed + b.failed,
  killed: a.killed + b.killed,
});
