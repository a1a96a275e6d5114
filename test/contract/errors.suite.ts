import { describe, expect, test } from 'vitest';
import { type ContractApp, keys, readersProject } from './contract-app.ts';
import { aRoutine, collect, invocations, responses } from './definitions.ts';
import { type Routines, type Sdk, sdks } from './sdk.ts';

const { action } = aRoutine();
const scheduled = (cron: string, timeZone = 'UTC') => ({
  triggers: { t: { type: 'schedule', cron_expression: cron, time_zone: timeZone } as const },
  action,
});

interface Refusal {
  readonly code: string;
  readonly call: (routines: Routines) => Promise<unknown>;
  /** What the message must name. */
  readonly says: string;
  readonly param?: string;
}

const badRequests: readonly Refusal[] = [
  {
    code: 'invalid_cron_expression',
    call: (routines) => routines.createOrUpdate('bad', scheduled('61 * * * *')),
    says: '61',
    param: 'triggers.t.cron_expression',
  },
  {
    code: 'interval_too_short',
    call: (routines) => routines.createOrUpdate('bad', scheduled('*/4 * * * *')),
    says: '*/4 * * * *',
    param: 'triggers.t.cron_expression',
  },
  {
    code: 'invalid_time_zone',
    call: (routines) => routines.createOrUpdate('bad', scheduled('0 7 * * *', 'Mars/Olympus')),
    says: 'Mars/Olympus',
    param: 'triggers.t.time_zone',
  },
  {
    code: 'timer_in_past',
    call: (routines) =>
      routines.createOrUpdate('bad', { triggers: { t: { type: 'timer', at: new Date('2020-02-29T12:00Z') } }, action }),
    says: '2020-02-29T12:00:00',
    param: 'triggers.t.at',
  },
  {
    code: 'invalid_request',
    call: (routines) => routines.createOrUpdate('a b/ü', aRoutine()),
    says: 'ü',
    param: 'name',
  },
  {
    code: 'invalid_request',
    call: (routines) => routines.createOrUpdate('bad', { ...aRoutine(), description: 'd'.repeat(1025) }),
    says: '1024',
    param: 'description',
  },
  {
    code: 'invalid_request',
    call: (routines) => routines.dispatch('exists', { payload: { type: responses, input: 'i'.repeat(32_769) } }),
    says: '32768',
    param: 'payload.input',
  },
  {
    code: 'payload_type_mismatch',
    call: (routines) => routines.dispatch('exists', { payload: { type: invocations, input: 'hi' } }),
    says: invocations,
    param: 'payload.type',
  },
];

interface ListRefusal extends Omit<Refusal, 'call'> {
  readonly call: (
    routines: Routines,
    options: { onResponse: (answer: { bodyAsText?: string | null }) => void },
  ) => unknown;
}

const badLists: readonly ListRefusal[] = [
  {
    code: 'invalid_filter',
    call: (routines, options) => collect(routines.listRuns('exists', { ...options, filter: "status ~ 'x'" })),
    says: '~',
    param: 'filter',
  },
  {
    code: 'invalid_request',
    call: (routines, options) => collect(routines.list({ ...options, limit: 0 })),
    says: '1000',
    param: 'limit',
  },
  {
    code: 'invalid_request',
    call: (routines, options) => collect(routines.listRuns('exists', { ...options, limit: 1001 })),
    says: '1000',
    param: 'limit',
  },
  {
    code: 'invalid_request',
    call: (routines, options) => collect(routines.list({ ...options, after: 'nowhere' })),
    says: 'nowhere',
    param: 'after',
  },
];

