import type { Advance } from '../../app/ports/schedule-store.ts';
import type { Randomness } from '../../randomness.ts';
import { dueKey, shardOf, stateKey, toDueRow, toStateRow } from './schedule-row.ts';
import { maxWrites, type RowWrite, type Table, writeIdAt } from './table.ts';

export interface ScheduleTable {
  readonly table: Table;
  readonly randomness: Randomness;
}

/** An advance is at most three writes: the old due row goes, the next one comes, the state says so. */
const advancesInTransaction = Math.floor(maxWrites / 3);

export interface AdvanceCount {
  readonly advanced: number;
  readonly lost: number;
}

/**
 * Replaces slots by their successors, 33 in a transaction. A transaction fails as a whole when one of its due rows is
 * gone: another tick has advanced that slot, or a change has replaced it. It is taken out, and the others are sent again.
 * A transaction is of one shard.
 */
export const advanceSlots = async (schedule: ScheduleTable, advances: readonly Advance[]): Promise<AdvanceCount> => {
  let advanced = 0;
  for (const ofShard of Map.groupBy(advances, ({ slot }) => shardOf(slot.project, slot.routine)).values()) {
    for (let start = 0; start < ofShard.length; start += advancesInTransaction) {
      advanced += await advanceTogether(schedule, ofShard.slice(start, start + advancesInTransaction));
    }
  }
  return { advanced, lost: advances.length - advanced };
};

/** How many of them were advanced. */
const advanceTogether = async (schedule: ScheduleTable, advances: readonly Advance[]): Promise<number> => {
  const writeId = schedule.randomness.hex(16);
  const writes = advances.map((advance) => writesOf(advance, writeId));
  const [first, ...more] = writes.flat();
  if (first === undefined) return 0;
  const result = await schedule.table.write([first, ...more], (index) => {
    const advance = advances[failedAdvance(writes, index) ?? -1];
    return advance === undefined ? null : writeIdAt(stateKey(advance.slot), writeId);
  });
  if (result.kind === 'written') return advances.length;
  const failed = failedAdvance(writes, result.index);
  if (failed !== null) return advanceTogether(schedule, advances.toSpliced(failed, 1));
  const half = Math.ceil(advances.length / 2);
  const done = await advanceTogether(schedule, advances.slice(0, half));
  return done + (await advanceTogether(schedule, advances.slice(half)));
};

/** Index of the advance whose write was refused; null when the answer does not say which of several it was. */
const failedAdvance = (writes: readonly (readonly RowWrite[])[], index: number | null): number | null => {
  if (writes.length === 1) return 0;
  if (index === null) return null;
  const failed = writes.flatMap((group, advance) => group.map(() => advance))[index];
  return failed ?? null;
};

const writesOf = ({ slot, next, catchUpUntil }: Advance, writeId: string): readonly RowWrite[] => {
  const { project, routine, triggerName, plan } = slot;
  const state = toStateRow({ project, routine, triggerName, plan, next }, writeId);
  // Only the delete can be refused: it is the one write that says what it expects.
  const old: RowWrite = { kind: 'delete', row: dueKey(slot) };
  // A merge cannot take a column away. The state of a spent trigger must lose its `next`, so it is replaced whole, and
  // with it columns that only a newer version knows: no request is spent on reading them.
  if (next === null) return [old, { kind: 'upsert', row: state }];
  return [
    old,
    { kind: 'upsert', row: toDueRow({ ...slot, nominal: next, catchUpUntil }) },
    { kind: 'merge', row: state },
  ];
};
