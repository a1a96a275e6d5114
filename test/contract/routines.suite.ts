import { describe, expect, test } from 'vitest';
import type { ContractApp } from './contract-app.ts';
import { aRoutine, collect, invocations, monthly, responses } from './definitions.ts';
import { type Sdk, sdks } from './sdk.ts';

/** Instants on the wire have whole seconds. */
const wholeSecond = (instant: Date): Date => new Date(Math.floor(instant.getTime() / 1000) * 1000);

/** Routines through the SDKs: create, get, list, enable, disable, update, delete. */
export const describeRoutines = (app: () => ContractApp): void => {
  describe.each(sdks)('routines through @azure/ai-projects $version', (sdk: Sdk) => {
    const project = `routines-${sdk.version}`;
    const routines = () => sdk.connect(app().endpointOf(project));

    test('a created routine answers with its definition, the defaults and the instants of its creation', async () => {
      const before = wholeSecond(new Date());
      const { action, triggers } = aRoutine();
      const created = await routines().createOrUpdate('daily-summary', {
        description: 'Sums up „yesterday“ – 日報 ☀️',
        triggers: { 'weekday.morning_1': triggers.monthly },
        action,
      });
      expect(created).toEqual({
        name: 'daily-summary',
        description: 'Sums up „yesterday“ – 日報 ☀️',
        enabled: true,
        triggers: { 'weekday.morning_1': monthly },
        action,
        created_at: expect.any(Date),
        updated_at: created.created_at,
      });
      expect(created.created_at?.getTime()).toBeGreaterThanOrEqual(before.getTime());
      expect(created.created_at?.getTime()).toBeLessThanOrEqual(Date.now());
      expect(await routines().get('daily-summary')).toEqual(created);
    });

    test('the SDK gets fields of its own dialect: seconds as numbers, no nulls, and fields that it does not know', async () => {
      let wire = '';
      await routines().createOrUpdate('on-the-wire', {
        ...aRoutine(),
        onResponse: ({ bodyAsText }) => {
          wire = bodyAsText ?? '';
        },
      });
      const body: unknown = JSON.parse(wire);
      expect(body).toEqual({
        name: 'on-the-wire',
        enabled: true,
        ...aRoutine(),
        authorization: { identity: 'agent' },
        created_at: expect.any(Number),
        updated_at: expect.any(Number),
        next_fire_at: expect.any(Number),
        concurrency_policy: 'always_enqueue',
        catch_up_policy: 'skip_missed',
      });
    });

    test('the preview feature is whatever the SDK sends by itself, and the request id comes back', async () => {
      let seen: unknown;
      await routines().createOrUpdate('with-headers', {
        ...aRoutine(),
        onResponse: ({ request, headers }) => {
          const id = request.headers.get('x-ms-client-request-id');
          seen = {
            feature: request.headers.get('foundry-features'),
            isRequestIdEchoed: id !== undefined && headers.get('x-ms-client-request-id') === id,
            requestId: headers.get('x-request-id'),
          };
        },
      });
      expect(seen).toEqual({
        feature: sdk.previewFeature,
        isRequestIdEchoed: true,
        requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
      });
    });

    test('a timer comes back as the instant it was set to, rounded up to the second', async () => {
      const at = new Date('2031-03-30T01:30:00.250Z');
      const { action } = aRoutine();
      const created = await routines().createOrUpdate('release', { triggers: { once: { type: 'timer', at } }, action });
      expect(created.triggers?.once).toEqual({ type: 'timer', at: new Date('2031-03-30T01:30:01Z') });
    });

    test.each([
      ['a schedule in a Windows time zone', { ...monthly, time_zone: 'Pacific Standard Time' }],
      [
        'an issue trigger',
        { type: 'github_issue', connection_id: 'gh', owner: 'octo', repository: 'cat', issue_event: 'opened' } as const,
      ],
      [
        'a custom trigger',
        { type: 'custom', provider: 'crm', event_name: 'deal.won', parameters: { region: { name: 'EMEA' } } } as const,
      ],
    ])('%s comes back as it was sent', async (_what, trigger) => {
      const { action } = aRoutine();
      const created = await routines().createOrUpdate('each-trigger', { triggers: { only: trigger }, action });
      expect(created.triggers).toEqual({ only: trigger });
    });

    test.each([
      ['a text', 'Say "hi"\n\t\\o/ – ünï 日本 🎉'],
      ['an object', { messages: [{ role: 'user', content: 'hi' }], n: 1.5, nothing: null }],
      ['a list', [1, 'two', { type: 'three', value: 3 }]],
      ['zero', 0],
      ['false', false],
      ['an empty text', ''],
    ])('an input that is %s comes back as it was sent', async (_what, input) => {
      const action = { type: responses, agent_name: 'echo-agent', input, conversation: 'conv_1' } as const;
      await routines().createOrUpdate('each-input', { triggers: { monthly }, action });
      expect((await routines().get('each-input')).action).toEqual(action);
    });

    test('an input of null is no input, as with every other field', async () => {
      const action = { type: responses, agent_name: 'echo-agent', input: null } as const;
      const created = await routines().createOrUpdate('no-input', { triggers: { monthly }, action });
      expect(created.action).toEqual({ type: responses, agent_name: 'echo-agent' });
    });

    test('an invocations action keeps its endpoint and session', async () => {
      const action = { type: invocations, agent_endpoint_id: 'echo-agent', session_id: 'sess_1' } as const;
      const created = await routines().createOrUpdate('invocations', { triggers: { monthly }, action });
      expect(created.action).toEqual(action);
    });

    test('an update replaces the definition: what is left out goes back to its default, the creation stays', async () => {
      const created = await routines().createOrUpdate('updated', {
        ...aRoutine(),
        description: 'first',
        enabled: false,
      });
      const described = await routines().createOrUpdate('updated', { ...aRoutine(), description: 'second' });
      expect(described).toMatchObject({ description: 'second', enabled: true, created_at: created.created_at });
      const bare = await routines().createOrUpdate('updated', aRoutine());
      expect(bare.description).toBeUndefined();
      expect(bare.updated_at?.getTime()).toBeGreaterThanOrEqual(created.updated_at?.getTime() ?? Infinity);
    });

    test('what get returns can be sent back', async () => {
      await routines().createOrUpdate('there-and-back', { ...aRoutine(), description: 'same' });
      const { description, enabled, triggers, action, ...shown } = await routines().get('there-and-back');
      const again = await routines().createOrUpdate('there-and-back', { description, enabled, triggers, action });
      expect(again).toMatchObject({ description, enabled, triggers, action, created_at: shown.created_at });
    });

    test('disable and enable answer with the routine, and repeating them changes nothing', async () => {
      await routines().createOrUpdate('switched', aRoutine());
      for (const enabled of [false, false, true, true]) {
        const switched = await (enabled ? routines().enable('switched') : routines().disable('switched'));
        expect(switched).toMatchObject({ name: 'switched', enabled, ...aRoutine() });
        expect((await routines().get('switched')).enabled).toBe(enabled);
      }
    });

    test('a deleted routine is gone, deleting it again succeeds, and its name can be used again', async () => {
      await routines().createOrUpdate('short-lived', aRoutine());
      expect(await routines().delete('short-lived')).toBeUndefined();
      await expect(routines().get('short-lived')).rejects.toMatchObject({ statusCode: 404, code: 'routine_not_found' });
      expect(await routines().delete('short-lived')).toBeUndefined();
      expect(await routines().createOrUpdate('short-lived', aRoutine())).toMatchObject({ name: 'short-lived' });
    });

    test('a list shows the routines of its project only, as get shows them, newest first', async () => {
      const here = sdk.connect(app().endpointOf(`listed-${sdk.version}`));
      expect(await collect(here.list())).toEqual([]);
      for (const name of ['older', 'newer']) await here.createOrUpdate(name, aRoutine());
      expect(await collect(here.list())).toEqual([await here.get('newer'), await here.get('older')]);
    });
  });
};
