import * as z from 'zod';
import type { StoredRoutine } from '../../app/ports/routine-store.ts';
import { type CatchUp, cappedPolicy, catchUpPolicies } from '../../domain/catch-up.ts';
import { concurrencyPolicies } from '../../domain/concurrency.ts';
import { type NothingLeft, withFields } from '../../domain/every-field.ts';
import { storedTrigger } from '../../domain/kinds/trigger-kinds.ts';
import type { ProjectName, RoutineName } from '../../domain/names.ts';
import { authorizationIdentities, type Routine, type Tombstone } from '../../domain/routine.ts';
import { projectName, routineName, triggerName } from '../../domain/schema/name-schemas.ts';
import {
  instantInJson,
  jsonColumn,
  metadataColumn,
  type StoredFields,
  storedObject,
} from '../../domain/schema/stored-fields.ts';
import { invertHex } from '../../domain/sortable-hex.ts';
import type { RoutineTrigger } from '../../domain/trigger.ts';
import { actionColumns, fromActionColumns, toActionColumns } from './action-columns.ts';
import { decodeRow, toRow, versionOf } from './row-codec.ts';
import type { ReadRow, Row, RowKey } from './table.ts';

const triggerInRow = storedObject({
  name: triggerName,
  trigger: storedTrigger,
  enabled: z.boolean(),
  plan: z.int(),
  since: instantInJson,
} satisfies StoredFields<RoutineTrigger>);

type CappedCatchUp = Extract<CatchUp, { readonly policy: typeof cappedPolicy }>;

const catchUpInJson = z.discriminatedUnion('policy', [
  storedObject({ policy: z.enum(catchUpPolicies).exclude([cappedPolicy]) } satisfies StoredFields<
    Exclude<CatchUp, CappedCatchUp>
  >),
  storedObject({ policy: z.literal(cappedPolicy), cap: z.int() } satisfies StoredFields<CappedCatchUp>),
]);

const routineColumns = actionColumns.extend({
  kind: z.literal('routine'),
  ...({
    project: projectName,
    name: routineName,
    description: z.string().optional(),
    enabled: z.boolean(),
    triggers: jsonColumn(z.array(triggerInRow).readonly()),
    catchUp: jsonColumn(catchUpInJson),
    concurrencyPolicy: z.enum(concurrencyPolicies),
    deadlineSeconds: z.int().optional(),
    metadata: metadataColumn.optional(),
    archivedAt: z.date().optional(),
    createdAt: z.date(),
    updatedAt: z.date(),
    generation: z.int(),
    createdKey: z.string().regex(/^[0-9a-f]+$/, 'expected hex digits'),
  } satisfies StoredFields<Omit<Routine, 'action' | 'authorization'>>),
  authorization: z.enum(authorizationIdentities),
  writeId: z.string(),
});

const tombstoneColumns = z.object({
  kind: z.literal('tombstone'),
  ...({
    project: projectName,
    name: routineName,
    deletedAt: z.date(),
    generation: z.int(),
  } satisfies StoredFields<Tombstone>),
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
  const { identity, ...nothing } = authorization;
  nothing satisfies NothingLeft;
  const columns = { ...rest, ...toActionColumns(action), authorization: identity, writeId };
  return toRow(key, z.encode(routineColumns, { kind: 'routine', ...columns }));
};

export const toTombstoneRow = (tombstone: Tombstone, writeId: string): Row =>
  toRow(
    definitionKey(tombstone.project, tombstone.name),
    z.encode(tombstoneColumns, { kind: 'tombstone', ...tombstone, writeId }),
  );

export const fromDefinitionRow = (row: ReadRow): StoredRoutine => {
  const { writeId: _, ...columns } = decodeRow(definitionColumns, row);
  const version = versionOf(row, definitionColumns);
  if (columns.kind === 'routine') return { kind: columns.kind, routine: toRoutine(columns), version };
  const { kind, ...tombstone } = columns;
  return { kind, tombstone, version };
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
    authorization: withFields<Routine['authorization']>({ identity: authorization }),
  };
};
