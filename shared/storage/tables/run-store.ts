import type { HoldChange, RunStore, StoredHold, WrittenRun } from '../../app/ports/run-store.ts';
import { StorageUnavailableError } from '../../domain/errors.ts';
import type { Run } from '../../domain/run.ts';
import { fromHoldRow, holdKey, toHoldRow } from './hold-row.ts';
import { fromIdempotencyRow, idempotencyKey, toIdempotencyRow } from './idempotency-row.ts';
import { listRuns, listUnended } from './list-runs.ts';
import type { StoreDeps } from './routine-store.ts';
import { fromRunRow, runKey, toPointerRow, toRunRow } from './run-row.ts';
import { openTable, type RowKey, type RowWrite, type Table, writeIdAt } from './table.ts';

/**
 * Runs on Table Storage, one partition for each routine: `r!{inverted run id}` is the run, `f!{run id}` its place in the
 * ascending list, `i!{hash}` what a dispatch with an idempotency key left, `a!` the hold of a routine whose runs exclude
 * each other. A claim and the record of its end are one request each.
 */
export const createRunStore = ({ clients, randomness, log }: StoreDeps): RunStore => {
  const table = openTable(clients.tables.runs);
  return {
    get: async (project, routine, id) => {
      const row = await table.get(runKey(project, routine, id));
      return row === null ? null : fromRunRow(row);
    },
    create: (run, hold) => {
      const writeId = randomness.hex(16);
      return writeRun(table, { run, writeId, hold }, insertsOf(run, writeId));
    },
    createDispatched: async (run, record, over) => {
      const key = idempotencyKey(run.project, run.routine, record.key);
      const row = toIdempotencyRow(key, record);
      // The record is the proof: a delivery may have claimed the run since, and the record still names this run.
      const { kind } = await table.write(
        [
          ...insertsOf(run, randomness.hex(16)),
          over === null ? { kind: 'insert', row } : { kind: 'replace', row, version: over.version },
        ],
        () => ({ key, column: 'runId', value: run.id }),
      );
      return kind === 'written' ? 'created' : 'key_taken';
    },
    findIdempotencyRecord: async (project, routine, key) => {
      const row = await table.get(idempotencyKey(project, routine, key));
      return row === null ? null : fromIdempotencyRow(row, key);
    },
    replace: (run, version, hold) => {
      const writeId = randomness.hex(16);
      return writeRun(table, { run, writeId, hold }, [{ kind: 'replace', row: toRunRow(run, writeId), version }]);
    },
    readHold: (project, routine) => readHold(table, holdKey(project, routine)),
    writeHold: async (project, routine, change) => {
      const key = holdKey(project, routine);
      const writeId = randomness.hex(16);
      const { kind } = await table.write([toHoldWrite(key, change, writeId)], () => writeIdAt(key, writeId));
      return kind === 'written';
    },
    list: (project, routine, page) => listRuns({ table, log }, { project, routine, ...page }),
    listUnended: (project, routine, bounds) => listUnended({ table, log }, { project, routine, ...bounds }),
  };
};

/** The run decides whether it is there already; its pointer is written over. */
const insertsOf = (run: Run, writeId: string): readonly [RowWrite, RowWrite] => [
  { kind: 'insert', row: toRunRow(run, writeId) },
  { kind: 'upsert', row: toPointerRow(run) },
];

const toHoldWrite = (key: RowKey, { over, to }: HoldChange, writeId: string): RowWrite => {
  const row = toHoldRow(key, to, writeId);
  return over.version === null ? { kind: 'insert', row } : { kind: 'replace', row, version: over.version };
};

interface RunWrite {
  readonly run: Run;
  readonly writeId: string;
  readonly hold: HoldChange | undefined;
}

/** The run is the first write and its proof, the hold the last. */
const writeRun = async (
  table: Table,
  { run, writeId, hold }: RunWrite,
  writes: readonly [RowWrite, ...RowWrite[]],
): Promise<WrittenRun | null> => {
  const key = holdKey(run.project, run.routine);
  const result = await table.write(hold === undefined ? writes : [...writes, toHoldWrite(key, hold, writeId)], () =>
    writeIdAt(runKey(run.project, run.routine, run.id), writeId),
  );
  if (result.kind === 'refused') {
    if (result.standing !== null || hold !== undefined || writes[0].kind !== 'insert') return null;
    // Nothing stands in its way: it was not the table that answered so, and "the run is there" would be a lie.
    throw new StorageUnavailableError(`Write ${table.name}: refused run "${run.id}", which is not there.`);
  }
  const version = result.versions[0] ?? '';
  if (hold === undefined) return { version };
  const holdVersion = result.versions.at(-1) ?? null;
  // Behind a lost answer another run may have written the hold again: it is handed out as it stands.
  return { version, hold: holdVersion === null ? await readHold(table, key) : { ...hold.to, version: holdVersion } };
};

const readHold = async (table: Table, key: RowKey): Promise<StoredHold> => {
  const row = await table.get(key);
  return row === null ? { version: null } : fromHoldRow(row);
};
