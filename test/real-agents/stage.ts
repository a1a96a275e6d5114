import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, vi } from 'vitest';
import { type AgentServer, type LedgerEntry, startAgentServer } from './agent-server.ts';
import { type App, startApp } from './app.ts';
import { type Gateway, startGateway } from './gateway.ts';
import type { Edition } from './libraries.ts';

/** `steady` goes on to the end; tests end the others, of which `resilient` takes up what it had begun. */
const agentNames = ['steady', 'restarted', 'resilient'] as const;
export type AgentName = (typeof agentNames)[number];

/** The app, real agents, and the way from one to the other. */
export interface Stage {
  readonly app: App;
  /** For the test that kills its host: waits are short. */
  readonly crashingApp: App;
  readonly gateway: Gateway;
  server(agent: AgentName): AgentServer;
  /** What an agent did in one case, in short: `begun`, `begun again` by the library itself, `ended completed`, … */
  did(agent: AgentName, name: string): readonly string[];
  /** The ids that the agent knew the case by, each once. */
  ids(agent: AgentName, name: string): readonly string[];
  untilDid(agent: AgentName, name: string, expected: readonly string[]): Promise<void>;
  /** The server has answered the call that began it. */
  untilAccepted(runId: string): Promise<void>;
  close(): Promise<void>;
}

const patience = { timeout: 60_000, interval: 50 };

export const setStage = async (edition: Edition, python: string): Promise<Stage> => {
  const folder = mkdtempSync(join(tmpdir(), 'real-agents-'));
  const start = (name: AgentName) =>
    startAgentServer({ python, folder: join(folder, name), isResilient: name === 'resilient' });
  const [steady, restarted, resilient] = await Promise.all([start('steady'), start('restarted'), start('resilient')]);
  const servers: Readonly<Record<AgentName, AgentServer>> = { steady, restarted, resilient };
  const gateway = await startGateway(new Map(agentNames.map((name) => [name, servers[name].url])));
  const shared = { connectionString: inject('azurite'), endpoint: gateway.endpoint };
  const app = await startApp({ ...shared, prefix: `real${edition}` });
  const crashingApp = await startApp({
    ...shared,
    prefix: `crash${edition}`,
    settings: { ATTEMPT_TIMEOUT_SECONDS: '5', LOCAL_QUEUE_LOCK_SECONDS: '3', DELAY_SCALE: '0.2' },
  });
  const did: Stage['did'] = (agent, name) => servers[agent].ledger(name).map(shortOf);
  const isAccepted = (id: string): boolean =>
    gateway.requests.some(({ runId, method, status }) => runId === id && method === 'POST' && status !== undefined);
  return {
    app,
    crashingApp,
    gateway,
    server: (agent) => servers[agent],
    did,
    ids: (agent, name) => [...new Set(servers[agent].ledger(name).map(({ id = '' }) => id))],
    untilDid: (agent, name, expected) => vi.waitFor(() => expect(did(agent, name)).toEqual(expected), patience),
    untilAccepted: (runId) => vi.waitFor(() => expect(isAccepted(runId)).toBe(true), patience),
    close: async () => {
      await Promise.all([app.close(), crashingApp.close()]);
      await gateway.close();
      for (const name of agentNames) await servers[name].end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const shortOf = ({ event, again, how }: LedgerEntry): string =>
  [event, ...(again ? ['again'] : []), ...(how === undefined ? [] : [how])].join(' ');
