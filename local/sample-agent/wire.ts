import { randomBytes } from 'node:crypto';
import type { AgentReply, SampleAgent } from './sample-agents.ts';

/** An answer of the sample service, before it is written. */
export interface WireAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Server-sent events that come instead of the body. */
  readonly events?: AsyncIterable<object>;
}

export const newId = (prefix: string): string => `${prefix}_${randomBytes(24).toString('hex')}`;
const unixSeconds = (): number => Math.floor(Date.now() / 1000);

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

/** A reply as the Responses API says it. `conversation` is echoed as the object that the API makes of its id. */
export const toResponseAnswer = (reply: AgentReply, agent: string, conversation: unknown): WireAnswer => {
  if (reply.kind === 'refused') return errorAnswer(reply.status, reply.code, reply.message);
  const common = {
    id: newId('resp'),
    object: 'response',
    created_at: unixSeconds(),
    model: 'sample-model',
    agent_reference: { type: 'agent_reference', name: agent },
    ...(typeof conversation === 'string' ? { conversation: { id: conversation } } : {}),
    incomplete_details: null,
  };
  if (reply.kind === 'failed') {
    const error = { code: reply.code, message: reply.message };
    return { status: 200, headers: sessionHeader(), body: { ...common, status: 'failed', error, output: [] } };
  }
  const content = [{ type: 'output_text', text: reply.text, annotations: [] }];
  const output = [{ type: 'message', id: newId('msg'), role: 'assistant', status: 'completed', content }];
  return { status: 200, headers: sessionHeader(), body: { ...common, status: 'completed', error: null, output } };
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
  const body =
    reply.kind === 'failed'
      ? { invocation_id: invocationId, status: 'failed', error: { code: reply.code, message: reply.message } }
      : { invocation_id: invocationId, status: 'completed', output: reply.text };
  return { status: 200, headers, body };
};

/** The same for an agent that says its answer bit by bit: its headers come at once. */
export const toStreamedAnswer = (events: AsyncIterable<object>, invocation: Invocation): WireAnswer => ({
  status: 200,
  headers: { ...invocationHeaders(invocation), 'content-type': 'text/event-stream' },
  body: undefined,
  events,
});

/** An agent as the agent list and `GET /agents/{name}` show it. */
export const toAgentView = ({ name, description }: SampleAgent) => ({
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
