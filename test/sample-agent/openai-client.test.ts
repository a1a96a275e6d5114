import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { startAtTestTime } from './start-at-test-time.ts';

/** The official client on the project's Responses route, work taking a minute of the test's time. */
const start = async () => {
  const { server, pass } = await startAtTestTime();
  const baseURL = `${server.url.replace('{project}', 'alpha')}/openai/v1`;
  const client = new OpenAI({ baseURL, apiKey: 'nobody-checks-this', maxRetries: 0 });
  const ask = (agent: string, over: { readonly conversation?: string } = {}) => {
    const body = { input: 'hello', agent_reference: { type: 'agent_reference', name: agent }, ...over };
    return client.responses.create(body);
  };
  return { client, ask, pass };
};

describe('the OpenAI client', () => {
  test('creates a response and reads its text, its conversation and its time', async () => {
    const { ask } = await start();
    const response = await ask('echo-agent', { conversation: 'conv_1' });
    expect(response).toMatchObject({
      object: 'response',
      status: 'completed',
      error: null,
      incomplete_details: null,
      output_text: 'echo-agent heard: hello',
      conversation: { id: 'conv_1' },
      created_at: expect.any(Number),
      id: expect.stringMatching(/^resp_/),
    });
  });

  test('follows a response from its beginning to its end', async () => {
    const { client, ask, pass } = await start();
    const begun = await ask('background-agent');
    expect(begun).toMatchObject({ status: 'in_progress', output: [], created_at: 1780383600 });
    expect(await client.responses.retrieve(begun.id)).toMatchObject({ id: begun.id, status: 'in_progress' });
    pass(60);
    expect(await client.responses.retrieve(begun.id)).toMatchObject({
      id: begun.id,
      status: 'completed',
      output_text: 'background-agent has finished',
    });
  });

  test('reads why a response failed', async () => {
    const { client, ask, pass } = await start();
    const { id } = await ask('background-failing-agent');
    pass(60);
    const error = { code: 'server_error', message: 'background-failing-agent could not finish its work' };
    expect(await client.responses.retrieve(id)).toMatchObject({ status: 'failed', error });
    expect(await ask('failing-agent')).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
  });

  test('cancels a response, once or more often, but none that has ended', async () => {
    const { client, ask, pass } = await start();
    const { id } = await ask('background-agent');
    expect(await client.responses.cancel(id)).toMatchObject({ id, status: 'cancelled' });
    expect(await client.responses.cancel(id)).toMatchObject({ status: 'cancelled' });
    expect(await client.responses.retrieve(id)).toMatchObject({ status: 'cancelled' });
    const other = await ask('background-agent', { conversation: 'conv_2' });
    pass(60);
    await expect(client.responses.cancel(other.id)).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });

  test('makes of a refusal the error that it stands for', async () => {
    const { client, ask } = await start();
    await expect(ask('broken-agent')).rejects.toMatchObject({ status: 400, code: 'invalid_prompt' });
    await expect(ask('flaky-agent')).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    await expect(client.responses.retrieve('resp_unknown')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});
