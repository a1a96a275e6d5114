import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** Writes its answer itself: what no agent should do, and some do. */
export interface UnrulyAgent {
  readonly name: string;
  readonly description: string;
  readonly status: number;
  /** Ends when the caller has gone. */
  readonly write: (outgoing: ServerResponse) => Promise<void> | void;
}

const json = { 'content-type': 'application/json' };
const eventStream = { 'content-type': 'text/event-stream' };
const hugeMebibytes = 100;

/** No faster than it is read. */
const pour = async (outgoing: ServerResponse, pieces: Iterable<string> | AsyncIterable<string>): Promise<void> => {
  await pipeline(Readable.from(pieces, { objectMode: false }), outgoing).catch(() => {
    // The caller has gone.
  });
};

function* hugeBody() {
  yield '{"id":"resp_huge","object":"response","status":"completed","padding":"';
  const mebibyte = 'x'.repeat(1024 * 1024);
  for (let n = 0; n < hugeMebibytes; n += 1) yield mebibyte;
  yield '"}';
}

async function* forEver(piece: string, milliseconds: number) {
  for (;;) {
    yield piece;
    await wait(milliseconds, undefined, { ref: false });
  }
}

export const unrulyAgents: readonly UnrulyAgent[] = [
  {
    name: 'endless-agent',
    description: 'Streams events and never ends.',
    status: 200,
    write: (outgoing) => pour(outgoing.writeHead(200, eventStream), forEver('data: {"text":"On and on. "}\n\n', 100)),
  },
  {
    name: 'failing-stream-agent',
    description: 'Streams events, of which the last one says that it failed.',
    status: 200,
    write: (outgoing) => {
      const failure = { status: 'failed', error: { code: 'server_error', message: 'It ended badly' } };
      const events = [{ text: 'So far so good. ' }, failure];
      outgoing.writeHead(200, eventStream).end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
    },
  },
  {
    name: 'cut-stream-agent',
    description: 'Streams the beginning of a response, and ends the stream without its end.',
    status: 200,
    write: (outgoing) => {
      const response = { id: 'resp_cut', object: 'response', status: 'in_progress', output: [] };
      const events = [
        { type: 'response.created', response },
        { type: 'response.output_text.delta', delta: 'So far so good' },
      ];
      outgoing.writeHead(200, eventStream).end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
    },
  },
  {
    name: 'huge-agent',
    description: `Answers with ${hugeMebibytes} MiB of JSON.`,
    status: 200,
    write: (outgoing) => pour(outgoing.writeHead(200, json), hugeBody()),
  },
  {
    name: 'trickling-agent',
    description: 'Answers with a byte each 100 ms, and never ends.',
    status: 200,
    write: (outgoing) => pour(outgoing.writeHead(200, json), forEver(' ', 100)),
  },
  {
    name: 'reset-agent',
    description: 'Breaks the connection in the middle of its answer.',
    status: 200,
    write: (outgoing) => {
      outgoing.writeHead(200, { ...json, 'content-length': '1000' }).write('{"id":"resp_', () => outgoing.destroy());
    },
  },
  {
    name: 'redirecting-agent',
    description: 'Sends its callers elsewhere.',
    status: 307,
    write: (outgoing) => {
      outgoing.writeHead(307, { location: 'http://127.0.0.1:9/elsewhere' }).end();
    },
  },
  {
    name: 'garbled-agent',
    description: 'Calls JSON what is none.',
    status: 200,
    write: (outgoing) => {
      outgoing.writeHead(200, json).end('{"id":"resp_1","status":"comple');
    },
  },
];
