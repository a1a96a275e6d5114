import { createHash } from 'node:crypto';
import type { PoisonedMessage } from '../app/ports/run-store.ts';
import { runPartition } from './run-row.ts';
import { maxColumnLength, type Row } from './table.ts';

/** Of messages that do not say whose they are. No project's name begins like this. */
const unattributedPartition = '!poisoned';

/**
 * A poisoned message beside the runs of its routine. The key follows from what was poisoned, so that keeping it again
 * after a crash writes the same row. A body longer than a column goes on in `body1`, `body2`.
 */
export const toPoisonedRow = ({ queue, body, poisonedAt, of }: PoisonedMessage): Row => {
  const hash = createHash('sha256')
    .update(JSON.stringify([queue, body]))
    .digest('hex')
    .slice(0, 32);
  const columns = splitText(body).map((part, index) => [`body${index}`, part] as const);
  return {
    partitionKey: of === undefined ? unattributedPartition : runPartition(of.project, of.routine),
    rowKey: `x!${of?.runId ?? ''}!${hash}`,
    queue,
    poisonedAt,
    ...(of === undefined ? {} : { project: of.project, routine: of.routine, runId: of.runId }),
    ...Object.fromEntries(columns),
  };
};

/** A character outside the basic plane is two code units, and they stay together. */
const splitText = (text: string): readonly string[] => {
  const parts: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = start + maxColumnLength;
    const cutsPair = /[\uD800-\uDBFF]/.test(text.charAt(end - 1)) && end < text.length;
    const part = text.slice(start, cutsPair ? end - 1 : end);
    parts.push(part);
    start += part.length;
  }
  return parts;
};
