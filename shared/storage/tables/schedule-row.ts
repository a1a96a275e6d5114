import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { DueSlot, TriggerSchedule } from '../../app/ports/schedule-store.ts';
import { withFields } from '../../domain/every-field.ts';
import type { ProjectName, RoutineName, TriggerName } from '../../domain/names.ts';
import { projectName, routineName, triggerName } from '../../domain/schema/name-schemas.ts';
import type { StoredFields } from '../../domain/schema/stored-fields.ts';
import { hexOfInstant } from '../../domain/sortable-hex.ts';
import { decodeRow, toRow, unknownColumnsOf, versionOf } from './row-codec.ts';
import { formatUnknown, parseUnknown } from './row-version.ts';
import type { ReadRow, Row, RowKey, RowRange } from './table.ts';
import { timedTriggerColumn } from './trigger-column.ts';

/** Fixed for ever: it says where the rows of a routine are. */
export const shardCount = 16;

/** 128 bits, so that names of any length and any case make keys that are short and never collide. */
const hashOf = (...names: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 32);

export const shardOf = (project: ProjectName, routine: RoutineName): number =>
  Number.parseInt(hashOf(project, routine).slice(0, 8), 16) % shardCount;

const shardPartition = (shard: number): string => shard.toString().padStart(2, '0');

/** All due rows of a shard up to and including the horizon. */
export const dueRange = (shard: number, horizon: Date): RowRange => ({
  partitionKey: shardPartition(shard),
  after: 'd!',
  before: `d!${hexOfInstant(horizon)}"`,
});

/** All state rows of a routine. */
export const stateRange = (project: ProjectName, routine: RoutineName): RowRange => {
  const prefix = `s!${hashOf(project, routine)}`;
  return { partitionKey: shardPartition(shardOf(project, routine)), after: `${prefix}!`, before: `${prefix}"` };
};

/** Whose row it is. */
export interface ScheduledTrigger {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly triggerName: TriggerName;
}

export const stateKey = ({ project, routine, triggerName }: ScheduledTrigger): RowKey => ({
  partitionKey: shardPartition(shardOf(project, routine)),
  rowKey: `s!${hashOf(project, routine)}!${hashOf(triggerName)}`,
});

export const dueKey = (slot: ScheduledTrigger & { readonly nominal: Date; readonly plan: number }): RowKey => {
  const { project, routine, triggerName, nominal, plan } = slot;
  return {
    partitionKey: shardPartition(shardOf(project, routine)),
    rowKey: `d!${hexOfInstant(nominal)}!${hashOf(project, routine)}!${hashOf(triggerName)}!${plan}`,
  };
};

const trigger = { project: projectName, routine: routineName, triggerName: triggerName };

const dueColumns = z.object({
  ...trigger,
  trigger: timedTriggerColumn,
  plan: z.int(),
  nominal: z.date(),
  catchUpUntil: z.date().optional(),
} satisfies StoredFields<Omit<DueSlot, 'unknownColumns'>>);

export const toDueRow = ({ unknownColumns, ...slot }: DueSlot): Row =>
  toRow(dueKey(slot), {
    ...(unknownColumns !== undefined && parseUnknown(unknownColumns)),
    ...z.encode(dueColumns, slot),
  });

/** With the columns that only a newer version knows: the row of the next slot takes them over. */
export const fromDueRow = (row: ReadRow): DueSlot => {
  const slot = decodeRow(dueColumns, row);
  const unknown = unknownColumnsOf(row, dueColumns);
  return Object.keys(unknown).length === 0 ? slot : { ...slot, unknownColumns: formatUnknown(unknown) };
};

const stateColumns = z.object({
  ...({ ...trigger, plan: z.int() } satisfies StoredFields<Omit<TriggerState, 'next'>>),
  next: z.date().optional(),
  writeId: z.string(),
});

/** `next` is the nominal time of the trigger's due row; null when its plan is spent and there is none. */
export interface TriggerState extends ScheduledTrigger {
  readonly plan: number;
  readonly next: Date | null;
}

export const toStateRow = ({ next, ...state }: TriggerState, writeId: string): Row =>
  toRow(stateKey(state), z.encode(stateColumns, { ...state, next: next ?? undefined, writeId }));

export const fromStateRow = (row: ReadRow): TriggerSchedule => {
  const { triggerName, plan, next = null } = decodeRow(stateColumns, row);
  return withFields<TriggerSchedule>({ triggerName, plan, next, version: versionOf(row, stateColumns) });
};
