import { beforeAll, describe, expect, test } from 'vitest';
import type { ContractApp } from './contract-app.ts';
import { aRoutine, invocations, responses } from './definitions.ts';
import { ask } from './plain-client.ts';

interface Refused {
  readonly what: string;
  readonly path: string;
  readonly init: RequestInit & { readonly duplex?: 'half' };
  readonly status: number;
  readonly code: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const routine = JSON.stringify(aRoutine());

/** A body of unknown length is sent in chunks. */
const chunked = () =>
  new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(routine));
      controller.close();
    },
  });

const refused: readonly Refused[] = [
  {
    what: 'a body in chunks',
    path: '/routines/bad',
    init: { method: 'PUT', body: chunked(), duplex: 'half' },
    status: 411,
    code: 'length_required',
  },
  {
    what: 'a body of more than a mebibyte',
    path: '/routines/bad',
    init: { method: 'PUT', body: ' '.repeat(1_048_577) },
    status: 413,
    code: 'payload_too_large',
  },
  {
    what: 'a body that is not declared as JSON',
    path: '/routines/bad',
    init: { method: 'PUT', body: routine, headers: { 'Content-Type': 'text/plain' } },
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    what: 'a body that is not JSON',
    path: '/routines/bad',
    init: { method: 'PUT', body: '{"triggers":' },
    status: 400,
    code: 'invalid_request',
  },
  {
    what: 'no body where one is needed',
    path: '/routines/bad',
    init: { method: 'PUT' },
    status: 400,
    code: 'invalid_request',
  },
  {
    what: 'an api-version other than v1',
    path: '/routines?api-version=2025-05-01',
    init: {},
    status: 400,
    code: 'unsupported_api_version',
  },
  {
    what: 'an order that there is not',
    path: '/routines?order=sideways',
    init: {},
    status: 400,
    code: 'invalid_request',
  },
  {
    what: 'the legacy dispatch',
    path: '/routines/hello:dispatch',
    init: { method: 'POST' },
    status: 404,
    code: 'not_found',
  },
  { what: 'a path that there is not', path: '/rotuines', init: {}, status: 404, code: 'not_found' },
  {
    what: 'a method that a routine does not take',
    path: '/routines/hello',
    init: { method: 'PATCH', body: '{}' },
    status: 405,
    code: 'method_not_allowed',
    headers: { allow: 'DELETE, GET, PUT' },
  },
  {
    what: 'a method that the list does not take',
    path: '/routines',
    init: { method: 'POST', body: routine },
    status: 405,
    code: 'method_not_allowed',
    headers: { allow: 'GET' },
  },
  {
    what: 'no token at all',
    path: '/routines',
    init: { headers: { Authorization: '' } },
    status: 401,
    code: 'unauthorized',
    headers: { 'www-authenticate': 'Bearer realm="agent-routines"' },
  },
];

