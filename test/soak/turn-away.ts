import type { Answer } from '../storage/storage-fault.ts';

/** How storage answers when it has too much to do. */
export const turnAway = (status: 429 | 503, retryAfterSeconds: number): Answer => ({
  status,
  headers: { 'retry-after': String(retryAfterSeconds), 'content-length': 0 },
  body: Buffer.alloc(0),
});
