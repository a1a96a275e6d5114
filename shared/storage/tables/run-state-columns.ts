import * as z from 'zod';
import {
  type AgentAnswer,
  type Claim,
  type RunError,
  type RunState,
  skipReasons,
  type TokenUsage,
} from '../../domain/run.ts';
import { runId } from '../../domain/schema/name-schemas.ts';
import { instantInJson, jsonColumn, type StoredFields, storedObject } from '../../domain/schema/stored-fields.ts';

export const errorInJson = storedObject({
  statusCode: z.int().optional(),
  type: z.string(),
  message: z.string(),
} satisfies StoredFields<RunError>);

const claimInJson = storedObject({
  owner: z.string(),
  attempt: z.int(),
  startedAt: instantInJson,
  leaseUntil: instantInJson,
} satisfies StoredFields<Claim>);

const usageInJson = storedObject({
  inputTokens: z.int().optional(),
  outputTokens: z.int().optional(),
  totalTokens: z.int().optional(),
} satisfies StoredFields<TokenUsage>);

const answerInJson = storedObject({
  responseId: z.string().optional(),
  sessionId: z.string().optional(),
  outputTruncated: z.boolean().optional(),
  outputNote: z.string().optional(),
  usage: usageInJson.optional(),
} satisfies StoredFields<Omit<AgentAnswer, 'outputText'>>);

/** The output has a column to itself, because it may fill one. */
const answerColumns = { answer: jsonColumn(answerInJson).optional(), outputText: z.string().optional() };
const endedAt = z.date();
const error = jsonColumn(errorInJson);

type In<Phase extends RunState['phase']> = Extract<RunState, { readonly phase: Phase }>;

export const stateColumns = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('queued') } satisfies StoredFields<In<'queued'>>),
  z.object({ phase: z.literal('dispatching'), claim: jsonColumn(claimInJson) } satisfies StoredFields<
    In<'dispatching'>
  >),
  z.object({ phase: z.literal('backing_off'), retryAt: z.date() } satisfies StoredFields<In<'backing_off'>>),
  z.object({ phase: z.literal('polling'), polls: z.int(), notBefore: z.date().optional() } satisfies StoredFields<
    In<'polling'>
  >),
  z.object({
    ...({ phase: z.literal('completed'), endedAt } satisfies StoredFields<Omit<In<'completed'>, 'answer'>>),
    ...answerColumns,
  }),
  z.object({
    ...({ phase: z.literal('failed'), endedAt, error } satisfies StoredFields<Omit<In<'failed'>, 'answer'>>),
    ...answerColumns,
  }),
  z.object({
    phase: z.literal('killed'),
    endedAt,
    error,
    skipReason: z.enum(skipReasons).optional(),
    blockedBy: runId.optional(),
  } satisfies StoredFields<In<'killed'>>),
]);

type StateColumns = z.output<typeof stateColumns>;

export const toStateColumns = (state: RunState): StateColumns => {
  if (state.phase !== 'completed' && state.phase !== 'failed') return state;
  const { outputText, ...answer } = state.answer ?? {};
  return { ...state, answer: state.answer && answer, outputText };
};

export const fromStateColumns = (columns: StateColumns): RunState => {
  if (columns.phase !== 'completed' && columns.phase !== 'failed') return columns;
  const { answer, outputText, ...rest } = columns;
  const whole: AgentAnswer | undefined =
    answer === undefined || outputText === undefined ? answer : { ...answer, outputText };
  if (rest.phase === 'failed') return whole === undefined ? rest : { ...rest, answer: whole };
  return { ...rest, answer: whole ?? {} };
};
