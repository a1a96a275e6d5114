import { describe, expect, test } from 'vitest';
import { callAgent, cancelAtAgent, invocations, pollAgent, responses } from '../agents/http-agent.ts';
import { startAtTestTime } from './start-at-test-time.ts';

const protocols = [
  ['Responses by the agent', responses, 'agent', 200],
  ['Responses by the project', responses, 'project', 200],
  ['Invocations', invocations, 'agent', 202],
] as const;

describe.each(protocols)('a routine that calls by %s', (_protocol, action, responsesRoute, statusCode) => {
  const config = { responsesRoute };

  const begin = async (agentName: string) => {
    const { server, pass } = await startAtTestTime();
    const named = action({ agentName });
    const outcome = await callAgent(server.url, named, { config });
    if (outcome.kind !== 'accepted') throw new Error(`accepted, not ${outcome.kind}`);
    const work = { action: named, ids: outcome.ids };
    return {
      ...{ server, pass, outcome },
      poll: () => pollAgent(server.url, work, { config }),
      cancel: () => cancelAtAgent(server.url, work, { config }),
    };
  };

  test('background-agent hears that its work was accepted, then that it goes on, then what it brought', async () => {
    const { outcome, poll, pass } = await begin('background-agent');
    expect(outcome).toMatchObject({ kind: 'accepted', statusCode });
    pass(59);
    expect(await poll()).toEqual({ kind: 'running' });
    pass(1);
    expect(await poll()).toEqual({
      kind: 'completed',
      statusCode: 200,
      answer: {
        responseId: Object.values(outcome.ids)[0],
        sessionId: outcome.ids.sessionId,
        outputText: 'background-agent has finished',
      },
    });
  });

  test('background-failing-agent hears in the end that it failed', async () => {
    const { poll, pass } = await begin('background-failing-agent');
    pass(60);
    const error = { type: 'server_error', message: 'background-failing-agent could not finish its work' };
    expect(await poll()).toMatchObject({ kind: 'terminal', error });
  });

  test('background-cancelled-agent hears in the end that it was cancelled', async () => {
    const { poll, pass } = await begin('background-cancelled-agent');
    pass(60);
    // Section 4 of the contract calls a cancelled response a failure.
    const error = action === responses ? { message: "The response's status is cancelled" } : { type: 'cancelled' };
    expect(await poll()).toMatchObject({ kind: action === responses ? 'terminal' : 'cancelled', error });
  });

  test('late-agent asks again until it is found', async () => {
    const { poll, pass } = await begin('late-agent');
    expect(await poll()).toMatchObject({ kind: 'unknown', error: { statusCode: 404 } });
    pass(60);
    expect(await poll()).toMatchObject({ kind: 'completed' });
  });

  test('can cancel what was accepted', async () => {
    const { cancel, poll, server } = await begin('background-agent');
    await cancel();
    expect(server.calls.at(-1)).toMatchObject({ path: expect.stringMatching(/\/cancel(\?|$)/), status: 200 });
    expect((await poll()).kind).toMatch(/^(cancelled|terminal)$/);
  });

  test('begins nothing twice under one key', async () => {
    const { outcome, server } = await begin('background-agent');
    const again = await callAgent(server.url, action({ agentName: 'background-agent' }), { config });
    expect(again).toEqual(outcome);
  });
});

describe.each([
  ['Responses', responses],
  ['Invocations', invocations],
] as const)('a routine that calls by %s', (_protocol, action) => {
  const call = async (agentName: string) => callAgent((await startAtTestTime()).server.url, action({ agentName }));

  test('fails with approval-agent, for it waits for an answer', async () => {
    const message = expect.stringMatching(/mcp_approval_request .*"send_mail" of "mail"$/);
    expect(await call('approval-agent')).toMatchObject({
      kind: 'terminal',
      error: { type: 'requires_action', message },
    });
  });

  test('hears the refusal of refusing-agent', async () => {
    const answer = { outputText: 'refusing-agent does not do that' };
    expect(await call('refusing-agent')).toMatchObject({ kind: 'completed', answer });
  });

  test('waits for busy-agent', async () => {
    expect(await call('busy-agent')).toMatchObject({ kind: 'busy', error: { type: 'conversation_locked' } });
  });

  test('asks cut-stream-agent again', async () => {
    expect(await call('cut-stream-agent')).toMatchObject({ kind: 'retryable', error: { type: 'connection_error' } });
  });
});

describe('an unruly agent', () => {
  test.each([
    ['failing-stream-agent', 'terminal', { type: 'server_error', message: 'It ended badly' }],
    ['huge-agent', 'completed', undefined],
    ['reset-agent', 'retryable', { type: 'connection_error' }],
    ['redirecting-agent', 'terminal', { statusCode: 307 }],
    ['garbled-agent', 'completed', undefined],
  ])('%s makes a call by Invocations %s', async (agentName, kind, error) => {
    const { server } = await startAtTestTime();
    const outcome = await callAgent(server.url, invocations({ agentName }));
    expect(outcome).toMatchObject({ kind, ...(error && { error }) });
  });

  test.each(['endless-agent', 'trickling-agent'])(
    '%s makes a call by Invocations last as long as it may',
    async (agentName) => {
      const { server } = await startAtTestTime();
      const outcome = await callAgent(server.url, invocations({ agentName }), { call: { timeoutSeconds: 2 } });
      expect(outcome).toMatchObject({ kind: 'retryable', error: { type: 'timeout' } });
    },
  );

  test.each(['huge-agent', 'garbled-agent', 'failing-stream-agent'])(
    '%s makes a call by Responses fail',
    async (agentName) => {
      const { server } = await startAtTestTime();
      const outcome = await callAgent(server.url, responses({ agentName }));
      expect(outcome).toMatchObject({
        kind: 'terminal',
        error: { message: expect.stringContaining('outcome is unknown') },
      });
    },
  );
});
