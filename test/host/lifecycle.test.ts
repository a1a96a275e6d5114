import { createServer } from 'node:net';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { anApp, launchForTest, until } from './host-process.ts';

const storage = { AzureWebJobsStorage: inject('azurite') };

const aFunction = (text: string): string =>
  anApp({ 'functions/f.mjs': `import { app } from '@azure/functions';\n${text}` });

const slowFunction = `app.http('slow', {
  handler: async () => {
    console.log('under way');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return { body: 'at last' };
  },
});`;

describe('a host process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 on %s, after the app', async (signal) => {
    const host = await launchForTest(storage);
    expect(host.output()).toBe(`host ready ${host.url}\n`);
    expect(await host.end(signal)).toBe(0);
    expect(host.output()).toContain('the app ends');
  });

  it('finishes a request under way when it is told to end, twice, and refuses the next', async () => {
    const host = await launchForTest({ ...storage, APP_ROOT: aFunction(slowFunction) });
    const slow = fetch(`${host.url}/api/slow`);
    await until('the request is under way', () => host.output().includes('under way'));
    host.child.kill('SIGTERM');
    host.child.kill('SIGTERM');
    await until('nothing more is accepted', () =>
      fetch(`${host.url}/api/seen`).then(
        () => false,
        () => true,
      ),
    );
    expect(await (await slow).text()).toBe('at last');
    expect(await host.ended).toBe(0);
    // Nothing that was left open has held up the end until its grace was over.
    expect(host.log()).not.toContain('still under way');
  });

  it('ends with 1 and one clear line when a function passes functionTimeout', async () => {
    const root = anApp({
      'host.json': '{"version": "2.0", "functionTimeout": "00:00:01"}',
      'functions/f.mjs': `import { app } from '@azure/functions';
        app.http('stuck', { handler: () => new Promise(() => undefined) });`,
    });
    const host = await launchForTest({ ...storage, APP_ROOT: root });
    await fetch(`${host.url}/api/stuck`).catch(() => undefined);
    expect(await host.ended).toBe(1);
    expect(host.log()).toMatch(/host failed: Timeout value of 1 s exceeded by function 'Functions\.stuck'/);
  });

  it('ends with 1 when the app crashes outside its functions', async () => {
    const root = aFunction(
      `app.http('f', { handler: () => { setTimeout(() => { throw new Error('loose') }); return {}; } });`,
    );
    const host = await launchForTest({ ...storage, APP_ROOT: root });
    await fetch(`${host.url}/api/f`).catch(() => undefined);
    expect([await host.ended, host.log()]).toEqual([1, expect.stringContaining('host failed: Error: loose')]);
  });
});

describe('a host process does not start, and says why in one line,', () => {
  const handler = 'handler: () => ({})';
  it.each([
    [
      'when a file throws',
      `throw new Error('early trouble');`,
      'functions/f.mjs throws while it loads: Error: early trouble',
    ],
    ['when nothing is registered', '', 'no function is registered'],
    ['when a route is reserved', `app.http('f', { route: 'admin/x', ${handler} });`, 'starts with admin or runtime'],
    ['when a route is malformed', `app.http('f', { route: '{x:int}', ${handler} });`, '{x:int} is not supported'],
    [
      'when a name is taken',
      `app.http('f', { ${handler} }); app.http('f', { ${handler} });`,
      'Function "f" is registered twice',
    ],
    ['when a schedule is malformed', `app.timer('f', { schedule: '* * *', ${handler} });`, 'has 3 fields, expected 6'],
    [
      'when a setting is missing',
      `app.timer('f', { schedule: '%NO_SUCH%', ${handler} });`,
      'setting %NO_SUCH% has no value',
    ],
    ['when a trigger is of another kind', `app.warmup('f', { ${handler} });`, "its warmupTrigger can't run here"],
    [
      'when HTTP streams are on',
      `app.setup({ enableHttpStream: true }); app.http('f', { ${handler} });`,
      'sets enableHttpStream',
    ],
  ])('%s', async (_when, text, message) => {
    const host = await launchForTest({ ...storage, APP_ROOT: aFunction(text) });
    expect(host.child.exitCode).toBe(1);
    expect(host.log().split('\n')[0]).toMatch(/^host failed: /);
    expect(host.log()).toContain(message);
  });

  it('when no file matches main', async () => {
    const host = await launchForTest({ ...storage, APP_ROOT: anApp({}) });
    expect([host.child.exitCode, host.log()]).toEqual([1, expect.stringContaining('is the app built?')]);
  });

  it('when host.json is wrong', async () => {
    const root = anApp({ 'host.json': '{"version": "2.0", "extensions": {"queues": {"batchSize": 64}}}' });
    const host = await launchForTest({ ...storage, APP_ROOT: root });
    expect([host.child.exitCode, host.log()]).toEqual([1, expect.stringContaining('extensions.queues.batchSize')]);
  });

  it('when the port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const host = await launchForTest({ ...storage, PORT: String(port) });
    expect([host.child.exitCode, host.log()]).toEqual([
      1,
      `host failed: Can't listen on 127.0.0.1:${port}: the port is in use; set another PORT\n`,
    ]);
  });

  it('when the storage is unreachable', async () => {
    const down = storage.AzureWebJobsStorage.replace(/:\d+\/devstoreaccount1/g, ':1/devstoreaccount1');
    const host = await launchForTest({ AzureWebJobsStorage: down });
    expect([host.child.exitCode, host.log()]).toEqual([
      1,
      expect.stringContaining("host failed: Queue storage can't be reached"),
    ]);
  });
});
