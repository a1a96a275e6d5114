import type { Routine } from '../../shared/domain/routine.ts';
import type { Run } from '../../shared/domain/run.ts';
import { toHeartbeatRow } from '../../shared/storage/tables/heartbeat-row.ts';
import { holdKey, toHoldRow } from '../../shared/storage/tables/hold-row.ts';
import { idempotencyKey, toIdempotencyRow } from '../../shared/storage/tables/idempotency-row.ts';
import { toOutcomeRow } from '../../shared/storage/tables/outcome-row.ts';
import { toPoisonedRow } from '../../shared/storage/tables/poisoned-row.ts';
import { definitionKey, listKeys, toRoutineRow, toTombstoneRow } from '../../shared/storage/tables/routine-row.ts';
import { toPointerRow, toRunRow } from '../../shared/storage/tables/run-row.ts';
import { toScanRow } from '../../shared/storage/tables/scan-row.ts';
import { toDueRow, toStateRow } from '../../shared/storage/tables/schedule-row.ts';
import type { Row } from '../../shared/storage/tables/table.ts';
import { threadKey, toThreadRow } from '../../shared/storage/tables/thread-row.ts';
import { aRoutine, aRun, at } from '../builders.ts';
import {
  everyAction,
  everyDueSlot,
  everyHeartbeat,
  everyHold,
  everyIdempotencyRecord,
  everyOutcomeRecord,
  everyPoisonedMessage,
  everyRoutine,
  everyScan,
  everyState,
  everyThreadHolder,
  everyTombstone,
  everyTrigger,
  runWith,
} from './every-value.ts';
import type { RowKind } from './stored-kinds.ts';

/** A row as it is written, and what it must say when it is read. */
export interface WrittenRow {
  readonly row: RowKind;
  readonly name: string;
  readonly columns: Row;
  readonly value: object;
}

const writeId = '0123456789abcdef';
const { project, routine } = everyDueSlot;

const rowsOfRoutine = (name: string, written: Routine): readonly WrittenRow[] => {
  const { newestFirst, oldestFirst } = listKeys(written);
  const rowAt = (key: Parameters<typeof toRoutineRow>[0]) => toRoutineRow(key, written, writeId);
  const definition = rowAt(definitionKey(written.project, written.name));
  return [
    { row: 'definition', name: `routine: ${name}`, columns: definition, value: { kind: 'routine', routine: written } },
    { row: 'list', name: `routine, newest first: ${name}`, columns: rowAt(newestFirst), value: written },
    { row: 'list', name: `routine, oldest first: ${name}`, columns: rowAt(oldestFirst), value: written },
  ];
};

const rowOfRun = (name: string, run: Run): WrittenRow => ({
  ...{ row: 'run', name: `run: ${name}`, columns: toRunRow(run, writeId), value: { run } },
});

const endedAt = at('2026-01-01T00:06:00Z');
const everyRun = Object.values(everyState).flatMap((state) =>
  Object.values(everyAction).map((action) => runWith(state, action)),
);
const { catchUpUntil: _, ...slotOnTime } = everyDueSlot;
const trigger = { project, routine, triggerName: everyDueSlot.triggerName };

/** What is written of every value: with all fields, and with none that may be absent. */
export const everyRow: readonly WrittenRow[] = [
  ...everyRoutine.flatMap((written) => rowsOfRoutine(written.action.type, written)),
  ...rowsOfRoutine('no optional field', aRoutine({ action: { type: 'invoke_agent_responses_api' } })),
  {
    ...{ row: 'definition', name: 'tombstone', columns: toTombstoneRow(everyTombstone, writeId) },
    value: { kind: 'tombstone', tombstone: everyTombstone },
  },
  ...everyRun.map((run) => rowOfRun(`${run.state.phase}, ${run.action.type}`, run)),
  rowOfRun('completed without an answer', aRun({ state: { phase: 'completed', endedAt, answer: {} } })),
  rowOfRun(
    'killed without a reason',
    aRun({ state: { phase: 'killed', endedAt, error: { type: 'cancelled', message: '' } } }),
  ),
  { row: 'pointer', name: 'pointer', columns: toPointerRow(aRun()), value: { id: aRun().id } },
  ...[everyHold, { active: everyHold.active }, {}].map(
    (hold): WrittenRow => ({
      ...{ row: 'hold', name: `hold: ${Object.keys(hold).join(' and ') || 'free'}`, value: hold },
      columns: toHoldRow(holdKey(project, routine), hold, writeId),
    }),
  ),
  {
    ...{ row: 'idempotency', name: 'idempotency', value: everyIdempotencyRecord },
    columns: toIdempotencyRow(idempotencyKey(project, routine, everyIdempotencyRecord.key), everyIdempotencyRecord),
  },
  {
    ...{ row: 'thread', name: 'thread', value: { holder: everyThreadHolder } },
    columns: toThreadRow(threadKey(project, 'thread_1'), everyThreadHolder, writeId),
  },
  { row: 'due', name: 'due: caught up on', columns: toDueRow(everyDueSlot), value: everyDueSlot },
  ...[slotOnTime, { ...slotOnTime, trigger: everyTrigger.timer }].map(
    (slot): WrittenRow => ({ row: 'due', name: `due: ${slot.trigger.type}`, columns: toDueRow(slot), value: slot }),
  ),
  ...[at('2026-01-01T01:00:00Z'), null].map(
    (next): WrittenRow => ({
      ...{ row: 'state', name: `state: ${next === null ? 'spent' : 'waiting'}` },
      columns: toStateRow({ ...trigger, plan: 48, next }, writeId),
      value: { triggerName: trigger.triggerName, plan: 48, next },
    }),
  ),
  { row: 'heartbeat', name: 'heartbeat', columns: toHeartbeatRow(everyHeartbeat), value: everyHeartbeat },
  { row: 'scan', name: 'scan', columns: toScanRow(everyScan), value: everyScan },
  { row: 'outcome', name: 'outcome', columns: toOutcomeRow(everyOutcomeRecord), value: everyOutcomeRecord },
  ...[
    everyPoisonedMessage,
    { ...everyPoisonedMessage, body: '{}', of: { project, routine } },
    { ...everyPoisonedMessage, body: 'hello', of: undefined },
  ].map((message): WrittenRow => {
    const columns = toPoisonedRow(message);
    const names = Object.keys(message.of ?? {}).join(', ') || 'nobody';
    return { row: 'poisoned', name: `poisoned, of ${names}`, columns, value: { id: columns.rowKey, ...message } };
  }),
];
