import { expect, test } from 'vitest';
import type { Stage } from './stage.ts';

const text = 'one two three';

/** The agent's server ends while it has work, and comes back. */
export const testRestarts = (stage: () => Stage): void => {
  test('work that was lost with its server is told as it was', { timeout: 300_000 }, async () => {
    const { app, server, untilDid, untilAccepted } = stage();
    const agent = 'restarted';
    const { end, start } = server(agent);
    const begin = async (name: string, order: object, deadlineSeconds?: number): Promise<string> => {
      const input = { case: name, do: 'say', text, ...order };
      const id = await app.begin(name, { protocol: 'responses', agent, input, deadlineSeconds });
      await untilDid(agent, name, ['begun']);
      await untilAccepted(id);
      return id;
    };

    // A server that is asked to end waits some seconds for its work.
    const slow = await begin('slow-to-shut-down', { seconds: 7, stubborn: true });
    await end('SIGTERM');
    await start();
    expect(await app.ended('slow-to-shut-down', slow)).toMatchObject({
      status: 'FINISHED',
      output_text: text,
      attempts: [{ number: 1 }],
    });
    await untilDid(agent, 'slow-to-shut-down', ['begun', 'ended completed']);

    const givenUp = await begin('given-up', { seconds: 100 });
    await end('SIGTERM');
    await start();
    expect(await app.ended('given-up', givenUp)).toMatchObject({ status: 'FAILED', attempts: [{ number: 1 }] });
    await untilDid(agent, 'given-up', ['begun', 'ended cancelled']);

    // The library calls what was killed in progress for ever: the deadline ends it.
    const killed = await begin('killed', { seconds: 100 }, 30);
    await end('SIGKILL');
    await start();
    expect(await app.ended('killed', killed, 120)).toMatchObject({
      status: 'FAILED',
      error_type: 'timeout',
      attempts: [{ number: 1 }],
    });
    await untilDid(agent, 'killed', ['begun']);
  });

  test('work that the server takes up again is followed to its end', { timeout: 300_000 }, async () => {
    const { app, server, untilDid, untilAccepted, ids } = stage();
    const agent = 'resilient';
    const name = 'taken-up';
    const { end, start } = server(agent);
    const input = { case: name, do: 'say', text, seconds: 12 };
    const id = await app.begin(name, { protocol: 'responses', agent, input });
    await untilAccepted(id);
    await untilDid(agent, name, ['begun']);
    await end('SIGTERM');
    await start();
    const twice = ['begun', 'ended cancelled', 'begun again'];
    await untilDid(agent, name, twice);
    await end('SIGKILL');
    await start();
    const run = await app.ended(name, id, 120);
    expect(run).toMatchObject({ status: 'FINISHED', output_text: text, attempts: [{ number: 1 }] });
    await untilDid(agent, name, [...twice, 'begun again', 'ended completed']);
    expect([run.response_id]).toEqual(ids(agent, name));
  });
};
