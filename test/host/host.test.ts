import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { generate } from 'selfsigned';
import { describe, expect, inject, it } from 'vitest';
import { startAzurite } from '../../local/azurite.ts';
import type { HostOptions } from '../../local/host/host.ts';
import { anApp, fixtureApp, type HostProcess, launchForTest, until } from './host-process.ts';

const start = (options: Partial<HostOptions> = {}): Promise<HostProcess> => {
  const defaults = {
    appRoot: fixtureApp,
    host: '127.0.0.1',
    port: 0,
    storageConnectionString: inject('azurite'),
    queueLockSeconds: 600,
  };
  const environment = { SERVE_OPTIONS: JSON.stringify({ ...defaults, ...options }) };
  return launchForTest({ ...environment, AzureWebJobsStorage: inject('azurite') }, 'test/host/serve.ts');
};

const anAppThatNeverAnswers = () =>
  anApp({
    'host.json': '{"version": "2.0", "extensions": {"queues": {"maxPollingInterval": "00:00:00.200"}}}',
    'functions/f.mjs': `import { app } from '@azure/functions';
      app.timer('each-second', { schedule: '* * * * * *', handler: () => undefined });
      app.storageQueue('some-queue', { queueName: 'host-idle', connection: 'X', handler: () => undefined });
      app.http('stuck', { methods: ['GET', 'POST'], handler: () => new Promise(() => console.log('under way')) });`,
  });

describe('startHost', () => {
  it('tells what it runs, in order of the names', async () => {
    const host = await start({ appRoot: anAppThatNeverAnswers() });
    const told = await until('it has told', () => /\n(\[.*\])\n/.exec(host.output())?.[1]);
    expect(JSON.parse(told)).toEqual([
      { name: 'each-second', kind: 'timer', schedule: '* * * * * *' },
      { name: 'some-queue', kind: 'queue', queueName: 'host-idle' },
      { name: 'stuck', kind: 'http', route: 'stuck', methods: ['GET', 'POST'] },
    ]);
  });

  it('logs successful invocations at debug level only', async () => {
    const appRoot = anApp({
      'host.json': '{"version": "2.0", "logging": {"logLevel": {"Function": "Debug"}}}',
      'functions/f.mjs': `import { app } from '@azure/functions';
        app.http('nothing', { handler: () => undefined });`,
    });
    const host = await start({ appRoot });
    await fetch(`${host.url}/api/nothing`);
    const line = await until('it is logged', () =>
      host
        .log()
        .split('\n')
        .slice(0, -1)
        .find((whole) => whole.includes("'Functions.nothing'")),
    );
    expect(JSON.parse(line)).toEqual({
      level: 'debug',
      category: 'Function.nothing',
      message: expect.stringMatching(/^Executed 'Functions.nothing' \(Succeeded, Id=\S+, Duration=\d+ms\)$/),
    });
  });

  it('answers 502 for a function that takes too long, and lets it run on', async () => {
    const host = await start({ appRoot: anAppThatNeverAnswers(), httpAnswerSeconds: 0.2 });
    const response = await fetch(`${host.url}/api/stuck`);
    expect([response.status, await response.text()]).toEqual([502, '']);
  });

  it('serves over TLS', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }]);
    const host = await start({ tls: { cert, key } });
    expect(host.url).toMatch(/^https:/);
    const body = await new Promise<string>((resolve, reject) => {
      const sent = request(`${host.url}/api/echo`, { rejectUnauthorized: false }, (response) =>
        text(response).then(resolve, reject),
      );
      sent.on('error', reject).end();
    });
    expect(JSON.parse(body).url).toBe(`${host.url}/api/echo`);
  });

  it('polls again, having logged it once, when the storage was away', async () => {
    const first = await startAzurite({ inMemory: true });
    const host = await start({ appRoot: anAppThatNeverAnswers(), storageConnectionString: first.connectionString });
    await first.close();
    await until('trouble is logged', () => host.log().includes(`"Queue 'host-idle': can't be polled`));
    const [blob = 0, queue = 0, table = 0] = [...first.connectionString.matchAll(/:(\d+)\//g)].map((match) =>
      Number(match[1]),
    );
    const second = await startAzurite({ inMemory: true, ports: { blob, queue, table } });
    await until('the end of it is logged', () => host.log().includes('can be polled again'));
    expect(host.log().match(/can't be polled/g)).toHaveLength(1);
    await host.end('SIGKILL');
    await second.close();
  });
});

describe('close', () => {
  it('is one close however often it is called, and leaves nothing that keeps the process alive', async () => {
    const host = await start();
    await fetch(`${host.url}/api/nothing`);
    expect(await host.end('SIGTERM')).toBe(0);
    expect(host.output()).toContain('closed once');
  });

  it('drops after its grace what does not end', async () => {
    const host = await start({ appRoot: anAppThatNeverAnswers() });
    const stuck = fetch(`${host.url}/api/stuck`).catch((error: unknown) => error);
    await until('the request is under way', () => host.output().includes('under way'));
    expect(await host.end('SIGTERM')).toBe(0);
    expect(await stuck).toBeInstanceOf(Error);
    expect(host.log()).toContain('Closed after 1 s with work still under way');
  });
});
