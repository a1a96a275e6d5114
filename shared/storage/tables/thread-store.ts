import type { ThreadStore } from '../../app/ports/thread-store.ts';
import type { StoreDeps } from './routine-store.ts';
import { openTable, writeIdAt } from './table.ts';
import { fromThreadRow, threadKey, toThreadRow } from './thread-row.ts';

/** Threads that runs share, one row for each; a read and a write are one request each. */
export const createThreadStore = ({ clients, randomness }: Omit<StoreDeps, 'log'>): ThreadStore => {
  const table = openTable(clients.tables.runs);
  return {
    read: async (project, threadId) => {
      const row = await table.get(threadKey(project, threadId));
      return row === null ? { version: null } : fromThreadRow(row);
    },
    give: async (project, threadId, { holder, over }) => {
      const key = threadKey(project, threadId);
      const writeId = randomness.hex(16);
      const row = toThreadRow(key, holder, writeId);
      const { kind } = await table.write(
        [over.version === null ? { kind: 'insert', row } : { kind: 'replace', row, version: over.version }],
        () => writeIdAt(key, writeId),
      );
      return kind === 'written';
    },
  };
};
