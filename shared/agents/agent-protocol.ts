import type { AgentCall } from '../app/ports/agent-caller.ts';
import type { RunId } from '../domain/names.ts';
import type { AgentAnswer, RunError, WorkIds } from '../domain/run.ts';
import type { StreamSummary } from './answers/event-stream.ts';

/** A request to an agent, as a protocol wants it made. Ids, trace and token are added to each. */
export interface AgentRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** Of this protocol only. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Both, or none. */
  readonly contentType?: string;
  readonly body?: string;
  /** The id that it begins work under, in the header that the agent takes it from. */
  readonly beginsAs?: Readonly<Record<string, string>>;
  /** Within the time of the call. */
  readonly timeoutSeconds?: number;
  /**
   * Where the agent is asked to stop when the run was cancelled before this answer had come, by the headers that it began
   * with, if it did. Absent where closing the connection is all that the protocol knows.
   */
  readonly stopUrl?: (headers?: Headers) => string | undefined;
  /** An earlier call may have begun the same work: it is to be stopped even if this one was never sent. */
  readonly mayBeBegun?: boolean;
  /** It begins work whose name only the answer says: a run that is cancelled meanwhile waits for it a little longer. */
  readonly namesWork?: boolean;
}

/** Makes requests within one limit of time. Rejects when there is no whole answer; redirects are not followed. */
export interface AgentHttp {
  send(request: AgentRequest): Promise<HttpAnswer>;
}

/** An answer that was read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** The body, never ending within a code point; empty when it was an event stream. */
  readonly text: string;
  /** True when the body was longer than what is kept of it: `text` is its beginning. */
  readonly isCut: boolean;
  /** What an event stream brought. */
  readonly stream?: StreamSummary;
  /** 401 to the token that was sent. */
  readonly isTokenRefused?: true;
}

/** `failure`: the agent says that it failed, or cannot say that it did not. */
export interface AnsweredReading {
  readonly kind: 'answered';
  readonly answer: AgentAnswer;
  readonly failure?: RunError;
  readonly statusCode: number;
}

/** The agent goes on by itself. */
export interface AcceptedReading {
  readonly kind: 'accepted';
  readonly ids: WorkIds;
  readonly by: HttpAnswer;
}

/** No 2xx: the status says whether another attempt may help. Of a poll also a 2xx that says nothing about the work. */
export interface RefusedReading {
  readonly kind: 'refused';
  readonly by: HttpAnswer;
  /** What is wrong with a 2xx, where it does not say so. */
  readonly message?: string;
}

/** Another run is at work where only one can be. No attempt was made; the run comes again later. */
export interface BusyReading {
  readonly kind: 'busy';
  readonly by: HttpAnswer;
  /** What is busy, where the answer does not say it well. */
  readonly reason?: string;
  /** It is at the attempt's own work, which it knows by its id and does not find. */
  readonly isUnfound?: true;
}

/** What may have become of the attempts before this one. */
export type Beginning = Pick<AgentCall, 'mayRepeat' | 'answered' | 'mayBeBegun' | 'unfoundSeconds'>;

/** What the beginning of an attempt brought. */
export type StartReading = AnsweredReading | AcceptedReading | RefusedReading | BusyReading;

/** What a question about accepted work brought. `cancelled`: it was ended on the agent's side. */
export type WorkReading =
  | AnsweredReading
  | RefusedReading
  | { readonly kind: 'running'; readonly by: HttpAnswer }
  | { readonly kind: 'cancelled'; readonly error: RunError };

/**
 * One protocol, bound to one run's action. A protocol is one file that makes these of an action, and one line in
 * `protocols.ts`.
 */
export interface AgentConversation {
  /** An attempt. */
  start(http: AgentHttp, beginning: Beginning): Promise<StartReading>;
  /** Asks for the end of work that `start` said was accepted. */
  poll(http: AgentHttp, ids: WorkIds): Promise<WorkReading>;
  /** What work is known by that was begun, its answer lost; null where the protocol gives it no id. */
  begunIds(answered: number): WorkIds | null;
  /** The request that ends such work. */
  stop(ids: WorkIds): AgentRequest;
}

/** Where the agents of a project are called. */
export interface AgentTarget {
  readonly base: string;
  readonly runId: RunId;
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

/** A URL drops `.` and `..` from its path, encoded or not, and half a surrogate pair cannot be encoded at all. */
export const isPathSegment = (id: string): boolean => id !== '' && id !== '.' && id !== '..' && id.isWellFormed();

export const isSuccess = ({ status }: HttpAnswer): boolean => status >= 200 && status <= 299;
