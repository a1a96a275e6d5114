/** A value whose type cannot be told from the value itself, as the SDK takes it. */
interface TypedValue {
  readonly type: 'DateTime' | 'Int64' | 'Guid' | 'Binary';
  readonly value: string;
}

export type ColumnValue = string | number | boolean | Date | TypedValue;

/** Columns that no codec of this version knows, as they were read. */
export type UnknownColumns = Readonly<Record<string, string | number | boolean | TypedValue>>;

/**
 * What a store hands out as the version of a row that it has read: the ETag, and the columns that a newer version of
 * this service has written there. A rewrite takes them over, so that an older instance beside a newer one drops nothing,
 * and no request is spent on it. Outside of the stores it is a text without meaning.
 */
export interface RowVersion {
  readonly etag: string;
  readonly unknown: UnknownColumns;
}

/** Stands in no ETag. */
const separator = '\n';

export const formatVersion = ({ etag, unknown }: RowVersion): string =>
  Object.keys(unknown).length === 0 ? etag : `${etag}${separator}${formatUnknown(unknown)}`;

export const parseVersion = (version: string): RowVersion => {
  const [etag = '', unknown] = version.split(separator);
  return { etag, unknown: unknown === undefined ? {} : parseUnknown(unknown) };
};

/** In order of name: what was read twice is the same text twice. `JSON.stringify` writes no line break. */
export const formatUnknown = (unknown: UnknownColumns): string =>
  JSON.stringify(Object.fromEntries(Object.entries(unknown).toSorted(([a], [b]) => (a < b ? -1 : 1))));

export const parseUnknown = (text: string): UnknownColumns => JSON.parse(text) as UnknownColumns;

/** Of a row as the SDK reads it. */
export const unknownColumns = (
  columns: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
): UnknownColumns =>
  Object.fromEntries(
    Object.entries(columns).flatMap(([name, value]) => {
      if (known.has(name) || ownNames.has(name) || name.startsWith('odata.')) return [];
      const column = toColumn(value);
      return column === undefined ? [] : [[name, column] as const];
    }),
  );

/** What each row has beside its columns. */
const ownNames: ReadonlySet<string> = new Set(['partitionKey', 'rowKey', 'etag', 'timestamp']);

/** Dates, 64-bit integers and bytes would not stay what they are in JSON text. */
const toColumn = (value: unknown): UnknownColumns[string] | undefined => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Date) return { type: 'DateTime', value: value.toISOString() };
  if (typeof value === 'bigint') return { type: 'Int64', value: value.toString() };
  if (value instanceof Uint8Array) return { type: 'Binary', value: Buffer.from(value).toString('base64') };
  return isTyped(value) ? value : undefined;
};

/** The SDK leaves a Guid as it is. */
const isTyped = (value: unknown): value is TypedValue =>
  typeof value === 'object' && value !== null && 'type' in value && 'value' in value;
