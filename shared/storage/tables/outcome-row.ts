import * as z from 'zod';
import type { OutcomeCounts, OutcomeRecord } from '../../app/ports/outcome-store.ts';
import { withFields } from '../../domain/every-field.ts';
import type { ProjectName } from '../../domain/names.ts';
import { projectName } from '../../domain/schema/name-schemas.ts';
import type { StoredFields } from '../../domain/schema/stored-fields.ts';
import { decodeRow, toRow } from './row-codec.ts';
import type { ReadRow, Row, RowRange } from './table.ts';

/** Beside the runs, of whose partitions none begins like this. */
const partitionOf = (project: ProjectName): string => `!outcomes!${project}`;

export const outcomeRange = (project: ProjectName): RowRange => ({ partitionKey: partitionOf(project) });

const outcomeColumns = z.object({
  ...({ project: projectName, minute: z.date(), instance: z.int() } satisfies StoredFields<
    Omit<OutcomeRecord, 'counts'>
  >),
  ...({ completed: z.int(), failed: z.int(), killed: z.int() } satisfies StoredFields<OutcomeCounts>),
});

const twoDigits = (number: number): string => number.toString().padStart(2, '0');

/** The key comes round every hour, so that rows never grow in number; the minute in full tells which hour it is. */
export const toOutcomeRow = ({ counts, ...record }: OutcomeRecord): Row =>
  toRow(
    {
      partitionKey: partitionOf(record.project),
      rowKey: `${twoDigits(record.minute.getUTCMinutes())}!${twoDigits(record.instance)}`,
    },
    z.encode(outcomeColumns, { ...record, ...counts }),
  );

export const fromOutcomeRow = (row: ReadRow): OutcomeRecord => {
  const { project, minute, instance, ...counts } = decodeRow(outcomeColumns, row);
  return withFields<OutcomeRecord>({ project, minute, instance, counts });
};
