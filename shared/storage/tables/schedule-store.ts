import type { DueBatch, DueSlot, ScheduleStore, UnreadableRow } from '../../app/ports/schedule-store.ts';
import type { Randomness } from '../../randomness.ts';
import type { StorageClients } from '../storage-clients.ts';
import { advanceSlots } from './advance-slots.ts';
import { fromHeartbeatRow, heartbeatKey, toHeartbeatRow } from './heartbeat-row.ts';
import { UnreadableRowError } from './row-codec.ts';
import { dueKey, dueRange, fromDueRow, shardCount } from './schedule-row.ts';
import { openTable, type ReadRow, type Table } from './table.ts';
import { readStates, writeSchedule } from './write-schedule.ts';

export interface ScheduleStoreDeps {
  readonly clients: StorageClients;
  readonly randomness: Randomness;
}

/**
 * The schedule on Table Storage, one partition for each shard. `d!{next fire}!{routine}!{trigger}!{plan}` is the due
 * index and the compare-and-swap point at once: a tick that advances a trigger deletes its due row in the transaction
 * that makes the next one, so of two ticks one succeeds. `s!{routine}!{trigger}` says which due row is current.
 */
export const createScheduleStore = ({ clients, randomness }: ScheduleStoreDeps): ScheduleStore => {
  const table = openTable(clients.tables.schedule);
  return {
    shardCount,
    due: (shard, horizon) => readDue(table, shard, horizon),
    advance: (advances) => advanceSlots({ table, randomness }, advances),
    read: (project, routine) => readStates(table, project, routine),
    checkDue: async (project, routine, { triggerName, plan, next }) => {
      const row = next && (await table.get(dueKey({ project, routine, triggerName, plan, nominal: next })));
      if (row === null) return 'missing';
      return toDueBatch([row]).unreadable.length === 0 ? 'there' : 'unreadable';
    },
    write: (project, routine, changes) => writeSchedule({ table, randomness }, { project, routine, changes }),
    writeHeartbeat: async (heartbeat) => {
      // Blind: every column is written each time, so a merge leaves none of an earlier tick.
      await table.write([{ kind: 'merge', row: toHeartbeatRow(heartbeat) }]);
    },
    readHeartbeat: async () => {
      const row = await table.get(heartbeatKey);
      return row === null ? null : fromHeartbeatRow(row);
    },
  };
};

async function* readDue(table: Table, shard: number, horizon: Date): AsyncGenerator<DueBatch> {
  let answeredAt: Date | undefined;
  const onAnswer = (at: Date | undefined): void => {
    answeredAt = at;
  };
  for await (const rows of table.batches(dueRange(shard, horizon), { onAnswer })) {
    yield { ...toDueBatch(rows), ...(answeredAt !== undefined && { answeredAt }) };
  }
}

const toDueBatch = (rows: readonly ReadRow[]): Omit<DueBatch, 'answeredAt'> => {
  const slots: DueSlot[] = [];
  const unreadable: UnreadableRow[] = [];
  for (const row of rows) {
    try {
      slots.push(fromDueRow(row));
    } catch (error) {
      if (!(error instanceof UnreadableRowError)) throw error;
      unreadable.push({ key: error.key, reason: error.reason });
    }
  }
  return { slots, unreadable };
};
