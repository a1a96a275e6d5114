import { onTestFinished } from 'vitest';
import { startSampleAgent } from '../../local/sample-agent/server.ts';
import type { ThreadsAction } from '../../shared/domain/action.ts';
import { projectName } from '../builders.ts';
import { project, silentLog } from './http-agent.ts';

export const threads = (fields: Partial<ThreadsAction> = {}): ThreadsAction => ({
  type: 'invoke_agent_threads_api',
  agentId: 'asst_echo',
  input: 'hello',
  ...fields,
});

export interface Made {
  readonly id: string;
  readonly role?: string;
  readonly status?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ThreadAgents {
  /** Ends with `/api/projects/{project}`. */
  readonly endpoint: string;
  readonly now: () => Date;
  advance(seconds: number): void;
  /** What the service holds at that path, oldest first. */
  held(path: string): Promise<readonly Made[]>;
  /** As another client does it. */
  post(path: string, body?: object): Promise<Made>;
  close(): Promise<void>;
}

/** The classic agents of the sample agent, whose runs go by a time of their own; closed when the test ends. */
export const serveThreadAgents = async (
  options: { readonly of?: string; readonly now?: () => Date } = {},
): Promise<ThreadAgents> => {
  let passed = 0;
  const now = options.now ?? (() => new Date(Date.parse('2026-03-01T12:00:00Z') + passed * 1000));
  const server = await startSampleAgent({ host: '127.0.0.1', port: 0, log: silentLog, slowSeconds: 10, now });
  onTestFinished(() => server.close());
  const base = server.url.replace('{project}', options.of === undefined ? project : projectName(options.of));
  const ask = async <Body>(path: string, init: RequestInit = {}): Promise<Body> => {
    const answer = await fetch(`${base}${path}${path.includes('?') ? '&' : '?'}api-version=v1`, init);
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return JSON.parse(await answer.text());
  };
  return {
    endpoint: server.url,
    now,
    advance: (seconds) => {
      passed += seconds;
    },
    held: async (path) => (await ask<{ readonly data: readonly Made[] }>(`${path}?order=asc&limit=100`)).data,
    post: (path, body = {}) => ask(path, { method: 'POST', body: JSON.stringify(body) }),
    close: server.close,
  };
};

export interface SentRequest {
  readonly method: string;
  /** Below the project, with its query. */
  readonly path: string;
  readonly body: unknown;
}

/** Where a conversation is cut off: `before` the n-th request is made, or `after` it was carried out. */
export interface Cut {
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** A fetch that remembers what was sent, and whose connection breaks at the cut and stays broken. */
export const recordingFetch = (cut?: Cut) => {
  const sent: SentRequest[] = [];
  const send: typeof fetch = async (input, init) => {
    const { pathname, search } = new URL(String(input));
    const path = pathname.replace(/^\/api\/projects\/[^/]+/, '') + search;
    sent.push({ method: init?.method ?? 'GET', path, body: init?.body && JSON.parse(String(init.body)) });
    const isBroken = cut !== undefined && sent.length >= cut.at;
    if (isBroken && (cut.when === 'before' || sent.length > cut.at)) throw new TypeError('fetch failed');
    const answer = await fetch(input, init);
    if (!isBroken) return answer;
    await answer.body?.cancel();
    throw new TypeError('fetch failed');
  };
  return { sent, fetch: send };
};
