import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { KeptMessage, PoisonedMessage } from '../../app/ports/poisoned-store.ts';
import type { ProjectName, RunId } from '../../domain/names.ts';
import { truncateErrorMessage } from '../../domain/progress/call-verdict.ts';
import { projectName, routineName, runId } from '../../domain/schema/name-schemas.ts';
import { decodeRow } from './row-codec.ts';
import { maxColumnLength, type ReadRow, type Row, type RowKey, type RowRange } from './table.ts';

/** One partition for all of them: there are few, and an operator asks for them together. No project begins like this. */
const partitionKey = '!poisoned';

/** All messages; those of a project; those of one of its runs; nobody's for an empty project. */
export const poisonedRange = (project?: ProjectName | '', run?: RunId): RowRange => {
  const parts = ['x', ...(project === undefined ? [] : [project]), ...(run === undefined ? [] : [run])];
  const prefix = parts.join('!');
  return { partitionKey, after: `${prefix}!`, before: `${prefix}"` };
};

export const poisonedKey = (id: string): RowKey => ({ partitionKey, rowKey: id });

const poisonedColumns = z.object({
  queue: z.enum(['delivery', 'work']),
  reason: z.string(),
  poisonedAt: z.date(),
  project: projectName.optional(),
  routine: routineName.optional(),
  runId: runId.optional(),
});

/**
 * The key follows from what was poisoned, so that keeping it again after a crash writes the same row. A body longer than
 * a column goes on in `body1`, `body2`.
 */
export const toPoisonedRow = ({ queue, body, reason, poisonedAt, of }: PoisonedMessage): Row => {
  const hash = createHash('sha256')
    .update(JSON.stringify([queue, body]))
    .digest('hex')
    .slice(0, 32);
  const columns = splitText(body).map((part, index) => [`body${index}`, part] as const);
  return {
    ...z.encode(poisonedColumns, { queue, reason: truncateErrorMessage(reason), poisonedAt, ...of }),
    ...Object.fromEntries(columns),
    ...poisonedKey(`x!${of?.project ?? ''}!${of?.runId ?? ''}!${hash}`),
  };
};

export const fromPoisonedRow = (row: ReadRow): KeptMessage => {
  const { project, routine, runId, ...columns } = decodeRow(poisonedColumns, row);
  const message = { id: row.rowKey, ...columns, body: joinText(row) };
  if (project === undefined || routine === undefined) return message;
  return { ...message, of: { project, routine, ...(runId !== undefined && { runId }) } };
};

/** A character outside the basic plane is two code units, and they stay together. */
const splitText = (text: string): readonly string[] => {
  const parts: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = start + maxColumnLength;
    const cutsPair = /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
    const part = text.slice(start, cutsPair ? end - 1 : end);
    parts.push(part);
    start += part.length;
  }
  return parts;
};

const bodyColumns = z.record(z.string(), z.unknown());

const joinText = (row: ReadRow): string => {
  const columns = decodeRow(bodyColumns, row);
  const parts: string[] = [];
  for (let part = columns.body0; typeof part === 'string'; part = columns[`body${parts.length}`]) parts.push(part);
  return parts.join('');
};
