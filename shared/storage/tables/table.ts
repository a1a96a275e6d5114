import { odata, type TableClient, type TransactionAction } from '@azure/data-tables';
import { refusalOf, storageCall, storageRead } from '../storage-call.ts';
import { type ColumnValue, formatVersion, parseVersion } from './row-version.ts';

export interface RowKey {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/** A row to write. A column that is undefined is left out. */
export type Row = RowKey & Readonly<Record<string, ColumnValue | undefined>>;

/** A row as it was read; `columns` is checked by the row's codec, which makes its version. */
export interface ReadRow extends RowKey {
  readonly etag: string;
  readonly columns: Readonly<Record<string, unknown>>;
}

/**
 * `insert` expects no row, `replace` the row of that version, whose unknown columns it keeps, `delete` any row. `upsert`
 * and `merge` expect nothing and are never refused: the one leaves no other column, the other every column that the row
 * does not name.
 */
export type RowWrite =
  | { readonly kind: 'insert'; readonly row: Row }
  | { readonly kind: 'upsert'; readonly row: Row }
  | { readonly kind: 'merge'; readonly row: Row }
  | { readonly kind: 'replace'; readonly row: Row; readonly version: string }
  | { readonly kind: 'delete'; readonly row: RowKey };

/** What a write leaves in one of its rows and no other write does. */
export interface Proof {
  readonly key: RowKey;
  readonly column: string;
  readonly value: string;
}

/** The proof of rows that carry the id of their last write. */
export const writeIdAt = (key: RowKey, writeId: string): Proof => ({ key, column: 'writeId', value: writeId });

/** The proof to look for when the write at that index was refused; null when there is none to look for. */
export type ProofOf = (index: number | null) => Proof | null;

/**
 * `written`: a version is null where the answer was lost and the row was not read since. `refused`: nothing was written,
 * because the write at `index` met another state than it expects (a row that is there, is gone, or has changed);
 * `standing` is the row of the proof as it stands, null when it is not there, undefined when it was not looked at.
 */
export type WriteResult =
  | { readonly kind: 'written'; readonly versions: readonly (string | null)[] }
  | { readonly kind: 'refused'; readonly index: number | null; readonly standing?: ReadRow | null };

/** Keys of one partition, or of all that follow one: `from` and `to` belong to it, `after` and `before` do not. */
export interface RowRange {
  readonly partitionKey: string | { readonly after: string };
  readonly from?: string;
  readonly after?: string;
  readonly to?: string;
  readonly before?: string;
}

/** One table. Every method is one request where the service answers at once; all throw StorageUnavailableError. */
export interface Table {
  readonly name: string;
  get(key: RowKey): Promise<ReadRow | null>;
  /**
   * All or nothing; rows of one partition, each once, at most maxWrites. A deleted row has the version ''.
   * With a proof a refusal is no verdict (promise 7): the SDK repeats a write whose answer was lost, and the repeat is
   * refused by what the first try has written. One read tells, of the row that bears the proof.
   */
  write(writes: readonly [RowWrite, ...RowWrite[]], proofOf?: ProofOf): Promise<WriteResult>;
  /** Batches as the service makes them, in order of key. */
  batches(range: RowRange, query?: RangeQuery): AsyncIterable<readonly ReadRow[]>;
}

export interface RangeQuery {
  /** Rows in a batch, at most 1000. */
  readonly batchSize?: number;
  readonly keysOnly?: boolean;
  /** A condition on columns, as the service reads it. Every row of the range is read, and those that meet it are sent. */
  readonly where?: string;
  /** Hears, before each batch, what the service's clock said when it answered. */
  readonly onAnswer?: (answeredAt: Date | undefined) => void;
}

export const maxWrites = 100;
/** UTF-16 code units in a column of text. */
export const maxColumnLength = 32_768;
const maxBatchSize = 1_000;

export const openTable = (client: TableClient): Table => ({
  name: client.tableName,
  get: (key) => readOne(client, key),
  write: async (writes, proofOf) => {
    if (writes.length > maxWrites) {
      throw new Error(`${writes.length} writes to ${client.tableName}: expected at most ${maxWrites}`);
    }
    const result = await unlessRefused(writes, () =>
      storageCall(`Write ${client.tableName}`, (options) => send(client, writes, options)),
    );
    if (result.kind === 'written') return result;
    const proof = proofOf?.(result.index) ?? null;
    return proof === null
      ? result
      : unlessOwnWrite(result, { writes, proof, standing: await readOne(client, proof.key) });
  },
  batches: (range, query) => readBatches(client, range, query),
});

const readOne = async (client: TableClient, { partitionKey, rowKey }: RowKey): Promise<ReadRow | null> => {
  try {
    const read = (options: CallOptions) => client.getEntity(partitionKey, rowKey, options);
    return toReadRow(await storageRead(`Read ${client.tableName}`, read));
  } catch (error) {
    if (refusalOf(error)?.status === 404) return null;
    throw error;
  }
};

type Refused = Extract<WriteResult, { readonly kind: 'refused' }>;

interface ProvedWrite {
  readonly writes: readonly RowWrite[];
  readonly proof: Proof;
  readonly standing: ReadRow | null;
}

/** The one place that tells a refusal from an earlier success of the same write. */
const unlessOwnWrite = (result: Refused, { writes, proof, standing }: ProvedWrite): WriteResult => {
  if (standing?.columns[proof.column] !== proof.value) return { ...result, standing };
  // A row that bears the proof holds what was written with it; the others may have been written again since.
  const versions = writes.map((write) => (isOfKey(write, proof.key) ? versionAfter(write, standing.etag) : null));
  return { kind: 'written', versions };
};

const isOfKey = ({ row }: RowWrite, { partitionKey, rowKey }: RowKey): boolean =>
  row.partitionKey === partitionKey && row.rowKey === rowKey;

/** A replaced row has kept the unknown columns of the version that it was written over. */
const versionAfter = (write: RowWrite, etag: string): string =>
  write.kind === 'replace' ? formatVersion({ etag, unknown: parseVersion(write.version).unknown }) : etag;

/** The first rows of a range, in order of key. */
export const firstRows = async (table: Table, range: RowRange, count: number, query: RangeQuery = {}) => {
  const rows: ReadRow[] = [];
  for await (const batch of table.batches(range, { ...query, batchSize: Math.min(count, maxBatchSize) })) {
    rows.push(...batch);
    if (rows.length >= count) break;
  }
  return rows.slice(0, count);
};

type CallOptions = { readonly abortSignal: AbortSignal };

const send = async (
  client: TableClient,
  writes: readonly [RowWrite, ...RowWrite[]],
  options: CallOptions,
): Promise<readonly string[]> => {
  if (writes.length === 1) return [await sendOne(client, writes[0], options)];
  const { subResponses } = await client.submitTransaction(writes.map(toAction), options);
  return subResponses.map(({ etag }) => etag ?? '');
};

const sendOne = async (client: TableClient, write: RowWrite, options: CallOptions): Promise<string> => {
  const { row } = write;
  switch (write.kind) {
    case 'insert':
      return (await client.createEntity(write.row, options)).etag ?? '';
    case 'upsert':
      return (await client.upsertEntity(write.row, 'Replace', options)).etag ?? '';
    case 'merge':
      return (await client.upsertEntity(write.row, 'Merge', options)).etag ?? '';
    case 'replace': {
      const { etag, unknown } = parseVersion(write.version);
      return (await client.updateEntity({ ...unknown, ...write.row }, 'Replace', { ...options, etag })).etag ?? '';
    }
    case 'delete':
      await client.deleteEntity(row.partitionKey, row.rowKey, options);
      return '';
    default:
      return write satisfies never;
  }
};

const toAction = (write: RowWrite): TransactionAction => {
  switch (write.kind) {
    case 'insert':
      return ['create', write.row];
    case 'upsert':
      return ['upsert', write.row, 'Replace'];
    case 'merge':
      return ['upsert', write.row, 'Merge'];
    case 'replace': {
      const { etag, unknown } = parseVersion(write.version);
      return ['update', { ...unknown, ...write.row }, 'Replace', { etag }];
    }
    case 'delete':
      return ['delete', { ...write.row }];
    default:
      return write satisfies never;
  }
};

const refusals = new Set([404, 409, 412]);

const unlessRefused = async (
  writes: readonly RowWrite[],
  send: () => Promise<readonly string[]>,
): Promise<WriteResult> => {
  try {
    const etags = await send();
    return { kind: 'written', versions: writes.map((write, index) => versionAfter(write, etags[index] ?? '')) };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null || !refusals.has(refusal.status)) throw error;
    // The protocol says the failing write of a transaction nowhere but here: `3:The specified resource does not exist.`
    const index = /^(\d+):/.exec(refusal.message)?.[1];
    return { kind: 'refused', index: index === undefined ? null : Number(index) };
  }
};

