import type { Run } from '../run.ts';
import { type MetadataField, type NumberField, numberIn, type TextField, textIn } from './filter-fields.ts';
import { likeMatches } from './like-pattern.ts';

/** All conditions hold. An empty filter lets every run through. */
export type RunFilter = readonly RunCondition[];

/** `in`: equals one of the values. `not_in`: equals none. The others compare with the one value there is. */
export type RunCondition =
  | {
      readonly type: 'text';
      readonly field: TextField | MetadataField;
      readonly operator: 'in' | 'not_in' | 'like';
      /** Lower case; a status by its word (`finished`). */
      readonly values: readonly string[];
    }
  | {
      readonly type: 'number';
      /** Instants are milliseconds since 1970. */
      readonly field: NumberField;
      readonly operator: 'in' | 'not_in' | '>' | '>=' | '<' | '<=';
      readonly values: readonly number[];
    };

/** A field that a run does not have equals nothing: only `!=` holds. */
export const matchesRun = (filter: RunFilter, run: Run): boolean =>
  filter.every((condition) =>
    condition.type === 'text'
      ? textHolds(condition, textIn(run, condition.field))
      : numberHolds(condition, numberIn(run, condition.field)),
  );

const textHolds = (condition: RunCondition & { type: 'text' }, text: string | undefined): boolean => {
  const { operator, values } = condition;
  if (text === undefined) return operator === 'not_in';
  const lower = text.toLowerCase();
  switch (operator) {
    case 'in':
      return values.includes(lower);
    case 'not_in':
      return !values.includes(lower);
    case 'like':
      return values.some((pattern) => likeMatches(pattern, lower));
    default:
      return operator satisfies never;
  }
};

const numberHolds = (condition: RunCondition & { type: 'number' }, n: number | undefined): boolean => {
  const { operator, values } = condition;
  if (n === undefined) return operator === 'not_in';
  switch (operator) {
    case 'in':
      return values.includes(n);
    case 'not_in':
      return !values.includes(n);
    case '>':
      return values.some((value) => n > value);
    case '>=':
      return values.some((value) => n >= value);
    case '<':
      return values.some((value) => n < value);
    case '<=':
      return values.some((value) => n <= value);
    default:
      return operator satisfies never;
  }
};

/** What fits the 48 bits of time in a run id. */
const lastInstant = 2 ** 48 - 1;

/**
 * Between which `triggeredAt` (both inclusive) every match lies, so that a store reads no other runs. Never narrower
 * than the filter; `since` after `until` when nothing can match.
 */
export const runFilterBounds = (filter: RunFilter): { readonly since?: Date; readonly until?: Date } => {
  const lower: number[] = [];
  const upper: number[] = [];
  for (const condition of filter) {
    if (condition.type !== 'number') continue;
    const { field, operator, values } = condition;
    if (field !== 'triggered_at' && field !== 'start_time') continue;
    if (operator === '>' || operator === '>=' || operator === 'in') lower.push(Math.min(...values));
    if (operator === '<' || operator === '<=' || operator === 'in') upper.push(Math.max(...values));
  }
  return {
    ...(lower.length > 0 && { since: toInstant(Math.floor(Math.max(...lower))) }),
    ...(upper.length > 0 && { until: toInstant(Math.ceil(Math.min(...upper))) }),
  };
};

const toInstant = (milliseconds: number): Date => new Date(Math.min(Math.max(milliseconds, 0), lastInstant));
