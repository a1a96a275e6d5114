import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { type ContractApp, startContractApp, startTimeout } from './contract-app.ts';
import { aRoutine, collect } from './definitions.ts';
import { sdks } from './sdk.ts';

// Refusals that need an app of their own: it wants the preview header, and its storage goes away.
let storage: Azurite;
let app: ContractApp;
beforeAll(async () => {
  storage = await startAzurite({ inMemory: true });
  app = await startContractApp('contractrefusals', {
    AzureWebJobsStorage: storage.connectionString,
    REQUIRE_PREVIEW_HEADER: 'true',
  });
}, startTimeout);
afterAll(async () => {
  await app?.end('SIGTERM');
  await storage?.close();
});

const [newest, first] = sdks;
const requestOptions = { headers: { 'Foundry-Features': 'Routines=V1Preview' } };

test('where the preview header is required, the newest SDK gets in by itself', async () => {
  const routines = newest.connect(app.endpointOf('preview'));
  expect(await routines.createOrUpdate('by-itself', aRoutine())).toMatchObject({ name: 'by-itself' });
});

test('where the preview header is required, 2.2.0 is told so and gets in when it sends it', async () => {
  const routines = first.connect(app.endpointOf('preview'));
  await expect(routines.createOrUpdate('opted-in', aRoutine())).rejects.toMatchObject({
    name: 'RestError',
    statusCode: 403,
    code: 'preview_feature_required',
    message: expect.stringContaining('Routines=V1Preview'),
    details: { error: { param: 'Foundry-Features', type: 'invalid_request_error' } },
  });
  const created = await routines.createOrUpdate('opted-in', { ...aRoutine(), requestOptions });
  expect(created).toMatchObject({ name: 'opted-in' });
});

test('an outage of storage is an internal error with a request id, and nothing of its cause', {
  timeout: 120_000,
}, async () => {
  await storage.close();
  for (const sdk of sdks) {
    const routines = sdk.connect(app.endpointOf('preview'), undefined, { retryOptions: { maxRetries: 0 } });
    await expect(routines.get('opted-in', { requestOptions })).rejects.toMatchObject({
      name: 'RestError',
      statusCode: 500,
      code: 'internal_error',
      message: expect.stringMatching(/look for request [0-9a-f]{32} in the log/),
      details: { error: { message: expect.not.stringContaining('ECONNREFUSED'), type: 'server_error' } },
    });
    await expect(collect(routines.list({ requestOptions }))).rejects.toMatchObject({
      statusCode: 500,
      code: 'internal_error',
    });
  }
});
