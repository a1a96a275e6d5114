import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import type { ContractApp } from './contract-app.ts';
import { keys, readersProject } from './contract-app.ts';
import { aRoutine } from './definitions.ts';
import { type Answer, ask } from './plain-client.ts';

/** The run ends, or begins, within the delay of its message and a poll of the queue, on a busy machine. */
const patience = { timeout: 60_000, interval: 200 };

const isoInstant = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);

const dialects = [
  {
    dialect: 'with an api-version',
    query: '?api-version=v1',
    instant: expect.any(Number),
    word: (status: string) => status,
  },
  {
    dialect: 'without an api-version',
    query: '',
    instant: isoInstant,
    word: (status: string) => status.toUpperCase(),
  },
] as const;

/** Single runs, cancel, retry and archive: routes of our own, which no SDK knows. */
export const describeRunControl = (app: () => ContractApp): void => {
  describe.concurrent.each(dialects)('control of runs $dialect', { timeout: 150_000 }, ({ query, instant, word }) => {
    const project = () => app().endpointOf('control');

    const send = (method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> =>
      ask(`${project()}/routines/${path}${query}`, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });

    /** A routine of its own for each test. */
    const create = async (definition: object = aRoutine()): Promise<string> => {
      const name = `r-${randomUUID()}`;
      expect(await send('PUT', name, definition)).toMatchObject({ status: 200 });
      return name;
    };
    const dispatch = async (name: string): Promise<string> => {
      const { status, body } = await send('POST', `${name}:dispatch_async`);
      expect(status).toBe(200);
      return String(body?.routine_run_id);
    };
    const runUntil = (name: string, id: string, expected: object) =>
      vi.waitFor(async () => {
        const { body } = await send('GET', `${name}/runs/${id}`);
        expect(body).toMatchObject(expected);
        return body;
      }, patience);
    const ended = (name: string, id: string) => runUntil(name, id, { ended_at: instant });
    /** Cancels a run before it starts: on a busy machine the message of this or that run is faster. */
    const cancelQueued = async (name: string, path: string): Promise<{ id: string; answer: Answer }> => {
      for (;;) {
        const id = await dispatch(name);
        const answer = await send('POST', `${name}/runs/${id}${path}`);
        const { body } = await send('GET', `${name}/runs/${id}`);
        if (body?.started_at === undefined) return { id, answer };
      }
    };

    test('a run is read by its id as the list shows it, in either case of its digits', async () => {
      const name = await create();
      const id = await dispatch(name);
      const run = await ended(name, id);
      expect(run).toMatchObject({ id, status: word('Finished'), started_at: instant, ended_at: instant });
      const { body } = await send('GET', `${name}/runs`);
      expect(body?.data ?? body?.value).toEqual([run]);
      expect((await send('GET', `${name}/runs/${id.toUpperCase()}`)).body).toEqual(run);
      await send('DELETE', name);
      expect((await send('GET', `${name}/runs/${id}`)).body).toEqual(run);
    });

    test.each([
      ['GET', (id: string) => `/${id}`],
      ['GET', () => '/seven'],
      ['GET', () => '/seven:cancel'],
      ['POST', (id: string) => `/${id}:cancel`],
      ['POST', (id: string) => `/${id}:retry`],
      ['POST', () => '/seven:retry'],
    ])('%s of a run that does not exist is run_not_found', async (method, path) => {
      const name = await create();
      // Of another routine: it has a run of this id.
      const id = await dispatch(await create());
      expect(await send(method, `${name}/runs${path(id)}`)).toMatchObject({
        status: 404,
        body: { error: { code: 'run_not_found', message: expect.any(String), type: 'invalid_request_error' } },
      });
    });

    test('an action that there is not is not_found and names those that there are; POST alone is a wrong method', async () => {
      const name = await create();
      const id = await dispatch(name);
      expect(await send('POST', `${name}/runs/${id}:enable`)).toMatchObject({
        status: 404,
        body: { error: { code: 'not_found', message: 'Action "enable": expected one of cancel, retry' } },
      });
      for (const method of ['POST', 'PUT', 'DELETE']) {
        const answer = await send(method, `${name}/runs/${id}`);
        expect(answer).toMatchObject({ status: 405, body: { error: { code: 'method_not_allowed' } } });
        expect(answer.headers.get('allow')).toBe('GET');
      }
    });

    test.each([':cancel', '%3Acancel', ':cancel/'])(
      'a queued run that is cancelled with %s never starts',
      async (path) => {
        const name = await create();
        const { id, answer } = await cancelQueued(name, path);
        const { status, body } = answer;
        const killed = {
          id,
          status: word('Killed'),
          phase: 'failed',
          error_type: 'cancelled',
          error_message: 'The run was cancelled.',
          attempts: [],
          ended_at: instant,
        };
        expect(status).toBe(200);
        expect(body).toMatchObject(killed);
        expect(body).not.toHaveProperty('started_at');
        expect(await send('POST', `${name}/runs/${id}:cancel`)).toMatchObject({
          status: 409,
          body: { error: { code: 'conflict', message: expect.stringContaining(`Run "${id}" has ended`) } },
        });
        // One that is dispatched after it comes after it.
        await ended(name, await dispatch(name));
        expect((await send('GET', `${name}/runs/${id}`)).body).toEqual(body);
      },
    );

    test('an ended run is retried as it was, whatever has become of its routine', async () => {
      const name = await create(aRoutine('slow-agent'));
      const underWay = await dispatch(name);
      expect(await send('POST', `${name}/runs/${underWay}:retry`)).toMatchObject({
        status: 409,
        body: { error: { code: 'conflict', message: expect.stringContaining('only a run that has ended') } },
      });
      await send('POST', `${name}/runs/${underWay}:cancel`);
      await send('PUT', name, aRoutine());
      const old = await dispatch(name);
      const first = await ended(name, old);
      const { action } = aRoutine('broken-agent');
      await send('PUT', name, { ...aRoutine(), action: { ...action, input: 'other' }, enabled: false });
      const { status, body } = await send('POST', `${name}/runs/${old}:retry`, {});
      expect(status).toBe(200);
      // On a busy machine it may have started, or ended, by the time of the answer.
      const stage = expect.toBeOneOf(['Scheduled', 'Running', 'Finished'].map(word));
      expect(body).toMatchObject({ status: stage, retry_of: old, attempt_source: 'manual_dispatch' });
      const run = await ended(name, String(body?.id));
      expect(run).toMatchObject({
        status: word('Finished'),
        retry_of: old,
        agent_id: 'echo-agent',
        output_text: first?.output_text,
      });
      expect(run?.id).not.toBe(old);
    });

    test.each(['Idempotency-Key', 'x-ms-client-request-id'])(
      'a retry that is repeated under one %s answers with the first one’s run',
      async (header) => {
        const name = await create();
        const old = await dispatch(name);
        const headers = { [header]: 'retry-4711' };
        await send('POST', `${name}/runs/${old}:cancel`);
        const [first, again] = [
          await send('POST', `${name}/runs/${old}:retry`, undefined, headers),
          await send('POST', `${name}/runs/${old}:retry`, undefined, headers),
        ];
        expect([first.status, again.status, again.body?.id]).toEqual([200, 200, first.body?.id]);
        const { body } = await send('GET', `${name}/runs`);
        expect(body?.data ?? body?.value).toHaveLength(2);
      },
    );

    test('a retry takes no payload: it has the input of the run that it repeats', async () => {
      const name = await create();
      const payload = { type: 'invoke_agent_responses_api', input: 'other' };
      expect(await send('POST', `${name}/runs/${randomUUID()}:retry`, { payload })).toMatchObject({ status: 404 });
      const id = await dispatch(name);
      expect(await send('POST', `${name}/runs/${id}:retry`, { payload })).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_request', param: 'payload' } },
      });
    });

    test('an archived routine can be read and deleted, and nothing else', async () => {
      const name = await create();
      const id = await dispatch(name);
      await ended(name, id);
      const { status, body } = await send('POST', `${name}:archive`);
      expect(status).toBe(200);
      expect(body).toMatchObject({ name, archived_at: instant, enabled: true });
      expect(body).not.toHaveProperty('next_fire_at');
      const archivedAt = new Date(query === '' ? String(body?.archived_at) : Number(body?.archived_at) * 1000);
      const since = archivedAt.toISOString().slice(0, 19);

      const refused: readonly [string, string, object?][] = [
        ['PUT', name, aRoutine()],
        ['POST', `${name}:enable`],
        ['POST', `${name}:disable`],
        ['POST', `${name}:dispatch_async`],
        ['POST', `${name}/runs/${id}:retry`],
      ];
      for (const [method, path, sent] of refused) {
        const message = expect.stringContaining(`Routine "${name}" was archived at ${since}`);
        expect(await send(method, path, sent)).toMatchObject({
          status: 409,
          body: { error: { code: 'conflict', message } },
        });
      }

      expect(await send('POST', `${name}:archive`)).toMatchObject({ status: 200, body });
      expect((await send('GET', name)).body).toEqual(body);
      const listed = await ask(`${project()}/routines?limit=1000${query.replace('?', '&')}`);
      expect(listed.body?.data ?? listed.body?.value).toContainEqual(body);

      expect((await send('DELETE', name)).status).toBe(204);
      const fresh = await send('PUT', name, aRoutine());
      expect(fresh).toMatchObject({ status: 200, body: { name, next_fire_at: instant } });
      expect(fresh.body).not.toHaveProperty('archived_at');
    });

    test('archive of a routine that there is not is routine_not_found', async () => {
      expect(await send('POST', 'absent:archive')).toMatchObject({
        status: 404,
        body: { error: { code: 'routine_not_found' } },
      });
    });
  });

  describe('the roles of run control', () => {
    const url = (path: string) => `${app().endpointOf(readersProject)}/routines/${path}`;
    const as = (role: keyof typeof keys, method: string, path: string) =>
      ask(url(path), { method, headers: { Authorization: `Bearer ${keys[role]}` } });

    test('a reader reads a run, an operator cancels and retries it, and archiving takes a contributor', async () => {
      await ask(url('guarded'), { method: 'PUT', body: JSON.stringify(aRoutine('slow-agent')) });
      const { body } = await as('operator', 'POST', 'guarded:dispatch_async');
      const run = `guarded/runs/${body?.routine_run_id}`;
      const forbidden = (role: string) => ({
        status: 403,
        body: { error: { code: 'forbidden', message: expect.stringContaining(`lacks the role ${role}`) } },
      });
      const status = expect.toBeOneOf(['SCHEDULED', 'RUNNING']);
      expect(await as('reader', 'GET', run)).toMatchObject({ status: 200, body: { status } });
      expect(await as('reader', 'POST', `${run}:cancel`)).toMatchObject(forbidden('operator'));
      expect(await as('reader', 'POST', `${run}:retry`)).toMatchObject(forbidden('operator'));
      expect(await as('operator', 'POST', `${run}:cancel`)).toMatchObject({ status: 200 });
      const retried = await as('operator', 'POST', `${run}:retry`);
      expect(retried).toMatchObject({ status: 200 });
      expect(await as('operator', 'POST', 'guarded:archive')).toMatchObject(forbidden('contributor'));
      expect((await as('reader', 'GET', 'guarded')).body).not.toHaveProperty('archived_at');
      expect(await as('contributor', 'POST', 'guarded:archive')).toMatchObject({ status: 200 });
      // It would keep the app from ending for a minute.
      await as('operator', 'POST', `guarded/runs/${retried.body?.id}:cancel`);
    });
  });
};