/** Every refusal that an SDK can meet: it comes as a RestError that a program can act on. */
export const describeErrors = (app: () => ContractApp): void => {
  describe.each(sdks)('errors through @azure/ai-projects $version', (sdk: Sdk) => {
    const endpoint = () => app().endpointOf(`errors-${sdk.version}`);
    const connected = async () => {
      const routines = sdk.connect(endpoint());
      await routines.createOrUpdate('exists', aRoutine());
      return routines;
    };

    test.each(badRequests)('$code names $param and says $says', async ({ code, call, says, param }) => {
      await expect(call(await connected())).rejects.toMatchObject({
        name: 'RestError',
        statusCode: 400,
        code,
        message: expect.stringContaining(says),
        details: { error: { code, param, message: expect.stringContaining(says), type: 'invalid_request_error' } },
      });
    });

    test.each(badLists)(
      'a list refused with $code names $param and says $says',
      async ({ code, call, param, says }) => {
        let wire = '';
        const onResponse = (answer: { bodyAsText?: string | null }) => {
          wire = answer.bodyAsText ?? '';
        };
        const refused = call(await connected(), { onResponse });
        // The SDK puts a message of its own over that of a list, and leaves the details out.
        await expect(refused).rejects.toMatchObject({ name: 'RestError', statusCode: 400, code });
        expect(JSON.parse(wire)).toMatchObject({ error: { code, param, message: expect.stringContaining(says) } });
      },
    );

    test('several problems come together, each in the details', async () => {
      const refused = (await connected()).createOrUpdate('bad', {
        triggers: {},
        action: { type: responses, conversation: 'c'.repeat(257) },
      });
      await expect(refused).rejects.toMatchObject({
        statusCode: 400,
        code: 'invalid_request',
        details: {
          error: {
            details: expect.arrayContaining([
              expect.objectContaining({ code: 'invalid_request', param: 'triggers' }),
              expect.objectContaining({ code: 'invalid_request', param: 'action' }),
              expect.objectContaining({ code: 'invalid_request', param: 'action.conversation' }),
            ]),
          },
        },
      });
    });

    test.each([
      ['get', (routines: Routines) => routines.get('absent')],
      ['enable', (routines: Routines) => routines.enable('absent')],
      ['disable', (routines: Routines) => routines.disable('absent')],
      ['dispatch', (routines: Routines) => routines.dispatch('absent')],
      ['listRuns', (routines: Routines) => collect(routines.listRuns('absent'))],
      ['get, by a name that needs encoding', (routines: Routines) => routines.get('a b/c?d#e%2Fü')],
    ])('%s of a routine that does not exist is routine_not_found', async (_what, call) => {
      await expect(call(await connected())).rejects.toMatchObject({
        name: 'RestError',
        statusCode: 404,
        code: 'routine_not_found',
      });
    });

    test('an Idempotency-Key that comes with another body is a conflict', async () => {
      const routines = await connected();
      const requestOptions = { headers: { 'Idempotency-Key': 'order-4712' } };
      await routines.dispatch('exists', { requestOptions });
      const other = { payload: { type: responses, input: 'other' } as const, requestOptions };
      await expect(routines.dispatch('exists', other)).rejects.toMatchObject({
        statusCode: 409,
        code: 'conflict',
        message: expect.stringContaining('order-4712'),
      });
    });

    test('a token that nobody knows is unauthorized', async () => {
      const stranger = sdk.connect(endpoint(), 'a-key-that-nobody-knows');
      await expect(stranger.get('exists')).rejects.toMatchObject({ statusCode: 401, code: 'unauthorized' });
      await expect(collect(stranger.list())).rejects.toMatchObject({ statusCode: 401, code: 'unauthorized' });
    });

    test('a reader reads and is forbidden everything else, and everything in other projects', async () => {
      const reader = sdk.connect(app().endpointOf(readersProject), keys.reader);
      expect(await collect(reader.list())).toEqual([]);
      const forbidden = { statusCode: 403, code: 'forbidden', message: expect.stringContaining('"reader"') };
      await expect(reader.createOrUpdate('mine', aRoutine())).rejects.toMatchObject(forbidden);
      await expect(reader.enable('mine')).rejects.toMatchObject(forbidden);
      await expect(reader.dispatch('mine')).rejects.toMatchObject(forbidden);
      await expect(reader.delete('mine')).rejects.toMatchObject(forbidden);
      await expect(sdk.connect(endpoint(), keys.reader).get('exists')).rejects.toMatchObject(forbidden);
    });
  });
};
