import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { AgentCall } from '../../shared/app/ports/agent-caller.ts';
import { invocationIdFor, responseIdFor } from '../../shared/domain/begun-id.ts';
import {
  callAgent,
  callerOf,
  holdTime,
  invocations,
  project,
  responses,
  runId,
  type SeenRequest,
  sendJson,
  serveAgent,
} from './http-agent.ts';

const responseId = responseIdFor({ runId, answered: 0 });
const invocationId = invocationIdFor({ runId, answered: 0 });
const again = { mayRepeat: true, mayBeBegun: true };
const conflict = { error: { type: 'conflict', code: 'response_id_conflict', param: 'response_id', message: 'Known' } };
const completed = { id: 'resp_1', status: 'completed', output: [] };

type Shape = readonly [status: number, body: unknown];

/** An agent of one answer to a call, and one to a question after the work. */
const serve = (start: Shape, known: Shape) =>
  serveAgent((outgoing, { method }) => {
    const [status, body] = method === 'GET' ? known : start;
    sendJson(outgoing, body, { status });
  });
const methods = (seen: readonly SeenRequest[]) => seen.map(({ method }) => method);

describe('a call names the work that it begins', () => {
  test('by an id of the run, and another one after an answered attempt', async () => {
    const agent = await serve([200, completed], [404, {}]);
    await callAgent(agent.endpoint, responses());
    await callAgent(agent.endpoint, responses(), { call: { answered: 1 } });
    await callAgent(agent.endpoint, invocations());
    expect(methods(agent.seen)).toEqual(['POST', 'POST', 'POST']);
    const [first, second, third] = agent.seen.map(({ headers }) => headers);
    expect(first?.['x-agent-response-id']).toBe(responseId);
    expect(second?.['x-agent-response-id']).toBe(responseIdFor({ runId, answered: 1 }));
    expect(third?.['x-agent-invocation-id']).toBe(invocationId);
    expect(third?.['x-agent-response-id']).toBeUndefined();
  });
});

describe('a repeat whose work may be known', () => {
  test.each([
    ['goes on', { status: 'in_progress' }, { kind: 'accepted', ids: { responseId } }],
    ['is queued', { status: 'queued', background: true }, { kind: 'accepted' }],
    ['goes on, in its own words', { status: 'Running' }, { kind: 'accepted' }],
    ['has a status that is not known', { status: 'thinking' }, { kind: 'accepted' }],
    ['has completed', { status: 'completed', output: [] }, { kind: 'completed', answer: { responseId } }],
    ['has failed', { status: 'failed', error: { code: 'tool', message: 'x' } }, { kind: 'terminal' }],
    ['is incomplete', { status: 'incomplete' }, { kind: 'terminal' }],
    ['was cancelled in the background', { status: 'cancelled', background: true }, { kind: 'terminal' }],
  ])('is not begun again where it %s', async (_how, fields, outcome) => {
    const agent = await serve([200, completed], [200, { id: responseId, object: 'response', ...fields }]);
    expect(await callAgent(agent.endpoint, responses(), { call: again })).toMatchObject(outcome);
    expect(methods(agent.seen)).toEqual(['GET']);
    expect(agent.seen[0]?.headers['x-agent-response-id']).toBeUndefined();
    expect(agent.seen[0]?.headers['idempotency-key']).toBeUndefined();
  });

  const unknown: readonly Shape[] = [
    [404, { error: { message: 'No' } }],
    [400, { error: { message: 'No' } }],
    [405, {}],
    [501, {}],
    [503, {}],
    [200, { ...completed, id: 'another' }],
    [200, {}],
    [200, '<html>'],
    [200, { data: [], object: 'list' }],
    [200, { status: 'completed' }],
    // The server gave it up when our call was cut off.
    [200, { id: responseId, status: 'cancelled', background: false }],
    [200, { id: responseId, status: 'cancelled' }],
  ];
  test.each(unknown)('is begun where the question after it meets %i %j', async (status, body) => {
    const agent = await serve([200, completed], [status, body]);
    expect(await callAgent(agent.endpoint, responses(), { call: again })).toMatchObject({ kind: 'completed' });
    expect(methods(agent.seen)).toEqual(['GET', 'POST']);
    expect(agent.seen[1]?.headers['x-agent-response-id']).toBe(responseId);
  });

  test('is begun where the question is not answered in seconds', async () => {
    const time = holdTime();
    const agent = await serveAgent((outgoing, { method }) =>
      method === 'GET' ? time.pass(5) : sendJson(outgoing, completed),
    );
    expect(await callAgent(agent.endpoint, responses(), { call: again })).toMatchObject({ kind: 'completed' });
  });

  test.each([
    ['goes on', { invocation_id: invocationId, status: 'running' }, 'accepted'],
    ['goes on, by another name', { id: invocationId, status: 'in_progress' }, 'accepted'],
    ['has completed', { invocation_id: invocationId, status: 'completed', output: 'x' }, 'completed'],
    ['has failed', { invocation_id: invocationId, status: 'failed' }, 'terminal'],
    ['was cancelled', { invocation_id: invocationId, status: 'cancelled' }, 'terminal'],
  ])('of an invocation is not begun again where it %s', async (_how, body, kind) => {
    const agent = await serve([200, {}], [200, body]);
    expect(await callAgent(agent.endpoint, invocations(), { call: again })).toMatchObject({ kind });
    expect(methods(agent.seen)).toEqual(['GET']);
  });

  test.each([[{ status: 'running' }], [{ invocation_id: invocationId }], [{ id: 'other', status: 'running' }]])(
    'of an invocation is begun where the answer is %j',
    async (body) => {
      const agent = await serve([200, {}], [200, body]);
      await callAgent(agent.endpoint, invocations(), { call: again });
      expect(methods(agent.seen)).toEqual(['GET', 'POST']);
    },
  );
});

