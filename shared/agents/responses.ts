import { z } from 'zod';
import type { ResponsesAction } from '../domain/action.ts';
import { describeErrorValue } from '../domain/call-outcome.ts';
import { parseJsonText } from '../domain/json.ts';
import type { RunError } from '../domain/run.ts';
import {
  type AgentExchange,
  type AgentReading,
  type HttpAnswer,
  maxIdentifierLength,
  sessionIdOf,
} from './agent-protocol.ts';
import { agentNameOf, protocolsUrl } from './endpoint.ts';
import { toOutput } from './output-text.ts';

/**
 * The call of a Responses agent. `agent` is the agent's own endpoint, `project` the project-wide one, which names the
 * agent in the body. An action without input sends the empty string: the field is part of every call.
 */
export const toResponsesExchange = (
  action: ResponsesAction,
  base: string,
  route: 'agent' | 'project',
): AgentExchange => {
  const agent = agentNameOf(action);
  const { conversation, input = '' } = action;
  const body = { input, ...(conversation === undefined ? {} : { conversation }) };
  const onProject = route === 'project';
  return {
    url: onProject ? `${base}/openai/v1/responses` : `${protocolsUrl(base, agent)}/openai/responses?api-version=v1`,
    headers: {},
    contentType: 'application/json',
    body: JSON.stringify(onProject ? { ...body, agent_reference: { type: 'agent_reference', name: agent } } : body),
    read: readResponse,
  };
};

const contentPart = z.object({ type: z.string(), text: z.string() }).nullable().catch(null);
const outputItem = z
  .object({ content: z.array(contentPart) })
  .nullable()
  .catch(null);

/** A field of another shape than expected counts as missing: the agent has done its work, whatever it says of it. */
const responseBody = z.object({
  id: z.string().min(1).max(maxIdentifierLength).optional().catch(undefined),
  status: z.string().optional().catch(undefined),
  error: z.unknown().optional(),
  incomplete_details: z.object({ reason: z.string() }).nullish().catch(undefined),
  output: z.array(outputItem).catch([]),
});
type ResponseBody = z.infer<typeof responseBody>;

const readResponse = (answer: HttpAnswer): AgentReading => {
  const sessionId = sessionIdOf(answer.headers);
  if (answer.isCut) {
    const message = `The answer is longer than the ${answer.text.length} characters that are read: its outcome is unknown`;
    return { answer: { sessionId }, failure: { statusCode: answer.status, type: 'agent_error', message } };
  }
  const body = parseResponse(answer.text);
  // A 2xx that is no response object is no failure by itself; its text is kept so that one can see what answered.
  if (body === null) return { answer: { sessionId, ...toOutput(answer.text, false) } };
  const failure = failureOf(body, answer.status);
  return {
    answer: { responseId: body.id, sessionId, ...toOutput(textOf(body), false) },
    ...(failure === null ? {} : { failure }),
  };
};

const parseResponse = (text: string): ResponseBody | null => {
  return responseBody.safeParse(parseJsonText(text)).data ?? null;
};

const textOf = ({ output }: ResponseBody): string =>
  output
    .flatMap((item) => item?.content ?? [])
    .map((part) => (part?.type === 'output_text' ? part.text : ''))
    .join('');

const failedStatuses = new Set(['failed', 'incomplete', 'cancelled']);

const failureOf = (body: ResponseBody, statusCode: number): RunError | null => {
  const hasFailed = failedStatuses.has(body.status ?? '');
  // `error: null` stands in every successful response.
  const hasError = body.error !== undefined && body.error !== null;
  if (!hasFailed && !hasError) return null;
  const { code, message } = describeErrorValue(body.error);
  const reason = body.incomplete_details?.reason;
  const says = `The response's status is ${body.status ?? 'not given'}${reason === undefined ? '' : `: ${reason}`}`;
  return { statusCode, type: code ?? 'agent_error', message: message ?? says };
};
