import type { AgentAnswer, RunError } from '../domain/run.ts';

/** A call as a protocol wants it made, and how that protocol reads a 2xx answer. Always a POST. */
export interface AgentExchange {
  readonly url: string;
  /** Of this protocol only; the headers of every call come from agent-caller.ts. */
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly body: string;
  readonly read: (answer: HttpAnswer) => AgentReading;
  /**
   * Where the agent is asked to stop, by the headers that its answer began with; undefined when they do not say. Absent
   * where closing the connection is all that the protocol knows.
   */
  readonly stopUrl?: (headers: Headers) => string | undefined;
}

/** An answer that was read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** The body as UTF-8, never ending within a code point. */
  readonly text: string;
  /** True when the body was longer than what is kept of it: `text` is its beginning. */
  readonly isCut: boolean;
}

/** What a 2xx answer holds. `failure`: its body says that the agent failed, or cannot say that it did not. */
export interface AgentReading {
  readonly answer: AgentAnswer;
  readonly failure?: RunError;
}

/** An id from downstream becomes a stored property: what is longer than this is left out. */
export const maxIdentifierLength = 512;

/** The header's value, or undefined when it is missing, empty or no identifier. */
export const readIdentifierHeader = (headers: Headers, name: string): string | undefined => {
  const value = headers.get(name)?.trim() ?? '';
  return value !== '' && value.length <= maxIdentifierLength ? value : undefined;
};

export const sessionIdOf = (headers: Headers): string | undefined =>
  readIdentifierHeader(headers, 'x-agent-session-id');
