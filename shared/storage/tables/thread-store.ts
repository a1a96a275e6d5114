import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { StoredThread, ThreadHolder, ThreadStore } from '../../app/ports/thread-store.ts';
import type { ProjectName } from '../../domain/names.ts';
import { routineName, runId } from '../../domain/schema/name-schemas.ts';
import type { StoreDeps } from './routine-store.ts';
import { decodeRow } from './row-codec.ts';
import { openTable, type ReadRow, type Row, type RowKey } from './table.ts';

const threadColumns = z.object({ routine: routineName, runId, writeId: z.string() });

/** Beside the runs; no project's name begins like this. The agent service names threads: hashed. */
const threadKey = (project: ProjectName, threadId: string): RowKey => ({
  partitionKey: `!threads!${project}`,
  rowKey: `t!${createHash('sha256').update(threadId).digest('hex')}`,
});

/** Threads that runs share, one row for each; a read and a write are one request each. */
export const createThreadStore = ({ clients, randomness }: Omit<StoreDeps, 'log'>): ThreadStore => {
  const table = openTable(clients.tables.runs);
  return {
    read: async (project, threadId) => {
      const row = await table.get(threadKey(project, threadId));
      return row === null ? { version: null } : fromThreadRow(row).thread;
    },
    give: async (project, threadId, { holder, over }) => {
      const key = threadKey(project, threadId);
      const writeId = randomness.hex(16);
      const row = toThreadRow(key, holder, writeId);
      const { kind } = await table.write([
        over.version === null ? { kind: 'insert', row } : { kind: 'replace', row, version: over.version },
      ]);
      if (kind === 'written') return true;
      // A refused write can be one's own success (promise 7).
      const standing = await table.get(key);
      return standing !== null && fromThreadRow(standing).writeId === writeId;
    },
  };
};

const toThreadRow = (key: RowKey, holder: ThreadHolder, writeId: string): Row => ({
  ...z.encode(threadColumns, { ...holder, writeId }),
  ...key,
});

const fromThreadRow = (row: ReadRow): { readonly thread: StoredThread; readonly writeId: string } => {
  const { writeId, ...holder } = decodeRow(threadColumns, row);
  return { thread: { holder, version: row.version }, writeId };
};
