import type { Page } from '../../shared/app/ports/page.ts';
import type {
  HoldChange,
  IdempotencyRecord,
  RunPageRequest,
  RunStore,
  StoredHold,
  StoredIdempotencyRecord,
  StoredRun,
  WrittenRun,
} from '../../shared/app/ports/run-store.ts';
import type { Hold } from '../../shared/domain/concurrency.ts';
import { InvalidRequestError } from '../../shared/domain/errors.ts';
import type { ProjectName, RoutineName, RunId } from '../../shared/domain/names.ts';
import { isEnded, type Run } from '../../shared/domain/run.ts';
import { isRunId } from '../../shared/domain/run-id.ts';

interface Partition {
  readonly runs: Map<RunId, StoredRun>;
  /** Ascending, once it is `sorted`; a listing sorts what was added since the one before. */
  readonly ids: RunId[];
  sorted: boolean;
}

/** Passes the same suite as the store on Table Storage. */
export const createMemoryRunStore = (): RunStore => {
  const partitions = new Map<string, Partition>();
  const records = new Map<string, StoredIdempotencyRecord>();
  const holds = new Map<string, StoredHold>();
  let writes = 0;
  const partitionOf = (project: ProjectName, routine: RoutineName): Partition => {
    const key = `${project}!${routine}`;
    const partition = partitions.get(key) ?? { runs: new Map(), ids: [], sorted: true };
    partitions.set(key, partition);
    return partition;
  };
  const holdOf = (project: ProjectName, routine: RoutineName): StoredHold =>
    holds.get(`${project}!${routine}`) ?? { version: null };
  const setHold = (project: ProjectName, routine: RoutineName, { over, to }: HoldChange): StoredHold | null => {
    if (holdOf(project, routine).version !== over.version) return null;
    writes += 1;
    const hold = { ...withoutVersion(to), version: `v${writes}` };
    holds.set(`${project}!${routine}`, hold);
    return hold;
  };
  const write = (run: Run, over: string | undefined, change?: HoldChange): WrittenRun | null => {
    const partition = partitionOf(run.project, run.routine);
    if (partition.runs.get(run.id)?.version !== over) return null;
    const hold = change === undefined ? undefined : setHold(run.project, run.routine, change);
    if (hold === null) return null;
    writes += 1;
    if (over === undefined) {
      partition.ids.push(run.id);
      partition.sorted = false;
    }
    partition.runs.set(run.id, { run, version: `v${writes}` });
    return { version: `v${writes}`, ...(hold && { hold }) };
  };
  const keyOf = (project: ProjectName, routine: RoutineName, key: string) => `${project}!${routine}!${key}`;
  const keep = (run: Run, record: IdempotencyRecord, over: StoredIdempotencyRecord | null) => {
    const key = keyOf(run.project, run.routine, record.key);
    if (records.get(key)?.version !== over?.version || write(run, undefined) === null) return 'key_taken';
    records.set(key, { ...record, version: `v${writes}` });
    return 'created';
  };
  return {
    get: async (project, routine, id) => partitionOf(project, routine).runs.get(id) ?? null,
    create: async (run, hold) => write(run, undefined, hold),
    createDispatched: async (run, record, over) => keep(run, record, over),
    findIdempotencyRecord: async (project, routine, key) => records.get(keyOf(project, routine, key)) ?? null,
    replace: async (run, version, hold) => write(run, version, hold),
    readHold: async (project, routine) => holdOf(project, routine),
    writeHold: async (project, routine, change) => setHold(project, routine, change) !== null,
    list: async (project, routine, page) => pageOf(partitionOf(project, routine), page),
    listUnended: async (project, routine, { since, until }) =>
      [...partitionOf(project, routine).runs.values()].filter(
        ({ run }) => !isEnded(run.state) && run.triggeredAt >= since && run.triggeredAt <= until,
      ),
  };
};

/** A change may be made of a hold that was read, version and all. */
const withoutVersion = ({ active, waiting }: Hold): Hold => ({
  ...(active && { active }),
  ...(waiting && { waiting }),
});

const pageOf = (partition: Partition, { order, limit, after, since, until }: RunPageRequest): Page<Run> => {
  if (after !== undefined && !isRunId(after)) {
    throw new InvalidRequestError({ code: 'invalid_request', message: `after "${after}"`, param: 'after' });
  }
  const ids = sortedIds(partition);
  const step = order === 'asc' ? 1 : -1;
  const items: Run[] = [];
  for (let index = firstIndex(ids, order, after); index >= 0 && index < ids.length; index += step) {
    const run = runAt(partition, ids[index]);
    if (run === undefined || (since && run.triggeredAt < since) || (until && run.triggeredAt > until)) continue;
    const last = items.at(-1);
    if (items.length === limit && last !== undefined) return { items, next: last.id };
    items.push(run);
  }
  return { items };
};

const sortedIds = (partition: Partition): readonly RunId[] => {
  if (!partition.sorted) partition.ids.sort();
  partition.sorted = true;
  return partition.ids;
};

const runAt = ({ runs }: Partition, id: RunId | undefined): Run | undefined =>
  id === undefined ? undefined : runs.get(id)?.run;

/** Of the first run beyond `after`, in that order; outside the ids when there is none. */
const firstIndex = (ids: readonly RunId[], order: RunPageRequest['order'], after: string | undefined): number => {
  if (after === undefined) return order === 'asc' ? 0 : ids.length - 1;
  const isBeyond = (id: string) => (order === 'asc' ? id > after : id >= after);
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBeyond(ids[middle] ?? '')) high = middle;
    else low = middle + 1;
  }
  return order === 'asc' ? low : low - 1;
};
