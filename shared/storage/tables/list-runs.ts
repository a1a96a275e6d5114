import type { Log } from '../../app/ports/log.ts';
import type { Page } from '../../app/ports/page.ts';
import type { RunPageRequest, StoredRun } from '../../app/ports/run-store.ts';
import { InvalidRequestError } from '../../domain/errors.ts';
import type { ProjectName, RoutineName } from '../../domain/names.ts';
import { type Run, runPhases } from '../../domain/run.ts';
import { isRunId, runIdBoundsAt } from '../../domain/run-id.ts';
import { readableRows } from './row-codec.ts';
import { fromRunRow, pointerRowKey, runIdOfPointer, runIdOfRowKey, runPartition, runRowKey } from './run-row.ts';
import { firstRows, type ReadRow, type Table } from './table.ts';

export interface RunListDeps {
  readonly table: Table;
  readonly log: Log;
}

export interface RunsOfRoutineRequest extends RunPageRequest {
  readonly project: ProjectName;
  readonly routine: RoutineName;
}

/** Newest first: one query. Oldest first: the pointers of the page, then the runs between its two ends. */
export const listRuns = async ({ table, log }: RunListDeps, request: RunsOfRoutineRequest): Promise<Page<Run>> => {
  const ids = checkIds(request);
  const { rows, next } =
    request.order === 'desc' ? await newestFirst(table, request, ids) : await oldestFirst(table, request, ids);
  const items = readableRows(rows, (row) => fromRunRow(row).run, log);
  return next === undefined ? { items } : { items, next };
};

/** Bounds of the ids on the page. None of them is the id of a run that belongs to it. */
interface IdBounds {
  readonly above: string | undefined;
  readonly below: string | undefined;
}

const checkIds = ({ order, after, since, until }: RunsOfRoutineRequest): IdBounds => {
  if (after !== undefined && !isRunId(after)) {
    throw new InvalidRequestError({
      code: 'invalid_request',
      message: `after "${after}": expected a position that an earlier page gave`,
      param: 'after',
    });
  }
  const first = since && runIdBoundsAt(since).first;
  const last = until && runIdBoundsAt(until).last;
  if (after === undefined) return { above: first, below: last };
  if (order === 'asc') return { above: first === undefined || after > first ? after : first, below: last };
  return { above: first, below: last === undefined || after < last ? after : last };
};

interface RowPage {
  readonly rows: readonly ReadRow[];
  readonly next?: string;
}

const newestFirst = async (
  table: Table,
  request: RunsOfRoutineRequest,
  { above, below }: IdBounds,
): Promise<RowPage> => {
  const { project, routine, limit } = request;
  const range = {
    partitionKey: runPartition(project, routine),
    after: below === undefined ? 'r!' : runRowKey(below),
    before: above === undefined ? 'r"' : runRowKey(above),
  };
  // One row more than the page tells whether there is another page.
  const rows = await firstRows(table, range, limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return rows.length <= limit || last === undefined ? { rows: page } : { rows: page, next: runIdOfRowKey(last.rowKey) };
};

const oldestFirst = async (
  table: Table,
  request: RunsOfRoutineRequest,
  { above, below }: IdBounds,
): Promise<RowPage> => {
  const { project, routine, limit } = request;
  const partitionKey = runPartition(project, routine);
  const range = {
    partitionKey,
    after: above === undefined ? 'f!' : pointerRowKey(above),
    before: below === undefined ? 'f"' : pointerRowKey(below),
  };
  const pointers = await firstRows(table, range, limit + 1, { keysOnly: true });
  const ids = pointers.slice(0, limit).map(({ rowKey }) => runIdOfPointer(rowKey));
  const [first] = ids;
  const last = ids.at(-1);
  if (first === undefined || last === undefined) return { rows: [] };
  const rows: ReadRow[] = [];
  const between = { partitionKey, from: runRowKey(last), to: runRowKey(first) };
  for await (const batch of table.batches(between)) rows.push(...batch);
  // A run that came between the two queries belongs to no page: its pointer was not there.
  const onPage = new Set(ids.map(runRowKey));
  const inOrder = rows.filter(({ rowKey }) => onPage.has(rowKey)).reverse();
  return pointers.length > limit ? { rows: inOrder, next: last } : { rows: inOrder };
};

export interface UnendedRequest {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly since: Date;
  readonly until: Date;
}

const unended = Object.entries(runPhases)
  .flatMap(([phase, { isEnded }]) => (isEnded ? [] : [`phase eq '${phase}'`]))
  .join(' or ');

/** The service reads all runs in the bounds, and sends those that have not ended. */
export const listUnended = async (
  { table, log }: RunListDeps,
  { project, routine, since, until }: UnendedRequest,
): Promise<readonly StoredRun[]> => {
  const range = {
    partitionKey: runPartition(project, routine),
    from: runRowKey(runIdBoundsAt(until).last),
    to: runRowKey(runIdBoundsAt(since).first),
  };
  const runs: StoredRun[] = [];
  for await (const rows of table.batches(range, { where: `(${unended})` })) {
    runs.push(...readableRows(rows, fromRunRow, log));
  }
  return runs;
};
