import { expect, test } from 'vitest';
import type { Stage } from './stage.ts';

const text = 'one two three';
const agent = 'steady';
const once = ['begun', 'ended completed'];

/** Answers get lost after the agent has begun; what it has begun is followed, and not begun again. */
export const testBegunOnce = (stage: () => Stage): void => {
  test.each([
    ['responses', 'say'],
    ['invocations', 'work'],
  ] as const)('an answer by %s that is lost begins nothing again', { timeout: 200_000 }, async (protocol, verb) => {
    const { app, gateway, untilDid, ids } = stage();
    const name = `lost-answer-${protocol}`;
    const held = gateway.holdAnswerTo(name);
    const id = await app.begin(name, { protocol, agent, input: { case: name, do: verb, text, seconds: 8 } });
    const lose = await held;
    lose();
    const run = await app.ended(name, id);
    expect(run).toMatchObject({ status: 'FINISHED', output_text: text });
    expect(run.attempts.map((attempt) => attempt.error_type)).toEqual(['connection_error', undefined]);
    await untilDid(agent, name, once);
    expect([run.response_id]).toEqual(ids(agent, name));
  });

  test('a run whose answer is lost is stopped at the agent when it is cancelled', { timeout: 200_000 }, async () => {
    const { app, gateway, untilDid } = stage();
    const name = 'lost-and-cancelled';
    const held = gateway.holdAnswerTo(name);
    const input = { case: name, do: 'say', text, seconds: 100 };
    const id = await app.begin(name, { protocol: 'responses', agent, input });
    await held;
    await untilDid(agent, name, ['begun']);
    expect(await app.cancel(name, id)).toMatchObject({ status: 'KILLED', error_type: 'cancelled' });
    await untilDid(agent, name, ['begun', 'ended cancelled']);
  });

  test('a host that is killed before it has the answer begins nothing again', { timeout: 200_000 }, async () => {
    const { crashingApp, gateway, untilDid, ids } = stage();
    const name = 'killed-host';
    const held = gateway.holdAnswerTo(name);
    const input = { case: name, do: 'say', text, seconds: 15 };
    const id = await crashingApp.begin(name, { protocol: 'responses', agent, input });
    await held;
    await crashingApp.restart();
    const run = await crashingApp.ended(name, id, 120);
    expect(run).toMatchObject({ status: 'FINISHED', output_text: text, attempts: [{ number: 1 }] });
    await untilDid(agent, name, once);
    expect([run.response_id]).toEqual(ids(agent, name));
  });
};
