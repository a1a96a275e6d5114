import { exec, execFile, execFileSync, execSync, fork, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import { takeAttempts } from './nothing-outside.ts';

/** The one attempt of the test, which would otherwise fail it. */
const takeAttempt = (): string => {
  const attempts = takeAttempts();
  expect(attempts).toHaveLength(1);
  return attempts.join();
};

describe('a test of the fast ring that starts a process fails, with', () => {
  test.each([
    ['spawn', () => spawn('true')],
    ['exec', () => exec('true')],
    ['execFile', () => execFile('true')],
    ['fork', () => fork('none.ts')],
    ['spawnSync', () => spawnSync('true')],
    ['execSync', () => execSync('true')],
    ['execFileSync', () => execFileSync('true')],
  ])('%s', (_name, start) => {
    expect(start).toThrow('must not start a process');
    expect(takeAttempt()).toContain('it belongs to the ring "storage" or "deep"');
  });

  test('a thread', () => {
    expect(() => new Worker('none.ts')).toThrow('must not start a thread');
    takeAttempt();
  });
});

/** A port on which this process serves, or has served. */
const servedPort = async ({ isClosed }: { readonly isClosed: boolean }): Promise<number> => {
  const server = createServer((_incoming, outgoing) => outgoing.end('served')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (isClosed) await new Promise((resolve) => server.close(resolve));
  else onTestFinished(() => void server.close());
  return typeof address === 'object' && address !== null ? address.port : 0;
};

describe('a test of the fast ring that goes beyond its own servers fails, with', () => {
  test.each([
    ['a connection to another machine', () => connect(443, '192.0.2.1'), 'connect to 192.0.2.1:443'],
    ['a connection to a name', () => connect(443, 'agents.example'), 'connect to agents.example:443'],
    ['a connection to another process', () => connect(1, '127.0.0.1'), 'connect to 127.0.0.1:1'],
    ['a connection to another process, by port alone', () => connect(1), 'connect to localhost:1'],
    ['a connection to a file', () => connect(join(tmpdir(), 'none.sock')), 'none.sock'],
    ['a server for the whole network', () => createTcpServer().listen(0), 'listen on every address'],
    ['a server on an address of the machine', () => createTcpServer().listen(0, '0.0.0.0'), 'listen on 0.0.0.0'],
    ['a server on a file', () => createTcpServer().listen(join(tmpdir(), 'none.sock')), 'listen on'],
    ['a datagram', () => createSocket('udp4').send('x', 53, '192.0.2.1'), 'datagrams'],
  ])('%s', (_name, reach, refusal) => {
    expect(reach).toThrow(refusal);
    takeAttempt();
  });

  test('a fetch, though its caller takes the error for a failed call', async () => {
    await expect(fetch('http://127.0.0.1:7071/')).rejects.toThrow();
    expect(takeAttempt()).toContain('connect to 127.0.0.1:7071');
  });
});

test('a test of the fast ring reaches a server of its own', async () => {
  const port = await servedPort({ isClosed: false });
  for (const host of ['127.0.0.1', 'localhost']) {
    expect(await (await fetch(`http://${host}:${port}/`)).text()).toBe('served');
  }
});

test('a test of the fast ring finds that a server of its own is gone', async () => {
  const port = await servedPort({ isClosed: true });
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
});
