import { QueueClient } from '@azure/storage-queue';
import { describe, expect, inject, it } from 'vitest';
import { anApp, type HostProcess, launchForTest, until } from './host-process.ts';

const storage = inject('azurite');
let queues = 0;

/** Dies, waits or answers, as the name of the function or the message says; each shows the process that it runs in. */
const source = `
  import { app } from '@azure/functions';
  const deaths = {
    killed: () => process.kill(process.pid, 'SIGKILL'),
    exit: () => process.exit(0),
    'exit code 3': () => process.exit(3),
    abort: () => process.abort(),
    'channel closed': () => process.disconnect(),
    thrown: () => setImmediate(() => { throw new Error('loose') }),
    rejected: () => void Promise.reject(new Error('unwatched')),
    'out of memory': () => { const held = []; for (;;) held.push(new Array(1e6).fill(held.length)); },
  };
  const never = new Promise(() => undefined);
  app.http('pid', { handler: () => ({ body: String(process.pid) }) });
  app.http('host', { handler: () => ({ body: String(process.ppid) }) });
  app.http('die', {
    handler: async (request) => {
      deaths[request.query.get('by')]();
      await never;
    },
  });
  app.http('wait', { handler: async () => { console.log('waiting'); await never; } });
  app.http('stopped', { handler: () => process.kill(process.pid, 'SIGSTOP') });
  app.http('says', {
    handler: () => {
      for (const message of ['ready', undefined, 7, {}, { kind: 'done' }, { kind: 'nonsense' }, ['done']]) {
        process.send(message ?? null);
      }
      return { body: 'said' };
    },
  });
  app.http('spin', { handler: () => { for (;;); } });
  app.http('mirror', {
    methods: ['POST'],
    handler: async (request) => ({ body: new Uint8Array(await request.arrayBuffer()), headers: { 'X-Pid': String(process.pid) } }),
  });
  app.http('strange-error', {
    handler: () => { throw Object.assign(new Error('strange trouble'), { held: () => undefined }) },
  });
  app.storageQueue('work', {
    queueName: '%TEST_QUEUE%',
    connection: 'X',
    handler: async (message, { triggerMetadata: { dequeueCount } }) => {
      console.log('message', message.name, dequeueCount, process.pid);
      if (message.deaths >= dequeueCount) deaths.killed();
      if (message.waits >= dequeueCount) await never;
    },
  });
  app.hook.appTerminate(() => console.log('the app ends in', process.pid));
`;

interface Options {
  readonly functionTimeout?: string;
  readonly lockSeconds?: number;
  readonly queue?: QueueClient;
}

const start = async ({
  functionTimeout = '00:05:00',
  lockSeconds = 600,
  queue,
}: Options = {}): Promise<HostProcess> => {
  const queues = { maxPollingInterval: '00:00:00.200', visibilityTimeout: '00:00:01', maxDequeueCount: 10 };
  const root = anApp({
    'host.json': JSON.stringify({ version: '2.0', functionTimeout, extensions: { queues } }),
    'functions/f.mjs': source,
  });
  const host = await launchForTest({
    AzureWebJobsStorage: storage,
    APP_ROOT: root,
    TEST_QUEUE: queue?.name ?? 'host-worker-unused',
    LOCAL_WORKER_PROCESS: 'true',
    LOCAL_QUEUE_LOCK_SECONDS: String(lockSeconds),
    NODE_OPTIONS: '--max-old-space-size=64',
  });
  expect(host.url, host.log()).not.toBe('');
  return host;
};

const aQueue = async (): Promise<QueueClient> => {
  queues += 1;
  const queue = new QueueClient(storage, `host-worker-${process.pid}-${queues}`);
  await queue.create();
  return queue;
};

const send = (queue: QueueClient, message: object) =>
  queue.sendMessage(Buffer.from(JSON.stringify(message)).toString('base64'));

const countOf = async (queue: QueueClient): Promise<number> =>
  (await queue.getProperties()).approximateMessagesCount ?? 0;

const read = async (host: HostProcess, path: string): Promise<string> =>
  (await fetch(`${host.url}/api/${path}`)).text();

const statusOf = async (host: HostProcess, path: string): Promise<number> =>
  (await fetch(`${host.url}/api/${path}`)).status;

