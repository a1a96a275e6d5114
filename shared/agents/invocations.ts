import type { InvocationsAction } from '../domain/action.ts';
import { describeErrorValue } from '../domain/call-outcome.ts';
import { isJsonObject, type JsonValue, parseJsonText } from '../domain/json.ts';
import type { RunError } from '../domain/run.ts';
import {
  type AgentExchange,
  type AgentReading,
  type HttpAnswer,
  readIdentifierHeader,
  sessionIdOf,
} from './agent-protocol.ts';
import { agentNameOf, protocolsUrl } from './endpoint.ts';
import { toOutput } from './output-text.ts';

/** The call of an Invocations agent: the body is the action's input as it is. */
export const toInvocationsExchange = (action: InvocationsAction, base: string): AgentExchange => {
  const query = new URLSearchParams({ 'api-version': 'v1' });
  if (action.sessionId !== undefined) query.set('agent_session_id', action.sessionId);
  const invocations = `${protocolsUrl(base, agentNameOf(action))}/invocations`;
  return {
    url: `${invocations}?${query}`,
    // Foundry serves the protocol as a preview and asks for its name; other agents pay it no attention.
    headers: { 'foundry-features': 'HostedAgents=V1Preview' },
    ...toContent(action.input),
    read: readInvocation,
    stopUrl: (headers) => {
      const id = invocationIdOf(headers);
      // As with an agent's name: a URL drops these two from its path.
      if (id === undefined || id === '.' || id === '..') return undefined;
      return `${invocations}/${encodeURIComponent(id)}/cancel?api-version=v1`;
    },
  };
};

const invocationIdOf = (headers: Headers): string | undefined => readIdentifierHeader(headers, 'x-agent-invocation-id');

/**
 * A string is sent as it stands, and called JSON when it is JSON: that is how callers write an object into a field that
 * takes text. No input is `{}`, because agents parse the body before they look into it.
 */
const toContent = (input: JsonValue | undefined): { readonly contentType: string; readonly body: string } => {
  if (input === undefined) return { contentType: 'application/json', body: '{}' };
  const body = typeof input === 'string' ? input : JSON.stringify(input);
  return { contentType: parseJsonText(body) === undefined ? 'text/plain; charset=utf-8' : 'application/json', body };
};

/** An event stream is kept as the text that it is; a 202 counts as done when it is accepted. */
const readInvocation = (answer: HttpAnswer): AgentReading => {
  const body = answer.isCut ? undefined : parseJsonText(answer.text);
  const failure = failureOf(body, answer.status);
  return {
    answer: {
      responseId: invocationIdOf(answer.headers),
      sessionId: sessionIdOf(answer.headers),
      ...toOutput(textOf(body) ?? answer.text, answer.isCut),
    },
    ...(failure === null ? {} : { failure }),
  };
};

/** Of JSON: a text, or the text in its `output`. Other JSON is kept as it was sent. */
const textOf = (body: unknown): string | undefined => {
  if (typeof body === 'string') return body;
  return isJsonObject(body) && typeof body.output === 'string' ? body.output : undefined;
};

/** The body is the agent's own: of its fields only `error` says that the agent failed, when it says anything. */
const failureOf = (body: unknown, statusCode: number): RunError | null => {
  if (!isJsonObject(body) || !(isJsonObject(body.error) || (typeof body.error === 'string' && body.error !== '')))
    return null;
  const { code, message } = describeErrorValue(body.error);
  return { statusCode, type: code ?? 'agent_error', message: message ?? 'The answer holds an error without a message' };
};
