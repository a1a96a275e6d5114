import {
  agentEndpointIdOf,
  agentIdOf,
  answerOf,
  blockedByOf,
  conversationIdOf,
  endedAtOf,
  errorOf,
  publicPhaseOf,
  responseIdOf,
  sessionIdOf,
  skipReasonOf,
  statusOf,
  threadIdOf,
} from '../progress/run-facts.ts';
import type { Run } from '../run.ts';
import { dispatchIdOf, taskIdOf } from '../run-id.ts';
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

const textOf = {
  id: (run: Run) => run.id,
  status: (run: Run) => statusOf(run.state),
  phase: (run: Run) => publicPhaseOf(run.state),
  trigger_type: (run: Run) => run.triggerType,
  trigger_name: (run: Run) => run.triggerName,
  trigger_time_zone: (run: Run) => run.triggerTimeZone,
  attempt_source: (run: Run) => run.attemptSource,
  action_type: (run: Run) => run.action.type,
  agent_id: agentIdOf,
  agent_endpoint_id: agentEndpointIdOf,
  thread_id: threadIdOf,
  conversation_id: conversationIdOf,
  session_id: sessionIdOf,
  agent_session_id: sessionIdOf,
  dispatch_id: (run: Run) => dispatchIdOf(run.id),
  action_correlation_id: (run: Run) => dispatchIdOf(run.id),
  task_id: (run: Run) => taskIdOf(run.id),
  response_id: responseIdOf,
  output_text: (run: Run) => answerOf(run.state)?.outputText,
  error_type: (run: Run) => errorOf(run.state)?.type,
  error_message: (run: Run) => errorOf(run.state)?.message,
  skip_reason: (run: Run) => skipReasonOf(run.state),
  blocked_by: (run: Run) => blockedByOf(run.state),
  retry_of: (run: Run) => run.retryOf,
} as const satisfies Record<string, (run: Run) => string | undefined>;

const instantOf = {
  triggered_at: (run: Run) => run.triggeredAt,
  start_time: (run: Run) => run.triggeredAt,
  scheduled_fire_at: (run: Run) => run.scheduledFireAt,
  started_at: (run: Run) => run.startedAt,
  ended_at: (run: Run) => endedAtOf(run.state),
  end_time: (run: Run) => endedAtOf(run.state),
} as const satisfies Record<string, (run: Run) => Date | undefined>;

export type TextField = keyof typeof textOf;
const metadataPrefix = 'metadata.';
/** What follows the dot is a key as it was written: upper and lower case differ in it. */
export type MetadataField = `${typeof metadataPrefix}${string}`;
export type InstantField = keyof typeof instantOf;
export type NumberField = InstantField | 'error_status_code';

export const isTextField = (name: string): name is TextField => Object.hasOwn(textOf, name);
export const isMetadataField = (name: string): name is MetadataField =>
  name.startsWith(metadataPrefix) && name.length > metadataPrefix.length;
export const isInstantField = (name: string): name is InstantField => Object.hasOwn(instantOf, name);
export const filterFieldNames: readonly string[] = [
  ...Object.keys(textOf),
  ...Object.keys(instantOf),
  'error_status_code',
  `${metadataPrefix}<key>`,
];

/** A field that a run does not have equals nothing: only `!=` holds. */
export const matchesRun = (filter: RunFilter, run: Run): boolean =>
  filter.every((condition) =>
    condition.type === 'text'
      ? textHolds(condition, fieldText(condition.field, run))
      : numberHolds(condition, numberOf(condition.field, run)),
  );

const fieldText = (field: TextField | MetadataField, run: Run): string | undefined =>
  isTextField(field) ? textOf[field](run) : metadataOf(run, field.slice(metadataPrefix.length));

const metadataOf = ({ metadata = {} }: Run, key: string): string | undefined =>
  Object.hasOwn(metadata, key) ? metadata[key] : undefined;

const numberOf = (field: NumberField, run: Run): number | undefined =>
  field === 'error_status_code' ? errorOf(run.state)?.statusCode : instantOf[field](run)?.getTime();

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