/** Name, dequeue count and process of each delivery so far. */
const deliveries = (host: HostProcess) =>
  [...host.output().matchAll(/^message (\S+) (\d+) (\d+)$/gm)].map(([, name, count, pid]) => ({
    name,
    count: Number(count),
    pid,
  }));

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a worker in a process of its own', () => {
  it('serves requests with bodies in both directions, byte for byte', async () => {
    const host = await start();
    const body = Buffer.alloc(20 * 1024 * 1024, 'äöü\0');
    const response = await fetch(`${host.url}/api/mirror`, { method: 'POST', body });
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
    expect(Number(response.headers.get('x-pid'))).not.toBe(host.child.pid);
    expect(await read(host, 'host')).toBe(String(host.child.pid));
  });

  it('tells of an error that can be sent nowhere its text', async () => {
    const host = await start();
    expect(await statusOf(host, 'strange-error')).toBe(500);
    expect(host.log()).toMatch(/Executed 'Functions.strange-error' \(Failed, .*\): Error: strange trouble\n +at /);
  });

  it.each(['killed', 'exit', 'exit code 3', 'abort', 'channel closed', 'thrown', 'rejected', 'out of memory'])(
    'that dies (%s) fails its requests at once, and a new one serves the next',
    async (by) => {
      const host = await start();
      const first = await read(host, 'pid');
      const neighbour = statusOf(host, 'wait');
      await until('the neighbour waits', () => host.output().includes('waiting'));
      expect(await statusOf(host, `die?by=${encodeURIComponent(by)}`)).toBe(500);
      expect(await neighbour).toBe(500);
      const second = await read(host, 'pid');
      expect(Number(second)).toBeGreaterThan(0);
      expect(second).not.toBe(first);
      expect(host.log()).toMatch(
        new RegExp(`The worker process ${first} ended \\(.+\\), death 1 of 3: a new one starts`),
      );
    },
  );

  it('whose app uses the channel for words of its own is heard no worse', async () => {
    const host = await start();
    expect(await read(host, 'says')).toBe('said');
    expect(await read(host, 'says')).toBe('said');
    expect(host.log()).toBe('');
  });

  it('that dies in a timer has the timer run again in the next one', async () => {
    const appRoot = anApp({
      'functions/f.mjs': `
        import { app } from '@azure/functions';
        import { existsSync, writeFileSync } from 'node:fs';
        const mark = new URL('died', import.meta.url);
        app.timer('tick', {
          schedule: '* * * * * *',
          handler: () => {
            console.log('tick in', process.pid);
            if (existsSync(mark)) return;
            writeFileSync(mark, '');
            process.exit(1);
          },
        });`,
    });
    const host = await launchForTest({
      AzureWebJobsStorage: storage,
      APP_ROOT: appRoot,
      LOCAL_WORKER_PROCESS: 'true',
    });
    const pids = () => new Set([...host.output().matchAll(/^tick in (\d+)$/gm)].map(([, pid]) => pid));
    await until('another worker ticks', () => pids().size === 2);
    expect(host.log().match(/death/g)).toHaveLength(1);
  });

  it('that dies gives its messages back after visibilityTimeout, with a higher dequeue count', async () => {
    const queue = await aQueue();
    await send(queue, { name: 'neighbour', waits: 1 });
    const host = await start({ queue });
    await until('the neighbour is under way', () => deliveries(host).length === 1);
    await send(queue, { name: 'deadly', deaths: 1 });
    await until('all is done', async () => (await countOf(queue)) === 0);
    const seen = deliveries(host);
    expect(seen.map(({ name, count }) => `${name} ${count}`).toSorted()).toEqual([
      'deadly 1',
      'deadly 2',
      'neighbour 1',
      'neighbour 2',
    ]);
    expect(new Set(seen.map(({ pid }) => pid))).toHaveProperty('size', 2);
  });

  it('that dies for the third time ends the host, and its message stays locked', async () => {
    const queue = await aQueue();
    await send(queue, { name: 'deadly', deaths: 3 });
    const host = await start({ queue, lockSeconds: 5 });
    const request = until('the message has come three times', () => deliveries(host).length === 2).then(() =>
      fetch(`${host.url}/api/wait`).then(
        ({ status }) => status,
        () => 'the connection ended',
      ),
    );
    expect(await host.ended).toBe(1);
    expect([500, 'the connection ended']).toContain(await request);
    expect(deliveries(host).map(({ count }) => count)).toEqual([1, 2, 3]);
    expect(host.log()).toContain('death 3 of 3: the host stops');
    expect(host.log()).toMatch(/^host failed: The worker process ended 3 times, the last time by SIGKILL$/m);
    const { receivedMessageItems } = await queue.receiveMessages();
    expect(receivedMessageItems).toEqual([]);
    expect(await countOf(queue)).toBe(1);

    const next = await start({ queue, lockSeconds: 5 });
    await until('the next host has handled it', async () => (await countOf(queue)) === 0);
    expect(deliveries(next).map(({ count }) => count)).toEqual([4]);
  });

  it('that can be loaded no more after a death ends the host, and what waits for it fails', async () => {
    const root = anApp({
      'functions/f.mjs': `
        import { existsSync, writeFileSync } from 'node:fs';
        import { app } from '@azure/functions';
        const mark = new URL('loaded-once', import.meta.url);
        if (existsSync(mark)) throw new Error('once is enough');
        writeFileSync(mark, '');
        app.http('die', { handler: () => process.exit(1) });`,
    });
    const host = await launchForTest({
      AzureWebJobsStorage: storage,
      APP_ROOT: root,
      LOCAL_WORKER_PROCESS: 'true',
    });
    expect(await statusOf(host, 'die')).toBe(500);
    const waiting = statusOf(host, 'die').catch(() => 'the connection ended');
    expect(await host.ended).toBe(1);
    expect([500, 'the connection ended']).toContain(await waiting);
    expect(host.log()).toContain('functions/f.mjs throws while it loads: Error: once is enough');
    expect(host.log()).toContain('death 3 of 3: the host stops');
  });

  it('whose app is not fit to start ends the host with one line, as without', async () => {
    const APP_ROOT = anApp({ 'functions/f.mjs': `throw new Error('early trouble');` });
    const host = await launchForTest({ AzureWebJobsStorage: storage, APP_ROOT, LOCAL_WORKER_PROCESS: 'true' });
    expect(host.child.exitCode).toBe(1);
    expect(host.log()).toMatch(/^host failed: functions\/f.mjs throws while it loads: Error: early trouble\n/);
    expect(host.log()).not.toContain('death');
  });
});

