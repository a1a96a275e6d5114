import type { Log } from '../../app/ports/log.ts';
import type { Page, PageRequest } from '../../app/ports/page.ts';
import type { RoutineKey, RoutineStore, StoredRoutine } from '../../app/ports/routine-store.ts';
import { InvalidRequestError } from '../../domain/errors.ts';
import { isProjectName, isRoutineName, type ProjectName } from '../../domain/names.ts';
import type { Routine } from '../../domain/routine.ts';
import { invertHex } from '../../domain/sortable-hex.ts';
import type { Randomness } from '../../randomness.ts';
import type { StorageClients } from '../storage-clients.ts';
import {
  definitionKey,
  fromDefinitionRow,
  fromListRow,
  listKeys,
  toRoutineRow,
  toTombstoneRow,
} from './routine-row.ts';
import { readableRows } from './row-codec.ts';
import { parseVersion } from './row-version.ts';
import { firstRows, openTable, type RowKey, type RowWrite, type Table, writeIdAt } from './table.ts';

export interface StoreDeps {
  readonly clients: StorageClients;
  readonly randomness: Randomness;
  readonly log: Log;
}

/**
 * Routines on Table Storage, one partition for each project: `r!{name}` is the definition, `n!…` and `o!…` are full
 * copies for the two list orders, written in the same transaction. A read is one request, a write one transaction, a
 * list page one query.
 */
export const createRoutineStore = ({ clients, randomness, log }: StoreDeps): RoutineStore => {
  const table = openTable(clients.tables.routines);
  const write = async ({ project, name }: RoutineKey, writeId: string, writes: readonly [RowWrite, ...RowWrite[]]) =>
    (await table.write(writes, () => writeIdAt(definitionKey(project, name), writeId))).kind === 'written';
  return {
    get: async (project, name) => {
      const row = await table.get(definitionKey(project, name));
      return row === null ? null : fromDefinitionRow(row);
    },
    put: (routine, over) => {
      const writeId = randomness.hex(16);
      const row = toRoutineRow(definitionKey(routine.project, routine.name), routine, writeId);
      const { newestFirst, oldestFirst } = listKeys(routine);
      const version = over?.kind === 'tombstone' ? asAnotherKind(over) : over?.version;
      // The copies are written over unread: they hold what the definition does, unknown columns too.
      const copyAt = (key: RowKey): RowWrite => {
        const unknown = version === undefined ? {} : parseVersion(version).unknown;
        return { kind: 'upsert', row: { ...unknown, ...toRoutineRow(key, routine, writeId) } };
      };
      return write(routine, writeId, [
        version === undefined ? { kind: 'insert', row } : { kind: 'replace', row, version },
        copyAt(newestFirst),
        copyAt(oldestFirst),
      ]);
    },
    remove: (tombstone, over) => {
      const writeId = randomness.hex(16);
      const { newestFirst, oldestFirst } = listKeys(over.routine);
      return write(tombstone, writeId, [
        { kind: 'replace', row: toTombstoneRow(tombstone, writeId), version: asAnotherKind(over) },
        { kind: 'delete', row: newestFirst },
        { kind: 'delete', row: oldestFirst },
      ]);
    },
    list: (project, page) => listRoutines(table, log, project, page),
    names: (after, limit) => listNames(table, after, limit),
  };
};

/** A tombstone keeps nothing of the routine that was deleted, and a routine that is created anew nothing of the one before. */
const asAnotherKind = ({ version }: StoredRoutine): string => parseVersion(version).etag;

const listRoutines = async (
  table: Table,
  log: Log,
  project: ProjectName,
  { order, limit, after }: PageRequest,
): Promise<Page<Routine>> => {
  const prefix = order === 'desc' ? 'n' : 'o';
  const inOrder = (createdKey: string): string => (order === 'desc' ? invertHex(createdKey) : createdKey);
  const start = after === undefined ? '' : mapCreatedKey(checkPosition(after), inOrder);
  // One row more than the page tells whether there is another page.
  const range = { partitionKey: project, after: `${prefix}!${start}`, before: `${prefix}"` };
  const rows = await firstRows(table, range, limit + 1);
  const page = rows.slice(0, limit);
  const items = readableRows(page, fromListRow, log);
  const last = page.at(-1);
  if (rows.length <= limit || last === undefined) return { items };
  return { items, next: mapCreatedKey(last.rowKey.slice(2), inOrder) };
};

/** A position is `{createdKey}!{name}`; the keys of a list hold it with the created key in that list's order. */
const mapCreatedKey = (position: string, map: (createdKey: string) => string): string => {
  const [createdKey = '', name = ''] = position.split('!');
  return `${map(createdKey)}!${name}`;
};

const checkPosition = (after: string): string => {
  const [createdKey = '', name = '', ...rest] = after.split('!');
  if (/^[0-9a-f]+$/.test(createdKey) && isRoutineName(name) && rest.length === 0) return after;
  throw new InvalidRequestError({
    code: 'invalid_request',
    message: `after "${after}": expected a position that an earlier page gave`,
    param: 'after',
  });
};

/** The rest of one project, then those that follow: two ranges, since a position inside one would be read from its start. */
const listNames = async (table: Table, after: RoutineKey | null, limit: number): Promise<readonly RoutineKey[]> => {
  const definitions = { after: 'r!', before: 'r"' };
  const first =
    after === null
      ? []
      : await firstRows(
          table,
          { ...definitions, partitionKey: after.project, after: definitionKey(after.project, after.name).rowKey },
          limit,
          { keysOnly: true },
        );
  if (first.length === limit) return first.map(toName);
  const others = { ...definitions, partitionKey: { after: after?.project ?? '' } };
  const more = await firstRows(table, others, limit - first.length, { keysOnly: true });
  return [...first, ...more].map(toName);
};

const toName = ({ partitionKey, rowKey }: RowKey): RoutineKey => {
  const name = rowKey.slice(2);
  if (isProjectName(partitionKey) && isRoutineName(name)) return { project: partitionKey, name };
  throw new Error(`Row "${rowKey}" of partition "${partitionKey}": expected a project and the name of a routine`);
};
