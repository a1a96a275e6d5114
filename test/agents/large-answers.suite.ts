import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { caseCount } from '../case-counts.ts';
import { callAgent, invocations, serveAgent } from './http-agent.ts';
import { pour, repeat, watchMemory, watchProcessor } from './large-bodies.ts';
import { ask, protocolSteps } from './protocol-steps.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

const describeLargeBodies = (): void => {
  describe.each(protocolSteps.slice(0, caseCount('largeBodies')))('$step by $protocol', (asked) => {
    test('reads a body of 100 MB in bounded memory, and never takes it for an end', { timeout: 120_000 }, async () => {
      const agent = await serveAgent(
        (outgoing) =>
          void pour(outgoing.writeHead(200, { 'content-type': 'application/json' }), [
            '{"status":"completed","padding":"',
            ...repeat('x'.repeat(mebibyte), 100),
            '"}',
          ]),
      );
      const { result, grownMiB } = await watchMemory(() => ask(agent.endpoint, asked, 100));
      const isKept = asked.protocol === 'invocations' && asked.step === 'start';
      expect(result).toMatchObject({
        kind: isKept ? 'completed' : 'terminal',
        answer: { outputTruncated: true },
        ...(!isKept && {
          error: { message: expect.stringMatching(/^The answer is longer than the 8388608 characters/) },
        }),
      });
      expect(grownMiB).toBeLessThan(60);
    });

    test('unpacks a gzip bomb in bounded memory', { timeout: 120_000 }, async () => {
      const bomb = gzipSync(Buffer.alloc(100 * mebibyte, 0x20), { level: 9 });
      const agent = await serveAgent((outgoing) => outgoing.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
      const { result, grownMiB } = await watchMemory(() => ask(agent.endpoint, asked, 100));
      expect(result.kind).toMatch(/^(completed|terminal)$/);
      expect(grownMiB).toBeLessThan(60);
    });
  });
};

const serveStream = (pieces: Iterable<string | Uint8Array>) =>
  serveAgent((outgoing) => {
    const headers = { 'content-type': 'text/event-stream; charset=utf-8' };
    void pour(outgoing.writeHead(200, headers), pieces);
  });
const truncated = { kind: 'completed', answer: { outputTruncated: true } };
const call = { timeoutSeconds: 200 };

/** 200 MB each. */
const longStreams: readonly (readonly [string, Iterable<string | Uint8Array>])[] = [
  [
    '200 MB of events',
    repeat(`data: {"delta":"${'é'.repeat(8)}","padding":"${'x'.repeat(64 * kibibyte)}"}\n\n`, 3_200),
  ],
  [
    'short texts between long comments',
    repeat(`: ${'x'.repeat(64 * kibibyte)}\ndata: twenty characters ok\n\n`, 3_200),
  ],
  [
    'one event of short lines between long comments',
    repeat(`: ${'x'.repeat(64 * kibibyte)}\ndata: twenty characters ok\n`, 6_400),
  ],
];
/** 10 MB each, in so many pieces. */
const meaninglessLines = [
  ['x\n'.repeat(32 * kibibyte)],
  ['\r'.repeat(64 * kibibyte)],
  ['data\r\n'.repeat(10 * kibibyte)],
  [': x\n'.repeat(16 * kibibyte)],
];
const pieceCount = 160;

const describeLongStreams = (): void => {
  describe('a stream that is longer than what is kept', () => {
    test.each(longStreams.slice(0, caseCount('longStreams')))(
      'is read to its end in bounded memory: %s',
      { timeout: 240_000 },
      async (_what, pieces) => {
        const { endpoint } = await serveStream(pieces);
        const { result, grownMiB } = await watchMemory(() => callAgent(endpoint, invocations(), { call }));
        console.log(`${_what}: ${grownMiB.toFixed(0)} MiB more`);
        expect(result).toMatchObject(truncated);
        expect(grownMiB).toBeLessThan(60);
      },
    );

    test('is read on behind an event of 50 MB, of which nothing is kept', { timeout: 240_000 }, async () => {
      function* pieces() {
        yield 'data: "before "\n\ndata: "';
        yield* repeat('x'.repeat(64 * kibibyte), 800);
        yield '"\n\ndata: "after"\n\n';
      }
      const { endpoint } = await serveStream(pieces());
      const { result, grownMiB } = await watchMemory(() => callAgent(endpoint, invocations(), { call }));
      expect(result).toMatchObject({ ...truncated, answer: { outputText: 'before after', outputTruncated: true } });
      expect(grownMiB).toBeLessThan(30);
    });

    test.each(meaninglessLines.slice(0, caseCount('meaninglessLines')))(
      'is read in no time when its lines mean nothing: %#',
      { timeout: 240_000 },
      async (piece) => {
        const { endpoint } = await serveStream([...repeat(piece, pieceCount), '\n\ndata: after\n\n']);
        const { result, workedMs } = await watchProcessor(() => callAgent(endpoint, invocations(), { call }));
        expect(result).toMatchObject({ kind: 'completed', answer: { outputText: expect.stringMatching(/after$/) } });
        expect(workedMs).toBeLessThan(20_000);
      },
    );
  });
};

/** Holds memory and work in bounds, however much an agent says. */
export const describeLargeAnswers = (): void => {
  describeLargeBodies();
  describeLongStreams();
};
