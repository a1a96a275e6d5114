import type { InvocationsAction } from '../domain/action.ts';
import { invocationIdFor } from '../domain/begun-id.ts';
import { type JsonValue, parseJsonText } from '../domain/json.ts';
import type { WorkIds } from '../domain/run.ts';
import {
  type AgentConversation,
  type AgentHttp,
  type AgentTarget,
  type Beginning,
  type HttpAnswer,
  isPathSegment,
  readIdentifierHeader,
  sessionIdOf,
} from './agent-protocol.ts';
import { agentNameOf, protocolsUrl } from './agent-url.ts';
import { beginOnce, type LookUpTimings } from './begun-work.ts';
import { idHeader } from './invocation-answer.ts';
import { type Invocation, readKnown, readStart, readWork } from './read-invocation.ts';

// Foundry serves the protocol as a preview and asks for its name; other agents pay it no attention.
const headers = { 'foundry-features': 'HostedAgents=V1Preview' };

/** An Invocations agent: the body of the call is the action's input as it is. */
export const invocationsConversation = (
  action: InvocationsAction,
  { base, runId }: AgentTarget,
  timings: LookUpTimings,
): AgentConversation => {
  const { sessionId } = action;
  const invocations = `${protocolsUrl(base, agentNameOf(action))}/invocations`;
  const invocationUrl = ({ invocationId = '', sessionId }: Invocation, below = '') =>
    `${invocations}/${encodeURIComponent(invocationId)}${below}?${toQuery(sessionId)}`;
  const stopUrl = (invocation: Invocation) => invocationUrl(invocation, '/cancel');
  const askFor = (ids: WorkIds) => ({ method: 'GET', url: invocationUrl(ids), headers }) as const;
  const idsOf = (answered: number) => ({
    invocationId: invocationIdFor({ runId, answered }),
    ...(sessionId !== undefined && { sessionId }),
  });
  const begin = (http: AgentHttp, { answered, mayBeBegun }: Beginning) => {
    const { invocationId } = idsOf(answered);
    return http.send({
      method: 'POST',
      url: `${invocations}?${toQuery(sessionId)}`,
      headers,
      ...toContent(action.input),
      beginsAs: { [idHeader]: invocationId },
      stopUrl: (came = new Headers()) => {
        const named = readIdentifierHeader(came, idHeader) ?? '';
        const known = isPathSegment(named) ? named : invocationId;
        return stopUrl({ invocationId: known, sessionId: sessionIdOf(came) ?? sessionId });
      },
      mayBeBegun,
    });
  };
  return {
    start: (http, beginning) => {
      const ids = idsOf(beginning.answered);
      const readBegin = (by: HttpAnswer) => readStart(by, { sessionId, givenId: ids.invocationId });
      const [request, read] = [askFor(ids), (by: HttpAnswer) => readKnown(by, ids)];
      return beginOnce(http, beginning, {
        ...{ timings, ids, request, read, begin: () => begin(http, beginning), readBegin },
      });
    },
    poll: async (http, ids) => readWork(await http.send(askFor(ids)), ids),
    begunIds: idsOf,
    stop: (ids) => ({ method: 'POST', url: stopUrl(ids), headers }),
  };
};

const toQuery = (sessionId?: string): URLSearchParams =>
  new URLSearchParams({ 'api-version': 'v1', ...(sessionId !== undefined && { agent_session_id: sessionId }) });

/**
 * A string is sent as it stands, and called JSON when it is JSON: that is how callers write an object into a field that
 * takes text. No input is `{}`, because agents parse the body before they look into it.
 */
const toContent = (input: JsonValue | undefined): { readonly contentType: string; readonly body: string } => {
  if (input === undefined) return { contentType: 'application/json', body: '{}' };
  const body = typeof input === 'string' ? input : JSON.stringify(input);
  return { contentType: parseJsonText(body) === undefined ? 'text/plain; charset=utf-8' : 'application/json', body };
};
