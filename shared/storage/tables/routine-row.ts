import { z } from 'zod';
import type { StoredRoutine } from '../../app/ports/routine-store.ts';
import type { CatchUp } from '../../domain/catch-up.ts';
import { concurrencyPolicies } from '../../domain/concurrency.ts';
import { storedTrigger } from '../../domain/kinds/trigger-kinds.ts';
import type { ProjectName, RoutineName } from '../../domain/names.ts';
import type { Routine, Tombstone } from '../../domain/routine.ts';
import { projectName, routineName, triggerName } from '../../domain/schema/name-schemas.ts';
import { instantInJson, jsonColumn, metadataColumn } from '../../domain/schema/stored-fields.ts';
import { invertHex } from '../../domain/sortable-hex.ts';
import { actionColumns, fromActionColumns, toActionColumns } from './action-columns.ts';
import { decodeRow } from './row-codec.ts';
import type { ReadRow, Row, RowKey } from './table.ts';

const triggerInRow = z.object({
  name: triggerName,
  trigger: storedTrigger,
  enabled: z.boolean(),
  plan: z.int(),
  since: instantInJson,
});

const catchUpInJson = z.discriminatedUnion('policy', [
  z.object({ policy: z.literal('skip_missed') }),
  z.object({ policy: z.literal('enqueue_latest') }),
  z.object({ policy: z.literal('enqueue_missed_with_cap'), cap: z.int() }),
]) satisfies z.ZodType<CatchUp>;

const routineColumns = actionColumns.extend({
  kind: z.literal('routine'),
  project: projectName,
  name: routineName,
  description: z.string().optional(),
  enabled: z.boolean(),
  triggers: jsonColumn(z.array(triggerInRow).readonly()),
  authorization: z.enum(['agent', 'creator']),
  catchUp: jsonColumn(catchUpInJson),
  concurrencyPolicy: z.enum(concurrencyPolicies),
  metadata: metadataColumn.optional(),
  archivedAt: z.date().optional(),
  createdAt: z.date(),
  updatedAt: z.date(),
  generation: z.int(),
  createdKey: z.string().regex(/^[0-9a-f]+$/, 'expected hex digits'),
  writeId: z.string(),
});

const tombstoneColumns = z.object({
  kind: z.literal('tombstone'),
  project: projectName,
  name: routineName,
  deletedAt: z.date(),
  generation: z.int(),
  writeId: z.string(),
});

const definitionColumns = z.discriminatedUnion('kind', [routineColumns, tombstoneColumns]);

export const definitionKey = (project: ProjectName, name: RoutineName): RowKey => ({
  partitionKey: project,
  rowKey: `r!${name}`,
});

/** The key in the newest-first list is the complement of the other: one order is the exact reverse of the other. */
export const listKeys = ({ project, name, createdKey }: Pick<Routine, 'project' | 'name' | 'createdKey'>) => ({
  oldestFirst: { partitionKey: project, rowKey: `o!${createdKey}!${name}` },
  newestFirst: { partitionKey: project, rowKey: `n!${invertHex(createdKey)}!${name}` },
});

export const toRoutineRow = (key: RowKey, routine: Routine, writeId: string): Row => {
  const { action, authorization, ...rest } = routine;
  const columns = { ...rest, ...toActionColumns(action), authorization: authorization.identity, writeId };
  return { ...z.encode(routineColumns, { kind: 'routine', ...columns }), ...key };
};

export const toTombstoneRow = (tombstone: Tombstone, writeId: string): Row => ({
  ...z.encode(tombstoneColumns, { kind: 'tombstone', ...tombstone, writeId }),
  ...definitionKey(tombstone.project, tombstone.name),
});

export const fromDefinitionRow = (row: ReadRow): StoredRoutine & { readonly writeId: string } => {
  const { writeId, ...columns } = decodeRow(definitionColumns, row);
  const { version } = row;
  if (columns.kind === 'routine') return { kind: columns.kind, routine: toRoutine(columns), version, writeId };
  const { kind, ...tombstone } = columns;
  return { kind, tombstone, version, writeId };
};

export const fromListRow = (row: ReadRow): Routine => {
  const { writeId: _, ...columns } = decodeRow(routineColumns, row);
  return toRoutine(columns);
};

const toRoutine = (columns: Omit<z.output<typeof routineColumns>, 'writeId'>): Routine => {
  const { kind: _, action, inputKind, input, authorization, ...rest } = columns;
  return {
    ...rest,
    action: fromActionColumns({ action, inputKind, input }),
    authorization: { identity: authorization },
  };
};
