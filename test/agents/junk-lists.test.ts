import { describe, expect, test } from 'vitest';
import { createAgentDirectory } from '../../shared/agents/agent-directory.ts';
import { unscaledTimings } from '../../shared/app/timings.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Action } from '../../shared/domain/action.ts';
import { callAgent, noToken, pollAgent, project, responses, serveAgent, silentLog } from './http-agent.ts';
import { watchProcessor } from './large-bodies.ts';
import { threads } from './thread-agents.ts';

/** Millions of items, none of which is what is expected: as much as is read of an answer. */
const junk = `[0${',0'.repeat(4 * 1024 * 1024 - 200)}]`;

const serve = (body: string) =>
  serveAgent((outgoing, { url }) => {
    const isRun = url.includes('/runs/');
    outgoing
      .writeHead(200, { 'content-type': 'application/json' })
      .end(isRun ? '{"id":"r","status":"completed"}' : body);
  });

const begin = (action: Action) => (endpoint: string) => callAgent(endpoint, action, { call: { timeoutSeconds: 60 } });
const ids = { threadId: 't', threadRunId: 'r', responseId: 'agent#t#r' };
const askThread = (endpoint: string) => pollAgent(endpoint, { action: threads(), ids, timeoutSeconds: 60 });
const listAgents = (endpoint: string) => {
  const timings = { ...unscaledTimings.agents, listTimeoutSeconds: 60 };
  const options = { token: noToken, clock: systemClock, log: silentLog, timings };
  return createAgentDirectory({ config: { projectEndpoint: endpoint }, ...options }).list(project, 'project');
};

describe('an answer of millions of senseless items holds nobody up', () => {
  test.each([
    ['output of a response', `{"id":"r","status":"completed","output":${junk}}`, begin(responses())],
    ['parts of a message', `{"id":"r","status":"completed","output":[{"content":${junk}}]}`, begin(responses())],
    ['messages on a thread', `{"data":${junk},"has_more":false}`, askThread],
    ['parts of a message on a thread', `{"data":[{"id":"m","role":"assistant","content":${junk}}]}`, askThread],
    ['agents', `{"data":${junk},"has_more":false}`, listAgents],
    ['protocols of an agent', `{"data":[{"name":"a","agent_endpoint":{"protocols":${junk}}}]}`, listAgents],
  ])('as %s', { timeout: 150_000 }, async (_what, body, ask) => {
    const parsing = await watchProcessor(async () => void JSON.parse(body));
    // The first call of a process takes longer than any other.
    await ask((await serve('{}')).endpoint);
    const { endpoint } = await serve(body);
    const { result, workedMs } = await watchProcessor(async () => ask(endpoint));
    expect(result).toMatchObject({ kind: expect.stringMatching(/^(completed|listed)$/) });
    // To look at every item takes more than fifty times as much as to parse them.
    expect(workedMs).toBeLessThan(30 * parsing.workedMs + 500);
  });
});
