import type { AnyOf } from '../every-field.ts';
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
import type { AgentAnswer, Run, RunError, RunState } from '../run.ts';
import { dispatchIdOf, taskIdOf } from '../run-id.ts';

/** For every field: the names by which a filter asks for it, or why none does. */
type FilterNames<Value> = { readonly [Field in keyof Required<Value>]: readonly string[] | WithoutName };
type WithoutName = { readonly none: string };

const ofRun = {
  project: { none: 'the request names it' },
  routine: { none: 'the request names it' },
  id: ['id', 'dispatch_id', 'action_correlation_id', 'task_id'],
  triggerType: ['trigger_type'],
  triggerName: ['trigger_name'],
  attemptSource: ['attempt_source'],
  action: [
    'action_type',
    'agent_id',
    'agent_endpoint_id',
    'conversation_id',
    'session_id',
    'agent_session_id',
    'thread_id',
  ],
  triggeredAt: ['triggered_at', 'start_time'],
  scheduledFireAt: ['scheduled_fire_at'],
  triggerTimeZone: ['trigger_time_zone'],
  startedAt: ['started_at'],
  attempts: { none: 'a list; how the last one ended stands in the state' },
  work: ['response_id', 'session_id', 'agent_session_id', 'thread_id'],
  lives: { none: 'internal: how often its process died' },
  waited: { none: 'a remark on the time that it took' },
  deadlineSeconds: { none: 'of the routine' },
  missed: { none: 'skip_reason finds these runs' },
  exclusive: { none: 'internal: how the run was claimed' },
  retryOf: ['retry_of'],
  metadata: ['metadata.<key>'],
  state: { none: 'its fields stand below' },
} as const satisfies FilterNames<Run>;

const ofState = {
  phase: ['phase', 'status'],
  claim: { none: 'internal: which delivery is at work' },
  retryAt: { none: 'internal: it passes within seconds' },
  polls: { none: 'internal: how often the agent was asked' },
  notBefore: { none: 'internal: it passes within seconds' },
  endedAt: ['ended_at', 'end_time'],
  answer: { none: 'its fields stand below' },
  error: { none: 'its fields stand below' },
  skipReason: ['skip_reason'],
  blockedBy: ['blocked_by'],
} as const satisfies FilterNames<AnyOf<RunState>>;

const ofAnswer = {
  responseId: ['response_id'],
  sessionId: ['session_id', 'agent_session_id'],
  outputText: ['output_text'],
  outputTruncated: { none: 'a remark on output_text' },
  outputNote: ['output_note'],
  usage: ['usage.input_tokens', 'usage.output_tokens', 'usage.total_tokens'],
} as const satisfies FilterNames<AgentAnswer>;

const ofError = {
  statusCode: ['error_status_code'],
  type: ['error_type'],
  message: ['error_message'],
} as const satisfies FilterNames<RunError>;

type NamesIn<Names> = Exclude<Names[keyof Names], WithoutName>;
type FieldName = (
  | NamesIn<typeof ofRun>
  | NamesIn<typeof ofState>
  | NamesIn<typeof ofAnswer>
  | NamesIn<typeof ofError>
)[number];

type MetadataName = 'metadata.<key>';
const metadataName: MetadataName = 'metadata.<key>';

/** Readers of fields with such values, by name. */
type Readers<Value> = { readonly [Name in Exclude<FieldName, MetadataName>]?: (run: Run) => Value | undefined };

const textOf = {
  id: ({ id }) => id,
  status: ({ state }) => statusOf(state),
  phase: ({ state }) => publicPhaseOf(state),
  trigger_type: ({ triggerType }) => triggerType,
  trigger_name: ({ triggerName }) => triggerName,
  trigger_time_zone: ({ triggerTimeZone }) => triggerTimeZone,
  attempt_source: ({ attemptSource }) => attemptSource,
  action_type: ({ action }) => action.type,
  agent_id: agentIdOf,
  agent_endpoint_id: agentEndpointIdOf,
  thread_id: threadIdOf,
  conversation_id: conversationIdOf,
  session_id: sessionIdOf,
  agent_session_id: sessionIdOf,
  dispatch_id: ({ id }) => dispatchIdOf(id),
  action_correlation_id: ({ id }) => dispatchIdOf(id),
  task_id: ({ id }) => taskIdOf(id),
  response_id: responseIdOf,
  output_text: ({ state }) => answerOf(state)?.outputText,
  output_note: ({ state }) => answerOf(state)?.outputNote,
  error_type: ({ state }) => errorOf(state)?.type,
  error_message: ({ state }) => errorOf(state)?.message,
  skip_reason: ({ state }) => skipReasonOf(state),
  blocked_by: ({ state }) => blockedByOf(state),
  retry_of: ({ retryOf }) => retryOf,
} satisfies Readers<string>;

const instantOf = {
  triggered_at: ({ triggeredAt }) => triggeredAt,
  start_time: ({ triggeredAt }) => triggeredAt,
  scheduled_fire_at: ({ scheduledFireAt }) => scheduledFireAt,
  started_at: ({ startedAt }) => startedAt,
  ended_at: ({ state }) => endedAtOf(state),
  end_time: ({ state }) => endedAtOf(state),
} satisfies Readers<Date>;

const countOf = {
  error_status_code: ({ state }) => errorOf(state)?.statusCode,
  'usage.input_tokens': ({ state }) => answerOf(state)?.usage?.inputTokens,
  'usage.output_tokens': ({ state }) => answerOf(state)?.usage?.outputTokens,
  'usage.total_tokens': ({ state }) => answerOf(state)?.usage?.totalTokens,
} satisfies Readers<number>;

/** Every name has its reader: one that a field above is asked for by, and that nothing reads, does not compile. */
const readers: Required<Readers<string | Date | number>> = { ...textOf, ...instantOf, ...countOf };

/** In the order in which a caller is told of them. */
export const filterFieldNames: readonly string[] = [...Object.keys(readers), metadataName];

export type TextField = keyof typeof textOf;
export type InstantField = keyof typeof instantOf;
export type CountField = keyof typeof countOf;
export type NumberField = InstantField | CountField;
const metadataPrefix = 'metadata.';
/** What follows the dot is a key as it was written: upper and lower case differ in it. */
export type MetadataField = `${typeof metadataPrefix}${string}`;

export const isTextField = (name: string): name is TextField => Object.hasOwn(textOf, name);
export const isInstantField = (name: string): name is InstantField => Object.hasOwn(instantOf, name);
export const isCountField = (name: string): name is CountField => Object.hasOwn(countOf, name);
export const isMetadataField = (name: string): name is MetadataField =>
  name.startsWith(metadataPrefix) && name.length > metadataPrefix.length;

export const textIn = (run: Run, field: TextField | MetadataField): string | undefined =>
  isTextField(field) ? textOf[field](run) : metadataOf(run, field.slice(metadataPrefix.length));

const metadataOf = ({ metadata = {} }: Run, key: string): string | undefined =>
  Object.hasOwn(metadata, key) ? metadata[key] : undefined;

/** An instant as milliseconds since 1970. */
export const numberIn = (run: Run, field: NumberField): number | undefined =>
  isCountField(field) ? countOf[field](run) : instantOf[field](run)?.getTime();
