import * as z from 'zod';
import type { StoredRun } from '../../app/ports/run-store.ts';
import { exclusivePolicies } from '../../domain/concurrency.ts';
import type { ProjectName, RoutineName, RunId } from '../../domain/names.ts';
import {
  type AcceptedWork,
  type Attempt,
  attemptSources,
  type BusyWait,
  type MissedSlots,
  type Run,
} from '../../domain/run.ts';
import { invertRunId } from '../../domain/run-id.ts';
import { projectName, routineName, runId, triggerName } from '../../domain/schema/name-schemas.ts';
import {
  instantInJson,
  jsonColumn,
  metadataColumn,
  type StoredFields,
  storedObject,
} from '../../domain/schema/stored-fields.ts';
import { truncateText } from '../../domain/truncate-text.ts';
import { actionColumns, fromActionColumns, toActionColumns } from './action-columns.ts';
import { decodeRow, toRow, versionOf } from './row-codec.ts';
import { errorInJson, fromStateColumns, stateColumns, toStateColumns } from './run-state-columns.ts';
import { maxColumnLength, type ReadRow, type Row, type RowKey } from './table.ts';
import { triggerTypeColumn } from './trigger-column.ts';

const attemptInJson = storedObject({
  number: z.int(),
  startedAt: instantInJson,
  endedAt: instantInJson,
  statusCode: z.int().optional(),
  error: errorInJson.optional(),
} satisfies StoredFields<Attempt>);

const attemptsColumn = jsonColumn(z.array(attemptInJson).readonly());

const workInJson = storedObject({
  ids: z.record(z.string(), z.string()),
  attempt: z.int(),
  startedAt: instantInJson,
  statusCode: z.int().optional(),
  deadline: instantInJson,
  isCancelledThere: z.literal(true).optional(),
} satisfies StoredFields<AcceptedWork>);

const waitedInJson = storedObject({
  reason: z.string(),
  times: z.int(),
  since: instantInJson,
  unfoundSince: instantInJson.optional(),
} satisfies StoredFields<BusyWait>);

const missedInJson = storedObject({
  count: z.int(),
  firstAt: instantInJson,
  lastAt: instantInJson,
} satisfies StoredFields<MissedSlots>);

const runColumns = actionColumns.extend({
  ...({
    project: projectName,
    routine: routineName,
    id: runId,
    triggerType: triggerTypeColumn,
    triggerName: triggerName,
    attemptSource: z.enum(attemptSources),
    triggeredAt: z.date(),
    scheduledFireAt: z.date().optional(),
    triggerTimeZone: z.string().optional(),
    startedAt: z.date().optional(),
    attempts: attemptsColumn,
    work: jsonColumn(workInJson).optional(),
    lives: z.int().optional(),
    waited: jsonColumn(waitedInJson).optional(),
    deadlineSeconds: z.int().optional(),
    missed: jsonColumn(missedInJson).optional(),
    exclusive: z.enum(exclusivePolicies).optional(),
    retryOf: runId.optional(),
    metadata: metadataColumn.optional(),
  } satisfies StoredFields<Omit<Run, 'action' | 'state'>>),
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

/** The ascending list: rows that only name a run, since the run itself changes often and is written once. */
export const pointerRowKey = (id: string): string => `f!${id}`;
export const runIdOfPointer = (rowKey: string): string => rowKey.slice(2);

export const toPointerRow = ({ project, routine, id }: Run): Row =>
  toRow({ partitionKey: runPartition(project, routine), rowKey: pointerRowKey(id) }, {});

export const toRunRow = (run: Run, writeId: string): Row => {
  const { action, state, attempts, ...rest } = run;
  return toRow(runKey(run.project, run.routine, run.id), {
    ...z.encode(runColumns, { ...rest, ...toActionColumns(action), attempts: fitColumn(attempts), writeId }),
    ...z.encode(stateColumns, toStateColumns(state)),
  });
};

export const fromRunRow = (row: ReadRow): StoredRun => {
  const { action, inputKind, input, writeId: _, ...rest } = decodeRow(runColumns, row);
  const state = fromStateColumns(decodeRow(stateColumns, row));
  const run: Run = { ...rest, action: fromActionColumns({ action, inputKind, input }), state };
  return { run, version: versionOf(row, runColumns, stateColumns) };
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
