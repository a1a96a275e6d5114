import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Sends that many pieces, no faster than they are read, and ends. A reader that goes away ends it too. */
export const pour = async (outgoing: ServerResponse, pieces: Iterable<string | Uint8Array>): Promise<void> => {
  await pipeline(Readable.from(pieces, { objectMode: false }), outgoing).catch(() => {});
};

export function* repeat(piece: string | Uint8Array, times: number): Iterable<string | Uint8Array> {
  for (let n = 0; n < times; n += 1) yield piece;
}

const mebibyte = 1024 * 1024;

/** What the work brings, and by how many MiB this process grew at most while it lasted. */
export const watchMemory = async <Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result; grownMiB: number }> => {
  const used = () => {
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / mebibyte;
  };
  const before = used();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, used());
  }, 5);
  try {
    const result = await work();
    return { result, grownMiB: Math.max(most, used()) - before };
  } finally {
    clearInterval(timer);
  }
};