/** What no JavaScript SDK sends: requests that the transport refuses, and the other official clients by what they send. */
export const describeWire = (app: () => ContractApp): void => {
  describe('requests without an SDK', () => {
    const project = () => app().endpointOf('wire');

    test.each(refused)(
      '$what is refused with $status and an error object',
      async ({ path, init, status, code, headers }) => {
        const answer = await ask(project() + path, init);
        expect(answer.status).toBe(status);
        expect(answer.body).toEqual({
          error: expect.objectContaining({ code, message: expect.any(String), type: 'invalid_request_error' }),
        });
        expect(Object.fromEntries(answer.headers)).toMatchObject({
          'content-type': expect.stringMatching(/^application\/json/),
          'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
          ...headers,
        });
      },
    );

    test('other spellings are read and answered in the canonical one; unknown and read-only fields are ignored', async () => {
      const { status, body } = await ask(`${project()}/routines/spelled`, {
        method: 'PUT',
        body: JSON.stringify({
          name: 'another',
          created_at: 0,
          color: 'blue',
          description: null,
          triggers: { t: { type: 'schedule', cron: '0 7 * * 1-5', timeZone: 'Europe/Berlin', color: 'red' } },
          action: { type: responses, agentId: 'echo-agent', conversationId: 'conv_1' },
        }),
      });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        name: 'spelled',
        triggers: { t: { type: 'schedule', cron_expression: '0 7 * * 1-5', time_zone: 'Europe/Berlin' } },
        action: { type: responses, agent_name: 'echo-agent', conversation: 'conv_1' },
      });
      expect(body).not.toHaveProperty('description');
      expect(JSON.stringify(body)).not.toContain('color');
    });

    const putTimer = (trigger: object) =>
      ask(`${project()}/routines/timer`, {
        method: 'PUT',
        body: JSON.stringify({ triggers: { t: { type: 'timer', ...trigger } }, action: aRoutine().action }),
      });

    test.each([
      [{ at: '2031-09-01T09:00:00+02:00' }, '2031-09-01T07:00:00Z', 'UTC'],
      [{ at: '2031-09-01T09:00:00', time_zone: 'America/Los_Angeles' }, '2031-09-01T16:00:00Z', 'America/Los_Angeles'],
    ])('a timer set to %o fires at %s', async (trigger, at, timeZone) => {
      const { status, body } = await putTimer(trigger);
      expect(status).toBe(200);
      expect(body).toMatchObject({ triggers: { t: { at, time_zone: timeZone } }, next_fire_at: at });
    });

    test('a timer set to a duration fires that long after it was put', async () => {
      const before = Date.now();
      const fireAt = Date.parse(String((await putTimer({ at: '1h30m' })).body?.next_fire_at));
      expect(fireAt).toBeGreaterThanOrEqual(before + 5_400_000);
      expect(fireAt).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) * 1000 + 5_400_000);
    });

    test('an empty body dispatches with the input of the action', async () => {
      await ask(`${project()}/routines/empty`, { method: 'PUT', body: routine });
      const { status, body } = await ask(`${project()}/routines/empty:dispatch_async`, { method: 'POST' });
      expect(status).toBe(200);
      expect(body).toEqual({
        dispatch_id: expect.stringMatching(/^dispatch_[0-9a-f]{32}$/),
        action_correlation_id: expect.stringMatching(/^dispatch_[0-9a-f]{32}$/),
        task_id: expect.stringMatching(/^routine_dispatch_[0-9a-f]{32}_delivery$/),
        routine_run_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        correlation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
    });
  });

  describe('other official clients, by what they send', () => {
    const project = () => app().endpointOf('other-clients');
    const at = '2031-03-30T01:30:00Z';
    const clients = {
      python: { 'User-Agent': 'azsdk-python-ai-projects/2.2.0 Python/3.12.4 (Linux-x86_64)' },
      dotnet: {
        'User-Agent': 'azsdk-net-AI.Projects/2.1.0-beta.1 (.NET 9.0.0; Linux)',
        'Foundry-Features': 'Evaluations=V1Preview,Schedules=V1Preview,Routines=V1Preview,Skills=V1Preview',
      },
      azd: { 'User-Agent': 'azd-ext-azure-ai-routines/0.2.0-preview azdev/1.23.13 (Go 1.26; linux)' },
    };

    beforeAll(async () => {
      for (const name of ['first', 'second', 'third']) {
        const { action } = aRoutine();
        await ask(`${project()}/routines/${name}`, {
          method: 'PUT',
          body: JSON.stringify({ triggers: { t: { type: 'timer', at } }, action }),
        });
        await ask(`${project()}/routines/first:dispatch_async`, { method: 'POST' });
      }
    });

    test.each([
      ['Python', clients.python],
      ['.NET', clients.dotnet],
    ])('%s gets the instant of a timer as seconds, in a list with next_link', async (_client, headers) => {
      const seconds = Date.parse(at) / 1000;
      const { body, headers: answered } = await ask(`${project()}/routines?api-version=v1&limit=2`, { headers });
      expect(answered.get('vary')).toContain('User-Agent');
      const timer = { triggers: { t: { type: 'timer', at: seconds, time_zone: 'UTC' } } };
      expect(body).toMatchObject({ data: [timer, timer], has_more: true });
      const link = String(body?.next_link);
      expect(link).toBe(`${project()}/routines?limit=2&api-version=v1&after=${body?.last_id}`);
      const rest = await ask(link, { headers });
      expect(rest.body).toEqual({ data: [expect.objectContaining({ name: 'first' })], has_more: false });
    });

    test('Python sends the instant of a timer as seconds', async () => {
      const trigger = { type: 'timer', at: Date.parse(at) / 1000 };
      const { body } = await ask(`${project()}/routines/third?api-version=v1`, {
        method: 'PUT',
        headers: clients.python,
        body: JSON.stringify({ triggers: { t: trigger }, action: { type: invocations, agent_name: 'echo-agent' } }),
      });
      expect(body).toMatchObject({ triggers: { t: trigger } });
    });

    test.each([
      ['routines', '/routines', 'continuationToken'],
      ['runs', '/routines/first/runs', 'nextPageToken'],
    ])('azd finds the %s in value, and the token of the next page', async (_what, path, tokenName) => {
      const headers = clients.azd;
      const first = await ask(`${project()}${path}?api-version=v1&limit=2`, { headers });
      expect(first.body).toEqual({
        value: [expect.any(Object), expect.any(Object)],
        nextLink: expect.stringContaining(`${project()}${path}?`),
        [tokenName]: expect.stringMatching(/^[\w-]+$/),
      });
      const rest = await ask(`${project()}${path}?api-version=v1&limit=2&after=${first.body?.[tokenName]}`, {
        headers,
      });
      expect(rest.body).toEqual({ value: [expect.any(Object)] });
    });

    test('azd sees a missing routine as 404, before it creates one', async () => {
      const answer = await ask(`${project()}/routines/absent?api-version=v1`, { headers: clients.azd });
      expect(answer).toMatchObject({ status: 404, body: { error: { code: 'routine_not_found' } } });
    });

    test('a client without an api-version follows nextLink from page to page', async () => {
      const first = await ask(`${project()}/routines?limit=2&order=asc`);
      expect(first.body).toMatchObject({ value: [{ name: 'first' }, { name: 'second' }] });
      const rest = await ask(String(first.body?.nextLink));
      expect(rest.body).toEqual({
        value: [expect.objectContaining({ name: 'third', created_at: expect.any(String) })],
      });
    });
  });
};