describe('functionTimeout', () => {
  it.each([
    ['wait', 4],
    ['spin', 1],
    ['stopped', 1],
  ])('kills the worker and not the host (%s, times %i)', async (stuck, times) => {
    // A request that waits for the new worker has no more time than any other.
    const host = await start({ functionTimeout: '00:00:04' });
    const pids = new Set<string>();
    for (let count = 0; count < times; count += 1) {
      pids.add(await read(host, 'pid'));
      expect(await statusOf(host, stuck)).toBe(500);
    }
    expect(pids).toHaveProperty('size', times);
    expect(host.log().match(/Host: Timeout value of 4 s exceeded by function 'Functions.\w+' /g)).toHaveLength(times);
    expect(host.log()).not.toContain('death');
    await until('all that were stuck are gone', () => ![...pids].some((pid) => isAlive(Number(pid))));
  });

  it('fails a neighbour only when its own time is over, and leaves the new worker alone', async () => {
    const host = await start({ functionTimeout: '00:00:02' });
    const ends: string[] = [];
    const first = statusOf(host, 'wait').then((status) => ends.push(`first ${status}`));
    await until('it waits', () => host.output().includes('waiting'));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const second = statusOf(host, 'wait').then((status) => ends.push(`second ${status}`));
    await first;
    expect(ends).toEqual(['first 500']);
    const fresh = await read(host, 'pid');
    await second;
    expect(ends).toEqual(['first 500', 'second 500']);
    expect(await read(host, 'pid')).toBe(fresh);
  });
});

describe('the end of a host with a worker', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('runs the end hooks in the worker, on %s to both', async (signal) => {
    const host = await start();
    const worker = Number(await read(host, 'pid'));
    process.kill(worker, signal);
    expect(await host.end(signal)).toBe(0);
    expect(host.output()).toContain(`the app ends in ${worker}`);
    expect(isAlive(worker)).toBe(false);
    expect(host.log()).toBe('');
  });

  it('by SIGKILL is the end of its worker', async () => {
    const host = await start();
    const worker = Number(await read(host, 'pid'));
    expect(await host.end('SIGKILL')).toBe('SIGKILL');
    await until('the worker is gone', () => !isAlive(worker));
  });
});
