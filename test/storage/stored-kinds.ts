import type { JsonValue } from '../../shared/domain/json.ts';
import { parseDeliveryMessage, parseWorkMessage } from '../../shared/storage/queues/messages.ts';
import { fromHeartbeatRow } from '../../shared/storage/tables/heartbeat-row.ts';
import { fromHoldRow } from '../../shared/storage/tables/hold-row.ts';
import { fromIdempotencyRow } from '../../shared/storage/tables/idempotency-row.ts';
import { fromOutcomeRow } from '../../shared/storage/tables/outcome-row.ts';
import { fromPoisonedRow } from '../../shared/storage/tables/poisoned-row.ts';
import { fromDefinitionRow, fromListRow } from '../../shared/storage/tables/routine-row.ts';
import { fromRunRow, runIdOfPointer } from '../../shared/storage/tables/run-row.ts';
import { fromScanRow } from '../../shared/storage/tables/scan-row.ts';
import { fromDueRow, fromStateRow } from '../../shared/storage/tables/schedule-row.ts';
import type { ReadRow, RowKey } from '../../shared/storage/tables/table.ts';
import { fromThreadRow } from '../../shared/storage/tables/thread-row.ts';
import { everyIdempotencyRecord } from './every-value.ts';

/** How each kind of row is read. */
export const rowReaders = {
  definition: fromDefinitionRow,
  list: fromListRow,
  run: fromRunRow,
  pointer: ({ rowKey }: ReadRow) => ({ id: runIdOfPointer(rowKey) }),
  hold: fromHoldRow,
  idempotency: (row: ReadRow) => fromIdempotencyRow(row, everyIdempotencyRecord.key),
  thread: fromThreadRow,
  due: fromDueRow,
  state: fromStateRow,
  heartbeat: fromHeartbeatRow,
  scan: fromScanRow,
  outcome: fromOutcomeRow,
  poisoned: fromPoisonedRow,
} satisfies Readonly<Record<string, (row: ReadRow) => object>>;

export type RowKind = keyof typeof rowReaders;

/** What a row holds, without the version of the row that holds it. */
export const readRow = (kind: RowKind, columns: Columns): object => {
  const { partitionKey, rowKey } = columns;
  const { version: _, ...value } = { version: '', ...rowReaders[kind]({ partitionKey, rowKey, etag: '', columns }) };
  return value;
};

export type Columns = RowKey & Readonly<Record<string, unknown>>;

export const messageReaders = { delivery: parseDeliveryMessage, work: parseWorkMessage };

/** JSON text has no instants: they stand as `{ "$date": "…" }`. */
export const toFixtureText = (value: unknown): string => `${JSON.stringify(tagDates(value), null, 2)}\n`;

const tagDates = (value: unknown): unknown => {
  if (value instanceof Date) return { $date: value.toISOString() };
  if (Array.isArray(value)) return value.map(tagDates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, tagDates(one)]));
};

export const fromFixtureText = (text: string): JsonValue =>
  JSON.parse(text, (_name, value) => (typeof value?.$date === 'string' ? new Date(value.$date) : value));
