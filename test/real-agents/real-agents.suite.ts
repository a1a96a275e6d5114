import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { type AgentServer, type LedgerEntry, startAgentServer } from './agent-server.ts';
import { type App, type ShownRun, startApp } from './app.ts';
import { type Gateway, startGateway } from './gateway.ts';
import type { Edition } from './libraries.ts';
import { plainCases } from './plain-cases.ts';

/** What an execution was, in short: `begun`, `begun again` by the library itself, `ended completed`, … */
const shortOf = ({ event, again, how }: LedgerEntry): string =>
  [event, ...(again ? ['again'] : []), ...(how === undefined ? [] : [how])].join(' ');

/**
 * The app calls agents on the real server libraries, and what its runs say is compared with the ledger of what the
 * agents did.
 */
export const testRealAgents = (edition: Edition, python: string): void => {
  const folder = mkdtempSync(join(tmpdir(), 'real-agents-'));
  const servers = new Map<string, AgentServer>();
  let gateway: Gateway;
  let app: App;

  beforeAll(async () => {
    const started = ['steady', 'plain', 'resilient'].map(async (name) => {
      const isResilient = name === 'resilient';
      servers.set(name, await startAgentServer({ python, folder: join(folder, name), isResilient }));
    });
    await Promise.all(started);
    gateway = await startGateway(new Map([...servers].map(([name, { url }]) => [name, url])));
    app = await startApp({
      connectionString: inject('azurite'),
      prefix: `real${edition}`,
      endpoint: gateway.endpoint,
    });
  }, 120_000);
  afterAll(async () => {
    await app?.close();
    await gateway?.close();
    for (const server of servers.values()) await server.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const serverOf = (name: string): AgentServer => {
    const server = servers.get(name);
    if (server === undefined) throw new Error(`There is no agent "${name}".`);
    return server;
  };
  const ledgerOf = (agent: string, name: string): readonly string[] => serverOf(agent).ledger(name).map(shortOf);
  const untilLedger = (agent: string, name: string, expected: readonly string[], seconds = 60) =>
    vi.waitFor(() => expect(ledgerOf(agent, name)).toEqual(expected), { timeout: seconds * 1000, interval: 50 });
  const idsOf = (agent: string, name: string): readonly (string | undefined)[] => [
    ...new Set(
      serverOf(agent)
        .ledger(name)
        .map(({ id }) => id),
    ),
  ];
  const expectSameId = (run: ShownRun, agent: string, name: string) =>
    expect([run.response_id]).toEqual(idsOf(agent, name));
  const agent = 'steady';

  describe.concurrent(`agents on the ${edition} server libraries`, () => {
    test.each(plainCases)('$name', { timeout: 300_000 }, async ({ name, protocol, order, seconds, becomes, did }) => {
      const id = await app.begin(name, { protocol, agent, input: { case: name, ...order } });
      const run = await app.ended(name, id, seconds ?? 60);
      expect(run).toMatchObject(becomes);
      await untilLedger(agent, name, did);
      if (run.attempts.length === 1) expectSameId(run, agent, name);
    });

    test.each(['responses', 'invocations'] as const)('stop when the run is cancelled, by %s', async (protocol) => {
      const name = `cancelled-by-user-${protocol}`;
      const input = { case: name, do: 'work', seconds: 100, text: 'never said' };
      const id = await app.begin(name, { protocol, agent, input });
      await untilLedger(agent, name, ['begun']);
      expect(await app.cancel(name, id)).toMatchObject({ status: 'KILLED', error_type: 'cancelled' });
      await untilLedger(agent, name, ['begun', 'ended cancelled']);
    });

    test.each([['invocations', { status: 'KILLED', error_type: 'cancelled' }]] as const)(
      'that are cancelled there end the run, by %s',
      async (protocol, becomes) => {
        const name = `cancelled-there-${protocol}`;
        const input = { case: name, do: 'work', seconds: 100, text: 'never said' };
        const id = await app.begin(name, { protocol, agent, input });
        await untilLedger(agent, name, ['begun']);
        const [begun = ''] = idsOf(agent, name);
        const answer = await fetch(`${serverOf(agent).url}/${protocol}/${begun}/cancel`, { method: 'POST' });
        expect(answer.status).toBe(200);
        expect(await app.ended(name, id)).toMatchObject({ ...becomes, attempts: [{ number: 1 }] });
        await untilLedger(agent, name, ['begun', 'ended cancelled']);
      },
    );
  });

  test('nothing has called out', () => {
    for (const server of servers.values()) {
      expect(server.ledger().filter(({ event }) => event === 'called-out')).toEqual([]);
    }
  });
};
