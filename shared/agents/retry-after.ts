import { parseRetryAfter } from '../domain/progress/call-verdict.ts';

/** Of these the exact one counts first. `Retry-After` knows whole seconds only, which is why some send milliseconds. */
const millisecondNames = ['retry-after-ms', 'x-ms-retry-after-ms'] as const;

/** The names of the headers that ask for a pause, in the order in which they count. */
export const retryAfterNames = [...millisecondNames, 'retry-after'] as const;

const milliseconds = /^\d{1,12}(?:\.\d{1,9})?$/;

/** Seconds that an answer asks its caller to stay away, rounded up; undefined when it does not, or not legibly. */
export const retryAfterSecondsOf = (headers: Headers, now: Date): number | undefined => {
  for (const name of millisecondNames) {
    const value = headers.get(name)?.trim() ?? '';
    if (milliseconds.test(value)) return Math.ceil(Number(value) / 1000);
  }
  return parseRetryAfter(headers.get('retry-after'), now);
};
