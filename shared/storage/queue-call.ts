import { RestError } from '@azure/storage-queue';
import { bounds, unscaledTimings } from '../app/timings.ts';
import type { Clock } from '../clock.ts';
import { type StorageCall, storageCall } from './storage-call.ts';

const { storageTries: maxTries } = bounds;
const { firstRetryDelaySeconds, maxRetryDelaySeconds } = unscaledTimings.storage;

/**
 * storageCall for one operation on a queue, repeated as the table client repeats by itself: three times within about two
 * seconds, and where storage says `Retry-After` no earlier than that. The queue client does neither: it takes no notice
 * of that header, repeats a 503 at once and a 429 not at all. So it makes one try (`storage-clients.ts`).
 */
export const queueCall = <Answer>(clock: Clock, operation: string, call: StorageCall<Answer>): Promise<Answer> =>
  storageCall(operation, async (options) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await call(options);
      } catch (error) {
        if (tries === maxTries || !(error instanceof RestError) || !isWorthRepeating(error)) throw error;
        // Ends early with the operation's deadline: the next try then throws.
        await clock.sleep(delayMsAfter(error, tries), options.abortSignal);
      }
    }
  });

/** No answer, or one that says to try again. */
const isWorthRepeating = ({ statusCode }: RestError): boolean =>
  statusCode === undefined || statusCode === 408 || statusCode === 429 || statusCode >= 500;

const delayMsAfter = ({ response }: RestError, tries: number): number => {
  const retryAfter = response?.headers.get('retry-after');
  return retryAfter !== undefined && /^\d+$/.test(retryAfter)
    ? Number(retryAfter) * 1000
    : Math.min(maxRetryDelaySeconds, firstRetryDelaySeconds * 2 ** (tries - 1)) * 1000;
};
