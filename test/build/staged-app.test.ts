import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { bundleApp } from '../../local/bundle.ts';
import { readText } from '../infra/bicep-text.ts';

// The folder that infra/stage-app.sh makes, without npm: the build, package.json, and of node_modules nothing but what
// `npm ci --omit=dev` takes from the committed lock.

const repository = fileURLToPath(new URL('../..', import.meta.url));
const staged = mkdtempSync(join(tmpdir(), 'staged-app-'));
afterAll(() => rmSync(staged, { recursive: true }));

const lockFile = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) });
const deployedPackages = Object.entries(lockFile.parse(JSON.parse(readText('package-lock.json'))).packages)
  .filter(([path, { dev }]) => path !== '' && dev !== true)
  .map(([path]) => path);

const { outputFiles, metafile } = await bundleApp();
for (const { path, contents } of outputFiles) {
  const file = join(staged, relative(repository, path));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, contents);
}
for (const path of ['package.json', ...deployedPackages]) {
  cpSync(join(repository, path), join(staged, path), { recursive: true });
}

/** What a module prints that runs in the staged folder, in a process with no other settings than the given ones. */
const run = async (script: string, environment: Readonly<Record<string, string>>): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: staged,
    env: environment,
  });
  return stdout;
};

test('what is deployed beside the build is @azure/functions and what it needs', () => {
  expect(deployedPackages.toSorted()).toEqual([
    'node_modules/@azure/functions',
    'node_modules/@azure/functions-extensions-base',
    'node_modules/cookie',
  ]);
});

test('every function loads, by identity and without a package that is not deployed', async () => {
  const script = `
    import { globSync } from 'node:fs';
    const files = globSync('dist/functions/*.js');
    for (const file of files) await import('./' + file);
    console.log(files.length);`;
  const loaded = await run(script, {
    AzureWebJobsStorage__accountName: 'stexample',
    AzureWebJobsStorage__credential: 'managedidentity',
    AGENT_PROJECT_ENDPOINT: 'http://127.0.0.1:1',
  });
  const functions = Object.keys(metafile.outputs).filter((file) => /^dist\/functions\/[\w-]+\.js$/.test(file));
  expect(functions).not.toHaveLength(0);
  expect(Number(loaded)).toBe(functions.length);
});

/** The identity endpoint of App Service, asked by both credentials that the app can have. */
const askForTokens = (chunk: string): string => `
  import { createServer } from 'node:http';
  const server = createServer(({ url }, response) => {
    const asked = new URL(url, 'http://identity').searchParams;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({
      access_token: 'token for ' + asked.get('client_id'),
      expires_on: String(Math.floor(Date.now() / 1000) + 3600),
      resource: asked.get('resource'),
      token_type: 'Bearer',
    }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.IDENTITY_ENDPOINT = 'http://127.0.0.1:' + server.address().port + '/msi/token';
  process.env.IDENTITY_HEADER = 'secret';
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import('./${chunk}');
  const credentials = [
    new ManagedIdentityCredential({ clientId: 'one' }),
    new DefaultAzureCredential({ managedIdentityClientId: 'other' }),
  ];
  for (const credential of credentials) {
    const { token } = await credential.getToken('https://storage.azure.com/.default');
    console.log(token);
  }
  server.close();`;

test('the identity library gets tokens from its chunk of the build', async () => {
  const [chunk = ''] = Object.entries(metafile.outputs)
    .filter(([, { entryPoint = '' }]) => entryPoint.includes('node_modules/@azure/identity/'))
    .map(([file]) => file);
  const tokens = await run(askForTokens(chunk), { AZURE_TOKEN_CREDENTIALS: 'prod' });
  expect(tokens.trim().split('\n')).toEqual(['token for one', 'token for other']);
});
