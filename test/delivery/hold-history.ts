import type { HoldChange, RunStore, WrittenRun } from '../../shared/app/ports/run-store.ts';
import type { Hold } from '../../shared/domain/concurrency.ts';
import type { RoutineName, RunId } from '../../shared/domain/names.ts';
import { isEnded, type Run } from '../../shared/domain/run.ts';

/** A write of a hold. It took effect between the two instants, in milliseconds since 1970. */
interface HoldWrite {
  readonly routine: RoutineName;
  /** The run that was written with it. */
  readonly by: Run;
  readonly over: string | null;
  readonly version: string;
  readonly to: Hold;
  readonly sentAt: number;
  readonly answeredAt: number;
}

/**
 * A stretch in which a run had a part in its routine's hold. Certainly from `fromLatest` to `toEarliest`, at most from
 * `fromEarliest` to `toLatest`.
 */
export interface Stretch {
  readonly runId: RunId;
  readonly fromEarliest: number;
  readonly fromLatest: number;
  readonly toEarliest: number;
  readonly toLatest: number;
  /** For one that was active: it ended itself, or no other run took its place before its lease had ended. */
  readonly isEndedWell: boolean;
}

export interface HoldHistory {
  /** The store, watched. */
  readonly runs: RunStore;
  stretchesOf(routine: RoutineName, part: 'active' | 'waiting'): readonly Stretch[];
  /** Whether storage has answered every write: one that it has not may have been made all the same. */
  isWhole(routine: RoutineName): boolean;
  /** When the write that ended a run was answered. */
  endWrittenAt(id: RunId): number | undefined;
}

/** Watches who has a part in which hold. Each write names the version that it replaces: that gives their order. */
export const createHoldHistory = (runs: RunStore): HoldHistory => {
  const writes: HoldWrite[] = [];
  const ends = new Map<RunId, number>();
  const broken = new Set<RoutineName>();
  const watch = async (
    run: Run,
    change: HoldChange | undefined,
    write: () => Promise<WrittenRun | null>,
  ): Promise<WrittenRun | null> => {
    const sentAt = Date.now();
    const written = await write().catch((error: unknown) => {
      broken.add(run.routine);
      throw error;
    });
    const answeredAt = Date.now();
    if (written !== null && isEnded(run.state)) ends.set(run.id, answeredAt);
    const version = written?.hold?.version;
    if (change !== undefined && typeof version === 'string') {
      const { over, to } = change;
      writes.push({ routine: run.routine, by: run, over: over.version, version, to, sentAt, answeredAt });
    }
    return written;
  };
  return {
    runs: {
      ...runs,
      create: (run, change) => watch(run, change, () => runs.create(run, change)),
      replace: (run, version, change) => watch(run, change, () => runs.replace(run, version, change)),
    },
    stretchesOf: (routine, part) =>
      toStretches(inOrder(writes.filter((write) => write.routine === routine)), ({ active, waiting }) =>
        part === 'active' ? active?.runId : waiting,
      ),
    isWhole: (routine) => !broken.has(routine),
    endWrittenAt: (id) => ends.get(id),
  };
};

const inOrder = (writes: readonly HoldWrite[]): readonly HoldWrite[] => {
  const following = new Map(writes.map((write) => [write.over, write]));
  const ordered: HoldWrite[] = [];
  for (let next = following.get(null); next !== undefined; next = following.get(next.version)) ordered.push(next);
  if (ordered.length !== writes.length) throw new Error('The writes of a hold make no chain: one was not seen.');
  return ordered;
};

const toStretches = (writes: readonly HoldWrite[], partOf: (hold: Hold) => RunId | undefined): readonly Stretch[] => {
  const stretches: Stretch[] = [];
  for (const [index, { to, sentAt, answeredAt }] of writes.entries()) {
    const runId = partOf(to);
    const before = index === 0 ? undefined : writes[index - 1];
    if (runId === undefined || (before !== undefined && partOf(before.to) === runId)) continue;
    const length = writes.slice(index).findIndex((write) => partOf(write.to) !== runId);
    const end = length < 0 ? undefined : writes[index + length];
    const leaseUntil = writes.at(length < 0 ? -1 : index + length - 1)?.to.active?.until.getTime() ?? 0;
    stretches.push({
      runId,
      fromEarliest: sentAt,
      fromLatest: answeredAt,
      toEarliest: end?.sentAt ?? Number.POSITIVE_INFINITY,
      toLatest: end?.answeredAt ?? Number.POSITIVE_INFINITY,
      isEndedWell: end !== undefined && (end.by.id === runId ? isEnded(end.by.state) : end.answeredAt >= leaseUntil),
    });
  }
  return stretches;
};
