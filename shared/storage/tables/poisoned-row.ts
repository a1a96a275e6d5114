import { createHash } from 'node:crypto';
import * as z from 'zod';
import { queueNames } from '../../app/ports/messages.ts';
import type { KeptMessage, PoisonedMessage } from '../../app/ports/poisoned-store.ts';
import { type NothingLeft, withFields } from '../../domain/every-field.ts';
import type { ProjectName, RunId } from '../../domain/names.ts';
import { truncateErrorMessage } from '../../domain/progress/call-verdict.ts';
import { projectName, routineName, runId } from '../../domain/schema/name-schemas.ts';
import type { StoredFields } from '../../domain/schema/stored-fields.ts';
import { decodeRow, toRow } from './row-codec.ts';
import { maxColumnLength, type ReadRow, type Row, type RowKey, type RowRange } from './table.ts';

/** One partition for all of them: there are few, and an operator asks for them together. No project begins like this. */
const partitionKey = '!poisoned';

/** All messages; those of a project; those of one of its runs; for an empty project those that do not say whose they are. */
export const poisonedRange = (project?: ProjectName | '', run?: RunId): RowRange => {
  const parts = ['x', ...(project === undefined ? [] : [project]), ...(run === undefined ? [] : [run])];
  const prefix = parts.join('!');
  return { partitionKey, after: `${prefix}!`, before: `${prefix}"` };
};

export const poisonedKey = (id: string): RowKey => ({ partitionKey, rowKey: id });

type Owner = NonNullable<PoisonedMessage['of']>;

const poisonedColumns = z.object({
  ...({
    queue: z.enum(queueNames),
    reason: z.string(),
    poisonedAt: z.date(),
  } satisfies StoredFields<Omit<PoisonedMessage, 'body' | 'of'>>),
  ...({
    project: projectName.optional(),
    routine: routineName.optional(),
    runId: runId.optional(),
  } satisfies StoredFields<Partial<Owner>>),
});

/**
 * The key follows from what was poisoned, so that keeping it again after a crash writes the same row. A body longer than
 * a column goes on in `body1`, `body2`.
 */
export const toPoisonedRow = ({ body, of, ...message }: PoisonedMessage): Row => {
  const hash = createHash('sha256')
    .update(JSON.stringify([message.queue, body]))
    .digest('hex')
    .slice(0, 32);
  const columns = splitText(body).map((part, index) => [`body${index}`, part] as const);
  const reason = truncateErrorMessage(message.reason);
  return toRow(poisonedKey(`x!${of?.project ?? ''}!${of?.runId ?? ''}!${hash}`), {
    ...z.encode(poisonedColumns, { ...message, reason, ...of }),
    ...Object.fromEntries(columns),
  });
};

export const fromPoisonedRow = (row: ReadRow): KeptMessage => {
  const { queue, reason, poisonedAt, project, routine, runId, ...rest } = decodeRow(poisonedColumns, row);
  rest satisfies NothingLeft;
  return withFields<KeptMessage>({
    ...{ id: row.rowKey, queue, body: joinText(row), reason, poisonedAt },
    of: project === undefined || routine === undefined ? undefined : withFields<Owner>({ project, routine, runId }),
  });
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
