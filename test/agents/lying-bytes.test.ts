import type { ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { serveAgent } from './http-agent.ts';
import { ask, protocolSteps } from './protocol-steps.ts';

const mebibyte = 1024 * 1024;

const serve = async (answer: (outgoing: ServerResponse) => unknown) =>
  serveAgent((outgoing) => {
    answer(outgoing);
  });

/** An agent below HTTP: it may say what no HTTP server would. */
const serveRaw = async (answer: (socket: Socket) => void): Promise<string> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/api/projects/alpha`;
};

describe.each(protocolSteps)('$step by $protocol', (asked) => {
  const noAnswer = asked.step === 'start' ? 'retryable' : 'unknown';
  /** A 2xx of which nothing can be known. Invocations agents may answer a call with anything. */
  const unclear = asked.step === 'poll' ? 'unknown' : asked.protocol === 'responses' ? 'terminal' : 'completed';

  test.each([
    ['HTML', 'text/html', '<p>It is done</p>'],
    ['half a JSON object', 'application/json', '{"status":"compl'],
    ['JSON that is no object', 'application/json', '["completed"]'],
    ['bytes that are no UTF-8', 'application/json', Buffer.from([0xff, 0xfe, 0x00, 0xc3])],
    ['nested arrays without end', 'application/json', '['.repeat(mebibyte)],
    ['nothing', 'application/json', ''],
  ])(`is ${unclear} when a 200 holds %s`, async (_what, type, body) => {
    const agent = await serve((outgoing) => outgoing.writeHead(200, { 'content-type': type }).end(body));
    expect(await ask(agent.endpoint, asked)).toMatchObject({ kind: unclear });
  });

  test(`is ${unclear} when it is answered 204`, async () => {
    const agent = await serve((outgoing) => outgoing.writeHead(204).end());
    expect(await ask(agent.endpoint, asked)).toMatchObject({ kind: unclear });
  });

  test.each([301, 302, 303, 307, 308])(
    'follows no redirect (%i), and sends nobody else its headers',
    async (status) => {
      const elsewhere = await serve((outgoing) => outgoing.end('{"status":"completed"}'));
      const agent = await serve((outgoing) => outgoing.writeHead(status, { location: elsewhere.endpoint }).end());
      expect(await ask(agent.endpoint, asked)).toMatchObject({
        kind: asked.step === 'start' ? 'terminal' : 'unknown',
        error: { statusCode: status, type: 'http_error', message: expect.stringContaining('which is not followed') },
      });
      expect(elsewhere.seen).toEqual([]);
      expect(agent.seen).toHaveLength(1);
    },
  );

  test('ends with its time when the body trickles', async () => {
    const agent = await serve((outgoing) => {
      const timer = setInterval(() => outgoing.write(' '), 20);
      outgoing.writeHead(200).once('close', () => clearInterval(timer));
    });
    const outcome = await ask(agent.endpoint, asked, 0.3);
    expect(outcome).toMatchObject({ kind: noAnswer, error: { type: 'timeout' } });
  });

  test.each([
    ['is reset within the body', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"status":"completed"}'],
    ['is reset within a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n{"status":'],
    ['is reset within the headers', 'HTTP/1.1 200 OK\r\ncontent-ty'],
    ['speaks no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['floods it with headers', `HTTP/1.1 200 OK\r\n${'x-flood: yes\r\n'.repeat(100_000)}\r\n`],
    ['sends one endless header', `HTTP/1.1 200 OK\r\nx-flood: ${'x'.repeat(mebibyte)}\r\n\r\n`],
    [
      'packs what is not packed',
      'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 22\r\n\r\n{"status":"completed"}',
    ],
    [
      'wants to speak another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    ],
  ])('has no answer when the connection %s', async (_what, bytes) => {
    const endpoint = await serveRaw((socket) => socket.end(bytes));
    const outcome = await ask(endpoint, asked);
    expect(outcome).toMatchObject({ kind: noAnswer, error: { type: 'connection_error' } });
    expect(outcome).toHaveProperty('error.message', expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+: \w/));
  });

  test('waits through hints for the answer', async () => {
    const end = 'HTTP/1.1 200 OK\r\ncontent-length: 22\r\n\r\n{"status":"completed"}';
    const endpoint = await serveRaw((socket) => {
      socket.write('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n');
      socket.end(end);
    });
    expect(await ask(endpoint, asked)).toMatchObject({ kind: 'completed' });
  });

  test('keeps an error of any length short', async () => {
    const agent = await serve((outgoing) =>
      outgoing.writeHead(400, { 'x-adc-response-details': 'd'.repeat(600) }).end(`🚀${'x'.repeat(5_000_000)}`),
    );
    const outcome = await ask(agent.endpoint, asked);
    expect(outcome).toMatchObject({ error: { type: 'http_error', message: `🚀${'x'.repeat(1022)}` } });
  });
});
