import { truncateText } from '../truncate-text.ts';

export type CallVerdict = 'completed' | 'retryable' | 'terminal';

/**
 * What a finished call means for its run: 2xx is success; 408, 429 and 5xx may pass by themselves; everything else,
 * redirects included, will not.
 */
export const judgeStatus = (status: number): CallVerdict => {
  if (status >= 200 && status <= 299) return 'completed';
  if (status === 408 || status === 429 || (status >= 500 && status <= 599)) return 'retryable';
  return 'terminal';
};

const wholeSeconds = /^\d{1,9}$/;
const httpDateStart = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/**
 * Seconds to wait from `now`, never negative, rounded up. Undefined when the header is missing or says neither whole
 * seconds nor an HTTP date (RFC 9110, 10.2.3). The cap is the caller's.
 */
export const parseRetryAfter = (header: string | null, now: Date): number | undefined => {
  const text = header?.trim() ?? '';
  if (wholeSeconds.test(text)) return Number(text);
  // Date.parse alone takes "1.5" for a date in January.
  const at = httpDateStart.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now.getTime()) / 1000));
};

const maxErrorMessageLength = 1024;

/** An error's message as runs, poisoned messages and answers have it. */
export const truncateErrorMessage = (message: string): string => truncateText(message, maxErrorMessageLength);
