import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { startAppProcess, withoutSettings } from '../../local/app-process.ts';
import { patienceSeconds, root, temporaryFolder } from './npm-process.ts';

const patience = { timeout: 500_000 };

/** An account that is nowhere: port 9 is the discard service, which no machine runs. */
const nowhere = [
  'DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5',
  ...['Blob', 'Queue', 'Table'].map((service) => `${service}Endpoint=http://127.0.0.1:9/devstoreaccount1`),
].join(';');

const wrong: readonly {
  readonly what: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly line: string | RegExp;
}[] = [
  { what: 'an unknown option', args: ['--tls'], line: 'Unknown option --tls; expected --https or nothing' },
  {
    what: 'several wrong settings, all at once',
    settings: { PORT: '70000', MAX_ATTEMPTS: 'many' },
    line: /^PORT: expected a whole number from 0 to 65535, found "70000"; MAX_ATTEMPTS: expected .* from 1 to 20, found "many"/,
  },
  {
    what: 'AUTH_MODE=none beyond loopback',
    settings: { HOST: '0.0.0.0', AUTH_MODE: 'none' },
    line: /^AUTH_MODE: none is for a loopback HOST only; set AUTH_MODE=key with API_KEYS/,
  },
  {
    what: 'AUTH_MODE=entra',
    settings: { AUTH_MODE: 'entra' },
    line: /^AUTH_MODE: entra is not available yet; use key/,
  },
  {
    what: 'AUTH_MODE=key without keys',
    settings: { AUTH_MODE: 'key' },
    line: /^API_KEYS: AUTH_MODE=key needs at least/,
  },
  {
    what: 'storage by identity',
    settings: { AzureWebJobsStorage__accountName: 'account' },
    line: /^AzureWebJobsStorage__accountName: npm start takes no identity; give a connection string/,
  },
  {
    what: 'a storage that does not answer',
    settings: { AzureWebJobsStorage: nowhere },
    line: /^AzureWebJobsStorage: .*storage does not answer \(.*ECONNREFUSED 127\.0\.0\.1:9.*\)$/,
  },
  {
    what: 'storage that is no connection string',
    settings: { AzureWebJobsStorage: 'my-account' },
    line: /^AzureWebJobsStorage: no connection string that can be used; expected DefaultEndpointsProtocol=/,
  },
  {
    what: 'a data folder that is a file',
    settings: { DATA_DIR: join(root, 'package.json') },
    line: /^DATA_DIR: ".*package\.json" can't be used \(EEXIST.*\); expected a folder that can be written to$/,
  },
];

describe.concurrent('a start is refused with one line and exit 1', () => {
  it.for(wrong)('for $what', patience, async ({ settings, args, line }, { expect, onTestFinished }) => {
    const DATA_DIR = temporaryFolder(onTestFinished);
    const { code, output } = await start({ DATA_DIR, ...settings }, args);
    expect(output).toMatch(/^Agent Routines did not start\. .+\n$/);
    expect(output.slice('Agent Routines did not start. '.length).trimEnd()).toMatch(line);
    expect(code).toBe(1);
  });

  it('for a port in use, and leaves the data folder free', patience, async ({ expect, onTestFinished }) => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const PORT = String(typeof address === 'object' ? address?.port : '');
    const DATA_DIR = temporaryFolder(onTestFinished);
    const { code, output } = await start({ DATA_DIR, PORT });
    expect(output).toBe(
      `Agent Routines did not start. Can't listen on 127.0.0.1:${PORT}: the port is in use; set another PORT\n`,
    );
    expect(code).toBe(1);
    const app = await startAppProcess({ dataDirectory: DATA_DIR, timeoutSeconds: patienceSeconds });
    expect(await app.end('SIGTERM')).toBe(0);
  });

  it(
    'for a data folder in use, until its holder is gone, even killed',
    patience,
    async ({ expect, onTestFinished }) => {
      const DATA_DIR = temporaryFolder(onTestFinished);
      const holder = await startAppProcess({ dataDirectory: DATA_DIR, timeoutSeconds: patienceSeconds });
      onTestFinished(() => void holder.end('SIGKILL'));
      const { code, output } = await start({ DATA_DIR });
      expect(output).toBe(
        `Agent Routines did not start. DATA_DIR: "${DATA_DIR}" is in use by another start; stop that one, or set another DATA_DIR\n`,
      );
      expect(code).toBe(1);
      await holder.end('SIGKILL');
      const next = await startAppProcess({ dataDirectory: DATA_DIR, timeoutSeconds: patienceSeconds });
      expect(await next.end('SIGTERM')).toBe(0);
    },
  );
});

const start = async (settings: Readonly<Record<string, string>>, args: readonly string[] = []) => {
  const child = spawn(process.execPath, ['local/start.ts', ...args], {
    cwd: root,
    env: { ...withoutSettings(process.env), PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
};
