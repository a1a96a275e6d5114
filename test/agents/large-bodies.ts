import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Sends that many pieces, no faster than they are read, and ends. A reader that goes away ends it too. */
export const pour = async (outgoing: ServerResponse, pieces: Iterable<string | Uint8Array>): Promise<void> => {
  await pipeline(Readable.from(pieces, { objectMode: false }), outgoing).catch(() => {});
};

export function* repeat(piece: string | Uint8Array, times: number): Iterable<string | Uint8Array> {
  for (let n = 0; n < times; n += 1) yield piece;
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const mebibyte = 1024 * 1024;
/** So much more may be in use unnoticed, so that garbage is not collected at every look. */
const unnoticedMiB = 32;

/**
 * What the work brings, and by how many MiB the memory that this process has in use grew at most while it lasted:
 * without garbage, which stays the longer, the busier the machine is.
 */
export const watchMemory = async <Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result; grownMiB: number }> => {
  const used = () => {
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / mebibyte;
  };
  const usedWithoutGarbage = () => {
    collectGarbage();
    // The second one waits for what the first one has begun to free.
    collectGarbage();
    return used();
  };
  const before = usedWithoutGarbage();
  let most = before;
  const look = () => {
    if (used() > most + unnoticedMiB) most = Math.max(most, usedWithoutGarbage());
  };
  const timer = setInterval(look, 5);
  try {
    const result = await work();
    look();
    return { result, grownMiB: most - before };
  } finally {
    clearInterval(timer);
  }
};

/** What the work brings, and how many milliseconds processors worked for it: a busy machine takes longer, not more. */
export const watchProcessor = async <Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result; workedMs: number }> => {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, workedMs: (user + system) / 1000 };
};
