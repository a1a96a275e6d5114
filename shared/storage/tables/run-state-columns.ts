import { z } from 'zod';
import { type AgentAnswer, type RunState, skipReasons } from '../../domain/run.ts';
import { runId } from '../../domain/schema/name-schemas.ts';
import { instantInJson, jsonColumn } from '../../domain/schema/stored-fields.ts';

export const errorInJson = z.object({ statusCode: z.int().optional(), type: z.string(), message: z.string() });

const claimInJson = z.object({
  owner: z.string(),
  attempt: z.int(),
  startedAt: instantInJson,
  leaseUntil: instantInJson,
});

const answerInJson = z.object({
  responseId: z.string().optional(),
  sessionId: z.string().optional(),
  outputTruncated: z.boolean().optional(),
});

/** The output has a column of its own, because it may fill one. */
const answerColumns = { answer: jsonColumn(answerInJson).optional(), outputText: z.string().optional() };
const endedAt = z.date();
const error = jsonColumn(errorInJson);

export const stateColumns = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('queued') }),
  z.object({ phase: z.literal('dispatching'), claim: jsonColumn(claimInJson) }),
  z.object({ phase: z.literal('backing_off'), retryAt: z.date() }),
  z.object({ phase: z.literal('polling'), polls: z.int(), notBefore: z.date().optional() }),
  z.object({ phase: z.literal('completed'), endedAt, ...answerColumns }),
  z.object({ phase: z.literal('failed'), endedAt, error, ...answerColumns }),
  z.object({
    phase: z.literal('killed'),
    endedAt,
    error,
    skipReason: z.enum(skipReasons).optional(),
    blockedBy: runId.optional(),
  }),
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
