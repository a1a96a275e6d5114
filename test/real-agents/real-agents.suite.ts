import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testBegunOnce } from './begun-once.suite.ts';
import type { Edition } from './libraries.ts';
import { plainCases } from './plain-cases.ts';
import { testRestarts } from './restarts.suite.ts';
import { type Stage, setStage } from './stage.ts';

/**
 * The app calls agents on the real server libraries, and what its runs say is compared with the ledger of what the
 * agents did.
 */
export const testRealAgents = (edition: Edition, python: string): void => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage(edition, python);
  }, 180_000);
  afterAll(() => stage?.close());
  const agent = 'steady';

  describe.concurrent(`agents on the ${edition} server libraries`, () => {
    test.each(plainCases)('$name', { timeout: 300_000 }, async ({ name, protocol, order, seconds, becomes, did }) => {
      const { app, untilDid, ids } = stage;
      const id = await app.begin(name, { protocol, agent, input: { case: name, ...order } });
      const run = await app.ended(name, id, seconds ?? 60);
      expect(run).toMatchObject(becomes);
      await untilDid(agent, name, did);
      // After an attempt that was answered the next one begins under another id.
      const answered = run.attempts.slice(0, -1).filter((attempt) => attempt.status_code !== undefined);
      expect(ids(agent, name)).toHaveLength(1 + answered.length);
      expect(ids(agent, name)).toContain(run.response_id ?? ids(agent, name)[0]);
    });

    test.each(['responses', 'invocations'] as const)('stop when the run is cancelled, by %s', async (protocol) => {
      const { app, untilDid } = stage;
      const name = `cancelled-by-user-${protocol}`;
      const input = { case: name, do: 'work', seconds: 100, text: 'never said' };
      const id = await app.begin(name, { protocol, agent, input });
      await untilDid(agent, name, ['begun']);
      expect(await app.cancel(name, id)).toMatchObject({ status: 'KILLED', error_type: 'cancelled' });
      await untilDid(agent, name, ['begun', 'ended cancelled']);
    });

    test.each([
      ['responses', { status: 'FAILED', error_type: 'agent_error' }],
      ['invocations', { status: 'KILLED', error_type: 'cancelled' }],
    ] as const)('that are cancelled there end the run, by %s', async (protocol, becomes) => {
      const { app, server, untilDid, ids } = stage;
      const name = `cancelled-there-${protocol}`;
      const input = { case: name, do: 'work', seconds: 100, text: 'never said' };
      const id = await app.begin(name, { protocol, agent, input });
      await untilDid(agent, name, ['begun']);
      const [begun = ''] = ids(agent, name);
      const answer = await fetch(`${server(agent).url}/${protocol}/${begun}/cancel`, { method: 'POST' });
      expect(answer.status).toBe(200);
      expect(await app.ended(name, id)).toMatchObject({ ...becomes, attempts: [{ number: 1 }] });
      await untilDid(agent, name, ['begun', 'ended cancelled']);
    });

    testBegunOnce(() => stage);
    testRestarts(() => stage);
  });

  test('nothing has called out', () => {
    for (const name of ['steady', 'restarted', 'resilient'] as const) {
      const calls = stage
        .server(name)
        .ledger()
        .filter(({ event }) => event === 'called-out');
      expect(calls).toEqual([]);
    }
  });
};
