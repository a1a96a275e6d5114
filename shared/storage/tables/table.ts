import { odata, type TableClient, type TransactionAction } from '@azure/data-tables';
import { refusalOf, storageCall, storageRead } from '../storage-call.ts';

export interface RowKey {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/** A row to write. A column that is undefined is left out. */
export type Row = RowKey & Readonly<Record<string, string | number | boolean | Date | undefined>>;

/** A row as it was read; `columns` is checked by the row's codec. */
export interface ReadRow extends RowKey {
  readonly version: string;
  readonly columns: unknown;
}

export type RowWrite =
  | { readonly kind: 'insert'; readonly row: Row }
  | { readonly kind: 'upsert'; readonly row: Row }
  | { readonly kind: 'replace'; readonly row: Row; readonly version: string }
  | { readonly kind: 'delete'; readonly row: RowKey };

/**
 * `refused`: nothing was written, because the write at `index` met another state than it expects (a row that is there,
 * is gone, or has changed). It can also be one's own earlier success: the SDK repeats a write whose answer was lost.
 */
export type WriteResult =
  | { readonly kind: 'written'; readonly versions: readonly string[] }
  | { readonly kind: 'refused'; readonly index: number | null };

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
  /** All or nothing; rows of one partition, each once, at most maxWrites. A deleted row has the version ''. */
  write(writes: readonly [RowWrite, ...RowWrite[]]): Promise<WriteResult>;
  /** Batches as the service makes them, in order of key. */
  batches(range: RowRange, query?: RangeQuery): AsyncIterable<readonly ReadRow[]>;
}

export interface RangeQuery {
  /** Rows in a batch, at most 1000. */
  readonly batchSize?: number;
  readonly keysOnly?: boolean;
  /** A condition on columns, as the service reads it. Every row of the range is read, and those that meet it are sent. */
  readonly where?: string;
  /** Hears, before each batch, when the service answered by its own clock. */
  readonly onAnswer?: (answeredAt: Date | undefined) => void;
}

export const maxWrites = 100;
/** UTF-16 code units in a column of text. */
export const maxColumnLength = 32_768;
const maxBatchSize = 1_000;

export const openTable = (client: TableClient): Table => ({
  name: client.tableName,
  get: async ({ partitionKey, rowKey }) => {
    try {
      const read = (options: { readonly abortSignal: AbortSignal }) => client.getEntity(partitionKey, rowKey, options);
      return toReadRow(await storageRead(`Read ${client.tableName}`, read));
    } catch (error) {
      if (refusalOf(error)?.status === 404) return null;
      throw error;
    }
  },
  write: async (writes) => {
    if (writes.length > maxWrites) {
      throw new Error(`${writes.length} writes to ${client.tableName}: expected at most ${maxWrites}`);
    }
    return unlessRefused(() => storageCall(`Write ${client.tableName}`, (options) => send(client, writes, options)));
  },
  batches: (range, query) => readBatches(client, range, query),
});

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
    case 'replace':
      return (await client.updateEntity(write.row, 'Replace', { ...options, etag: write.version })).etag ?? '';
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
    case 'replace':
      return ['update', write.row, 'Replace', { etag: write.version }];
    case 'delete':
      return ['delete', { ...write.row }];
    default:
      return write satisfies never;
  }
};

const refusals = new Set([404, 409, 412]);

const unlessRefused = async (write: () => Promise<readonly string[]>): Promise<WriteResult> => {
  try {
    return { kind: 'written', versions: await write() };
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
    // A request of its own for each batch: the reader may take its time between two, and each has its own deadline.
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
  return { partitionKey, rowKey, version: etag, columns: entity };
};
