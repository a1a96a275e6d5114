import type { AgentDirectory, AgentListing, AgentLookup, ListedAgent } from '../app/ports/agent-directory.ts';
import type { Log } from '../app/ports/log.ts';
import type { AgentTimings } from '../app/timings.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { AgentSource } from '../domain/agent-name.ts';
import type { ProjectName } from '../domain/names.ts';
import { openAccess } from './agent-access.ts';
import { type HttpAnswer, isPathSegment, isSuccess } from './agent-protocol.ts';
import { parseAgent, parseAgentPage } from './agent-records.ts';
import { projectBase } from './agent-url.ts';
import { limitCall } from './call-limit.ts';
import { describeConnectionFailure, readAnswer, request } from './http-exchange.ts';
import { createShortMemory } from './short-memory.ts';
import type { TokenSource } from './token-source.ts';

export interface AgentDirectoryOptions {
  readonly config: Pick<Config['agents'], 'projectEndpoint'>;
  readonly token: TokenSource;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch?: typeof fetch;
  readonly timings: AgentTimings;
}

const paths = { project: 'agents', assistant: 'assistants' } as const satisfies Record<AgentSource, string>;

/** Asks the agent service which agents a project has. Contract, section 6. */
export const createAgentDirectory = (options: AgentDirectoryOptions): AgentDirectory => {
  const { clock, timings } = options;
  const lookupLastsSeconds = (lookup: AgentLookup): number =>
    isUsable(lookup) ? timings.rememberUsableSeconds : timings.rememberMissingSeconds;
  const lookups = createShortMemory<AgentLookup>({ clock, maxEntries: 1000, lastsSeconds: lookupLastsSeconds });
  const lists = createShortMemory<AgentListing>({
    clock,
    maxEntries: 16,
    lastsSeconds: () => timings.rememberListSeconds,
  });
  const urlOf = (project: ProjectName, source: AgentSource): string =>
    `${projectBase(options.config.projectEndpoint, project)}/${paths[source]}`;
  return {
    find: async (project, { source, id }) => {
      // What cannot stand in a URL names nothing.
      if (!isPathSegment(id)) return { kind: 'absent' };
      const url = `${urlOf(project, source)}/${encodeURIComponent(id)}?api-version=v1`;
      return lookups(url, () =>
        withQuestions(options, timings.findTimeoutSeconds, async (ask) => toLookup(source, await ask(url))),
      );
    },
    list: (project, source) => {
      const url = urlOf(project, source);
      return lists(url, () => withQuestions(options, timings.listTimeoutSeconds, (ask) => readPages(url, source, ask)));
    },
  };
};

/** A classic agent is usable without an identity: it never has one. */
const isUsable = (lookup: AgentLookup): boolean =>
  lookup.kind === 'found' && (lookup.agent.hasIdentity || lookup.agent.source === 'assistant');

/** Why the agent service has not said what it was asked: for the caller, and at more length for the log. */
class NoDirectoryError extends Error {
  override readonly name = 'NoDirectoryError';
  readonly details: string;
  constructor(message: string, details = message) {
    super(message);
    this.details = details;
  }
}

type Ask = (url: string) => Promise<HttpAnswer>;

/** All questions of `work` share one limit of time. */
const withQuestions = async <Result>(
  options: AgentDirectoryOptions,
  timeoutSeconds: number,
  work: (ask: Ask) => Promise<Result>,
): Promise<Result | { readonly kind: 'unknown'; readonly reason: string }> => {
  const limit = limitCall({ timeoutSeconds }, options.timings);
  const ask = async (url: string): Promise<HttpAnswer> => {
    const access = await openAccess(url, options.token, limit.signal);
    // The identity library says a lot, in words for those who run this service.
    if (access.kind === 'none') throw new NoDirectoryError('there is no token to ask it with', access.message);
    const headers = { accept: 'application/json', 'user-agent': 'agent-routines', ...access.headers };
    const send = options.fetch ?? fetch;
    try {
      const response = await request(send, { method: 'GET', url, headers, signal: limit.signal });
      return access.received(await readAnswer(response));
    } catch (error) {
      const { origin } = new URL(url);
      if (limit.reached() === null) throw new NoDirectoryError(`${origin}: ${describeConnectionFailure(error)}`);
      throw new NoDirectoryError(`${origin} did not answer within ${timeoutSeconds} s`);
    }
  };
  try {
    return await work(ask);
  } catch (error) {
    if (!(error instanceof NoDirectoryError)) throw error;
    options.log.warn('The agent service was asked for agents in vain', { reason: error.details });
    return { kind: 'unknown', reason: error.message };
  } finally {
    limit.release();
  }
};

const refusalOf = ({ status }: HttpAnswer): NoDirectoryError =>
  new NoDirectoryError(`the agent service answered ${status}`);

const toLookup = (source: AgentSource, answer: HttpAnswer): AgentLookup => {
  if (answer.status === 404) return { kind: 'absent' };
  if (!isSuccess(answer)) throw refusalOf(answer);
  const agent = parseAgent(source, answer.text);
  if (agent === null) throw new NoDirectoryError(`the agent service answered ${answer.status} with what is no agent`);
  return { kind: 'found', agent };
};

const pageSize = 100;
const maxAgents = 1000;
const maxPages = maxAgents / pageSize;

/** Reads a bounded part of a list, however long it is, or says it is. */
const readPages = async (url: string, source: AgentSource, ask: Ask): Promise<AgentListing> => {
  const agents: ListedAgent[] = [];
  const query = new URLSearchParams({ 'api-version': 'v1', limit: String(pageSize) });
  for (let pages = 0; pages < maxPages && agents.length <= maxAgents; pages += 1) {
    const answer = await ask(`${url}?${query}`);
    if (answer.status === 404 && pages === 0) return { kind: 'absent' };
    if (!isSuccess(answer)) throw refusalOf(answer);
    const page = parseAgentPage(source, answer.text);
    if (page === null) {
      throw new NoDirectoryError(`the agent service answered ${answer.status} with what is no list of agents`);
    }
    // A service that does not know `after` says its first page for ever.
    if (page.after !== undefined && page.after === query.get('after')) break;
    agents.push(...page.agents);
    if (page.isCut || page.after === undefined) return listed(agents, page.isCut || agents.length > maxAgents);
    query.set('after', page.after);
  }
  return listed(agents, true);
};

const listed = (agents: readonly ListedAgent[], isCut: boolean): AgentListing => ({
  kind: 'listed',
  agents: agents.slice(0, maxAgents),
  isCut,
});