describe('an agent that knows the id', () => {
  test.each([
    ['the server library', conflict],
    ['the server library for invocations', { error: { code: 'invocation_id_conflict', message: 'x' } }],
    ['a code at the top', { code: 'response_id_conflict' }],
    ['a detail', { detail: { code: 'response_id_conflict', message: 'x' } }],
    ['a code that says it exists', { error: { code: 'response_already_exists' } }],
    ['a conflict of the param', { error: { type: 'conflict', param: 'response_id' } }],
    ['a duplicate of the header', { error: { code: 'already_exists', target: 'x-agent-response-id' } }],
    ['a list', { errors: [{ code: 'ResponseIdConflict' }] }],
    ['another case', { error: { code: 'AlreadyExists', param: 'invocation_id' } }],
    ['an inner error', { error: { code: 'Conflict', innererror: { code: 'duplicate_response_id' } } }],
  ])('says so in the form of %s, and its work is gone on with', async (_form, body) => {
    const agent = await serve([409, body], [200, { id: responseId, status: 'in_progress' }]);
    expect(await callAgent(agent.endpoint, responses())).toMatchObject({ kind: 'accepted', ids: { responseId } });
    expect(methods(agent.seen)).toEqual(['POST', 'GET']);
  });

  test('is asked again later when it does not find the work, without an attempt', async () => {
    const agent = await serve([409, conflict], [404, {}]);
    expect(await callAgent(agent.endpoint, responses(), { call: { unfoundSeconds: 59 } })).toMatchObject({
      kind: 'busy',
      isUnfound: true,
    });
  });

  test('is called under a new id when it has not found the work for a minute', async () => {
    const agent = await serve([409, conflict], [404, {}]);
    expect(await callAgent(agent.endpoint, responses(), { call: { unfoundSeconds: 60 } })).toMatchObject({
      kind: 'retryable',
      error: { statusCode: 409, type: 'response_id_conflict' },
    });
  });

  test('is asked by polls when it cannot say just now', async () => {
    const agent = await serve([409, conflict], [503, {}]);
    expect(await callAgent(agent.endpoint, responses())).toMatchObject({ kind: 'accepted', ids: { responseId } });
  });

  test('is refused where the 409 is about something else', async () => {
    const agent = await serve([409, { error: { code: 'already_exists', param: 'conversation' } }], [200, {}]);
    expect(await callAgent(agent.endpoint, responses())).toMatchObject({ kind: 'terminal' });
    expect(methods(agent.seen)).toEqual(['POST']);
  });
});

describe('an echo of the id in the header', () => {
  test('is no word of an agent whose body names another', async () => {
    const headers = { 'x-agent-invocation-id': invocationId };
    const agent = await serveAgent((outgoing) =>
      sendJson(outgoing, { invocation_id: 'own' }, { status: 202, headers }),
    );
    expect(await callAgent(agent.endpoint, invocations())).toMatchObject({ ids: { invocationId: 'own' } });
  });
});

describe('a call of a cancelled run', () => {
  const cancelled = async (action: AgentCall['action'], more: Partial<AgentCall> = {}, early = false) => {
    const run = new AbortController();
    let stopped = (_: SeenRequest): void => undefined;
    const stop = new Promise<SeenRequest>((resolve) => {
      stopped = resolve;
    });
    const agent = await serveAgent((outgoing: ServerResponse, request) => {
      if (!request.url.includes('/cancel')) return run.abort('cancelled');
      stopped(request);
      sendJson(outgoing, {}, { status: 404 });
    });
    if (early) run.abort('cancelled');
    await callAgent(agent.endpoint, action, { call: { ...more, signal: run.signal } });
    return { agent, stop };
  };

  test.each([
    [responses(), `/responses/${responseId}/cancel?api-version=v1`, 'x-agent-response-id'],
    [invocations(), `/invocations/${invocationId}/cancel?api-version=v1`, 'x-agent-invocation-id'],
  ] as const)('stops by the id what has not answered yet: %j', async (action, path, header) => {
    const { stop } = await cancelled(action);
    const { url, headers } = await stop;
    expect(url.endsWith(path)).toBe(true);
    expect(headers[header]).toBeUndefined();
  });

  test('stops what an earlier attempt may have begun, though it is not sent itself', async () => {
    const { agent } = await cancelled(responses(), again, true);
    expect(agent.seen.map(({ url }) => url.includes('/cancel'))).toEqual([true]);
  });

  test('asks nothing where nothing was sent', async () => {
    const { agent } = await cancelled(responses(), {}, true);
    expect(agent.seen).toEqual([]);
  });
});

test('work whose answer was lost is stopped by its id', async () => {
  const agent = await serveAgent((outgoing) => sendJson(outgoing, {}));
  const action = responses();
  await callerOf(agent.endpoint, {}).stopBegun({ project, runId, action, answered: 0, timeoutSeconds: 5 });
  expect(agent.seen.map(({ url }) => url.replace(/^.*\/responses/, ''))).toEqual([
    `/${responseId}/cancel?api-version=v1`,
  ]);
});
