import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import type { ContractApp } from './contract-app.ts';
import { aRoutine, collect } from './definitions.ts';
import { ask } from './plain-client.ts';
import { type Sdk, sdks } from './sdk.ts';

const patience = { timeout: 50_000, interval: 200 };

/** Concurrency policies and metadata: fields of our own, which an SDK neither sends nor shows, and must survive. */
export const describePolicies = (app: () => ContractApp): void => {
  describe.concurrent.each(sdks)('fields beyond @azure/ai-projects $version', { timeout: 200_000 }, (sdk: Sdk) => {
    const endpoint = () => app().endpointOf('policies');
    const routines = () => sdk.connect(endpoint());
    const v1 = (path: string, init?: RequestInit) => ask(`${endpoint()}/routines/${path}?api-version=v1`, init);
    const put = async (definition: object): Promise<string> => {
      const name = `r-${randomUUID()}`;
      const { status } = await v1(name, { method: 'PUT', body: JSON.stringify({ ...aRoutine(), ...definition }) });
      expect(status).toBe(200);
      return name;
    };
    const dispatch = async (name: string): Promise<string> => {
      const { dispatch_id: dispatched } = await routines().dispatch(name);
      const hex = String(dispatched).replace('dispatch_', '');
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    };
    /** As the SDK shows it, once it is like that. */
    const runUntil = (name: string, id: string, expected: object) =>
      vi.waitFor(async () => {
        const run = (await collect(routines().listRuns(name))).find((candidate) => candidate.id === id);
        expect(run).toMatchObject(expected);
        return run;
      }, patience);

    test('a run that finds another one active is Killed, and says which', async () => {
      const name = await put({ ...aRoutine('slow-agent'), concurrency_policy: 'skip_if_active' });
      const holder = await dispatch(name);
      await runUntil(name, holder, { status: 'Running' });
      const skipped = await dispatch(name);
      const killed = await runUntil(name, skipped, { status: 'Killed', phase: 'failed', error_type: 'skipped' });
      expect(killed?.started_at).toBeUndefined();
      const wire = { status: 'Killed', skip_reason: 'overlap', blocked_by: holder, attempts: [] };
      expect(await v1(`${name}/runs/${skipped}`)).toMatchObject({
        body: { ...wire, error_message: expect.stringContaining(holder) },
      });
      const filter = `blocked_by = '${holder}' AND skip_reason = 'overlap'`;
      expect(await collect(routines().listRuns(name, { filter }))).toMatchObject([{ id: skipped }]);
      expect(await v1(`${name}/runs/${holder}:cancel`, { method: 'POST' })).toMatchObject({
        body: { status: 'Killed', error_type: 'cancelled' },
      });
    });

    test('where runs are coalesced one waits for the active one, and the next is Killed and names the one that waits', async () => {
      const name = await put({ ...aRoutine('slow-agent'), concurrencyPolicy: 'coalesce_if_active' });
      const holder = await dispatch(name);
      await runUntil(name, holder, { status: 'Running' });
      // Whichever message is received first has the place.
      const asked = [await dispatch(name), await dispatch(name)];
      const [killed, waiting] = await vi.waitFor(async () => {
        const runs = (await collect(routines().listRuns(name))).filter(({ id }) => asked.includes(id));
        expect(runs.map(({ status }) => status).toSorted()).toEqual(['Killed', 'Scheduled']);
        return [runs.find(({ status }) => status === 'Killed'), runs.find(({ status }) => status === 'Scheduled')];
      }, patience);
      const wire = { skip_reason: 'coalesced', blocked_by: waiting?.id, attempts: [] };
      expect(await v1(`${name}/runs/${killed?.id}`)).toMatchObject({ body: wire });
      for (const id of [waiting?.id, holder]) await v1(`${name}/runs/${id}:cancel`, { method: 'POST' });
    });

    test('metadata comes back as it is spelled, is in each run, and finds it', async () => {
      const metadata = { team: 'Blue', costCenter: '4711', cost_center: '42', 'on call': 'Ada' };
      const name = await put({ metadata });
      expect(await v1(name)).toMatchObject({ body: { metadata } });
      expect(await ask(`${endpoint()}/routines/${name}`)).toMatchObject({ body: { metadata } });
      const id = await dispatch(name);
      await runUntil(name, id, { status: 'Finished' });
      expect(await v1(`${name}/runs/${id}`)).toMatchObject({ body: { metadata } });
      const found = async (filter: string) => (await collect(routines().listRuns(name, { filter }))).length;
      expect(await found("metadata.team = 'blue' and metadata.costCenter = '4711'")).toBe(1);
      expect(await found("attributes.metadata.`on call` LIKE 'a%'")).toBe(1);
      expect(await found('metadata."on call" eq \'Ada\'')).toBe(1);
      expect(await found("metadata.costcenter = '4711'")).toBe(0);
      expect(await found("metadata.team != 'blue'")).toBe(0);
    });

    test('what get shows can be put; what the SDK does not send goes back to its default', async () => {
      const name = await put({ metadata: { a: 'b' }, concurrency_policy: 'coalesce_if_active' });
      const { body: shown } = await v1(name);
      const again = await v1(name, { method: 'PUT', body: JSON.stringify(shown) });
      expect(again.body).toEqual({ ...shown, updated_at: expect.any(Number) });
      await routines().createOrUpdate(name, aRoutine());
      const { body } = await v1(name);
      expect(body).toMatchObject({ concurrency_policy: 'always_enqueue' });
      expect(body).not.toHaveProperty('metadata');
    });

    test('the SDK reads an archived routine, and is told when it tries to change it', async () => {
      const name = await put({});
      await v1(`${name}:archive`, { method: 'POST' });
      expect(await routines().get(name)).toMatchObject({ name, enabled: true });
      for (const call of [
        () => routines().createOrUpdate(name, aRoutine()),
        () => routines().enable(name),
        () => routines().disable(name),
        () => routines().dispatch(name),
      ]) {
        await expect(call()).rejects.toMatchObject({
          name: 'RestError',
          statusCode: 409,
          code: 'conflict',
          message: expect.stringContaining('was archived at'),
        });
      }
      expect(await routines().delete(name)).toBeUndefined();
      expect(await routines().createOrUpdate(name, aRoutine())).toMatchObject({ name });
    });

    test.each([
      [{ concurrency_policy: 'queue' }, 'concurrency_policy', 'found "queue"; expected "always_enqueue" or'],
      [{ metadata: { n: 5 } }, 'metadata.n', 'found 5; expected a text'],
      [{ metadata: 'a=b' }, 'metadata', 'found "a=b"; expected an object'],
    ])('%o is refused with the field, the value and what was expected', async (definition, param, says) => {
      const body = JSON.stringify({ ...aRoutine(), ...definition });
      expect(await v1('refused', { method: 'PUT', body })).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_request', param, message: expect.stringContaining(`${param}: ${says}`) } },
      });
    });
  });
};
