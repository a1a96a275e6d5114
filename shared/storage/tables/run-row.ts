import { z } from 'zod';
import type { ProjectName, RoutineName, RunId } from '../../domain/names.ts';
import type { Attempt, Run } from '../../domain/run.ts';
import { invertRunId } from '../../domain/run-id.ts';
import { projectName, routineName, runId, triggerName } from '../../domain/schema/name-schemas.ts';
import { instantInJson, jsonColumn, metadataColumn } from '../../domain/schema/stored-fields.ts';
import { truncateText } from '../../domain/truncate-text.ts';
import { actionColumns, fromActionColumns, toActionColumns } from './action-columns.ts';
import { decodeRow } from './row-codec.ts';
import { errorInJson, fromStateColumns, stateColumns, toStateColumns } from './run-state-columns.ts';
import { maxColumnLength, type ReadRow, type Row, type RowKey } from './table.ts';
import { triggerTypeColumn } from './trigger-column.ts';

const attemptsColumn = jsonColumn(
  z
    .array(
      z.object({
        number: z.int(),
        startedAt: instantInJson,
        endedAt: instantInJson,
        statusCode: z.int().optional(),
        error: errorInJson.optional(),
      }),
    )
    .readonly(),
);

const workInJson = z.object({
  ids: z.record(z.string(), z.string()),
  attempt: z.int(),
  startedAt: instantInJson,
  statusCode: z.int().optional(),
  deadline: instantInJson,
  isCancelledThere: z.literal(true).optional(),
});

const runColumns = actionColumns.extend({
  project: projectName,
  routine: routineName,
  id: runId,
  triggerType: triggerTypeColumn,
  triggerName: triggerName,
  attemptSource: z.enum(['schedule_delivery', 'timer_delivery', 'event_fire', 'queued_dispatch', 'manual_dispatch']),
  triggeredAt: z.date(),
  scheduledFireAt: z.date().optional(),
  triggerTimeZone: z.string().optional(),
  startedAt: z.date().optional(),
  attempts: attemptsColumn,
  work: jsonColumn(workInJson).optional(),
  missed: jsonColumn(z.object({ count: z.int(), firstAt: instantInJson, lastAt: instantInJson })).optional(),
  exclusive: z.enum(['skip_if_active', 'coalesce_if_active']).optional(),
  retryOf: runId.optional(),
  metadata: metadataColumn.optional(),
  writeId: z.string(),
});

/** All runs of a routine; they outlive it. Neither name can hold the `!`. */
export const runPartition = (project: ProjectName, routine: RoutineName): string => `${project}!${routine}`;

/** Newest first: keys sort by the complement of the run id. */
export const runRowKey = (id: string): string => `r!${invertRunId(id)}`;
export const runIdOfRowKey = (rowKey: string): string => invertRunId(rowKey.slice(2));

export const runKey = (project: ProjectName, routine: RoutineName, id: RunId): RowKey => ({
  partitionKey: runPartition(project, routine),
  rowKey: runRowKey(id),
});

/** The ascending list: rows of nothing but a key, since the run itself changes often and is written once. */
export const pointerRowKey = (id: string): string => `f!${id}`;
export const runIdOfPointer = (rowKey: string): string => rowKey.slice(2);

export const toPointerRow = ({ project, routine, id }: Run): Row => ({
  partitionKey: runPartition(project, routine),
  rowKey: pointerRowKey(id),
});

export const toRunRow = (run: Run, writeId: string): Row => {
  const { action, state, attempts, ...rest } = run;
  return {
    ...z.encode(runColumns, { ...rest, ...toActionColumns(action), attempts: fitColumn(attempts), writeId }),
    ...z.encode(stateColumns, toStateColumns(state)),
    ...runKey(run.project, run.routine, run.id),
  };
};

export const fromRunRow = (row: ReadRow): { readonly run: Run; readonly writeId: string } => {
  const { action, inputKind, input, writeId, ...rest } = decodeRow(runColumns, row);
  const state = fromStateColumns(decodeRow(stateColumns, row));
  return { run: { ...rest, action: fromActionColumns({ action, inputKind, input }), state }, writeId };
};

/** Twenty attempts with the longest messages do not fit a column. The record of a run must: messages give way. */
const fitColumn = (attempts: readonly Attempt[]): readonly Attempt[] => {
  for (const length of [1_024, 512, 256]) {
    const shortened = attempts.map((attempt) => withMessageUpTo(length, attempt));
    if (z.encode(attemptsColumn, shortened).length <= maxColumnLength) return shortened;
  }
  return attempts.map((attempt) => withMessageUpTo(0, attempt));
};

const withMessageUpTo = (length: number, attempt: Attempt): Attempt =>
  attempt.error === undefined
    ? attempt
    : { ...attempt, error: { ...attempt.error, message: truncateText(attempt.error.message, length) } };
