import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type AgentReply, isCompleted } from './agent-reply.ts';

/** An answer of the sample service, before it is written. */
export interface WireAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Server-sent events that come instead of the body. */
  readonly events?: AsyncIterable<object>;
  /** Writes everything by itself, status and headers too. */
  readonly write?: (outgoing: ServerResponse) => Promise<void> | void;
}

export const newId = (prefix: string): string => `${prefix}_${randomBytes(24).toString('hex')}`;

export const errorAnswer = (status: number, code: string, message: string): WireAnswer => ({
  status,
  body: { error: { code, message, param: null, type: status < 500 ? 'invalid_request_error' : 'server_error' } },
});

/** `{"input": "text"}` and `{"input": {…}}` alike: what the agent hears is text. */
export const toInputText = (input: unknown): string => {
  if (input === undefined) return '';
  return typeof input === 'string' ? input : JSON.stringify(input);
};

const sessionHeader = (sessionId = newId('sess')): Record<string, string> => ({ 'x-agent-session-id': sessionId });

/** One call by the Responses API. `conversation` is echoed as the object that the API makes of its id. */
export interface ResponseCall {
  readonly id: string;
  readonly agent: string;
  readonly conversation: unknown;
  readonly sessionId: string;
  readonly createdAt: Date;
}

/** Accepted work has none before its end, and none when it was cancelled. */
type ReplySoFar = AgentReply | { readonly kind: 'in_progress' | 'cancelled' };

/** A reply as the Responses API says it. */
export const toResponseAnswer = (
  reply: ReplySoFar,
  { id, agent, conversation, sessionId, createdAt }: ResponseCall,
): WireAnswer => {
  if (reply.kind === 'refused') return errorAnswer(reply.status, reply.code, reply.message);
  const body = {
    id,
    object: 'response',
    created_at: Math.floor(createdAt.getTime() / 1000),
    model: 'sample-model',
    agent_reference: { type: 'agent_reference', name: agent },
    ...(typeof conversation === 'string' ? { conversation: { id: conversation } } : {}),
    status: isCompleted(reply) ? 'completed' : reply.kind,
    error: reply.kind === 'failed' ? { code: reply.code, message: reply.message } : null,
    incomplete_details: null,
    output: outputOf(reply),
  };
  return { status: 200, headers: sessionHeader(sessionId), body };
};

/** The items of the output; one that asks for approval waits for an answer that nobody here gives. */
const outputOf = (reply: ReplySoFar): readonly object[] => {
  const message = { type: 'message', id: newId('msg'), role: 'assistant', status: 'completed' };
  switch (reply.kind) {
    case 'said':
      return [{ ...message, content: [{ type: 'output_text', text: reply.text, annotations: [] }] }];
    case 'declined':
      return [{ ...message, content: [{ type: 'refusal', refusal: reply.text }] }];
    case 'asks': {
      const { server, tool } = reply;
      return [{ type: 'mcp_approval_request', id: newId('mcpr'), server_label: server, name: tool, arguments: '{}' }];
    }
    case 'failed':
    case 'refused':
    case 'in_progress':
    case 'cancelled':
      return [];
  }
};

/** One call by the Invocations protocol, in the session that was asked for or in a new one. */
export interface Invocation {
  readonly invocationId: string;
  readonly sessionId: string | null;
}

const invocationHeaders = ({ invocationId, sessionId }: Invocation): Record<string, string> => ({
  ...sessionHeader(sessionId ?? undefined),
  'x-agent-invocation-id': invocationId,
});

/** A reply as the Invocations protocol says it. */
export const toInvocationAnswer = (reply: AgentReply, invocation: Invocation): WireAnswer => {
  if (reply.kind === 'refused') return errorAnswer(reply.status, reply.code, reply.message);
  const headers = invocationHeaders(invocation);
  const { invocationId } = invocation;
  return { status: 200, headers, body: { invocation_id: invocationId, ...invocationBody(reply) } };
};

/** Other than the Responses API's, the body is the agent's own; these say what does not fit a text as that API does. */
const invocationBody = (reply: Exclude<AgentReply, { readonly kind: 'refused' }>): object => {
  switch (reply.kind) {
    case 'failed':
      return { status: 'failed', error: { code: reply.code, message: reply.message } };
    case 'said':
      return { status: 'completed', output: reply.text };
    case 'declined':
      return { status: 'completed', output: outputOf(reply) };
    case 'asks':
      return { status: 'requires_action', output: outputOf(reply) };
  }
};

/** An invocation without an answer: 202 where it is accepted, 200 where it is asked for. */
export const toInvocationUnderWay = (
  status: 200 | 202,
  is: 'running' | 'cancelled',
  invocation: Invocation,
): WireAnswer => ({
  status,
  headers: invocationHeaders(invocation),
  body: { invocation_id: invocation.invocationId, status: is },
});

/** The same for an agent that says its answer bit by bit: its headers come at once. */
export const toStreamedAnswer = (events: AsyncIterable<object>, invocation: Invocation): WireAnswer => ({
  status: 200,
  headers: { ...invocationHeaders(invocation), 'content-type': 'text/event-stream' },
  body: undefined,
  events,
});

/** An agent as the agent list and `GET /agents/{name}` show it. */
export const toAgentView = ({ name, description }: { readonly name: string; readonly description: string }) => ({
  object: 'agent',
  id: name,
  name,
  versions: {
    latest: {
      object: 'agent.version',
      id: `${name}:1`,
      name,
      version: '1',
      description,
      definition: { kind: 'hosted' },
    },
  },
  instance_identity: { principal_id: identityOf(name), client_id: identityOf(name) },
  agent_endpoint: { protocols: ['responses', 'invocations'] },
});

/** Looks like a GUID and is the same at every start. */
const identityOf = (name: string): string => {
  const hex = Buffer.from(name.padEnd(16, '-')).toString('hex').slice(0, 32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};