async function* readBatches(client: TableClient, range: RowRange, query: RangeQuery = {}) {
  const { batchSize = maxBatchSize, keysOnly = false, where, onAnswer } = query;
  const filter = where === undefined ? toFilter(range) : `${toFilter(range)} and ${where}`;
  const queryOptions = { filter, select: keysOnly ? ['partitionKey', 'rowKey'] : undefined };
  let continuationToken: string | undefined;
  do {
    // One request for each batch: the reader may take its time between two, and each has a deadline.
    const readPage = async (options: CallOptions) => {
      const pages = client.listEntities({
        ...options,
        queryOptions,
        ...(onAnswer && { onResponse: ({ headers }) => onAnswer(dateOf(headers.get('date'))) }),
      });
      return (await pages.byPage({ maxPageSize: batchSize, continuationToken }).next()).value;
    };
    const page = await storageRead(`Query ${client.tableName}`, readPage);
    if (page === undefined) return;
    if (page.length > 0) yield page.map(toReadRow);
    continuationToken = page.continuationToken;
  } while (continuationToken !== undefined);
}

const dateOf = (header: string | undefined): Date | undefined => {
  const date = new Date(header ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
};

const toFilter = ({ partitionKey, from, after, to, before }: RowRange): string =>
  [
    typeof partitionKey === 'string'
      ? odata`PartitionKey eq ${partitionKey}`
      : odata`PartitionKey gt ${partitionKey.after}`,
    from === undefined ? [] : odata`RowKey ge ${from}`,
    after === undefined ? [] : odata`RowKey gt ${after}`,
    to === undefined ? [] : odata`RowKey le ${to}`,
    before === undefined ? [] : odata`RowKey lt ${before}`,
  ]
    .flat()
    .join(' and ');

interface Entity {
  readonly partitionKey?: string;
  readonly rowKey?: string;
  readonly etag?: string;
}

const toReadRow = (entity: Entity): ReadRow => {
  const { partitionKey, rowKey, etag = '' } = entity;
  if (partitionKey === undefined || rowKey === undefined) throw new Error('Table Storage answered a row without keys');
  return { partitionKey, rowKey, etag, columns: { ...entity } };
};
