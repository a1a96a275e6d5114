import type { AgentTimings } from '../app/timings.ts';
import type { Clock } from '../clock.ts';
import { judgeIdentityFailure } from './identity-failure.ts';

/** A token for the agents, or why there is none. The message holds no secret. */
export type TokenResult =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'unreachable' | 'refused'; readonly message: string };

export interface TokenSource {
  /** Never rejects. In a burst one request serves all callers. */
  get(): Promise<TokenResult>;
  /** For a token that an agent has answered with 401: the next one who asks gets a new one, where there is one. */
  drop(token: string): void;
}

/** The part of a credential of @azure/identity that is needed here. */
export interface AccessTokenProvider {
  getToken(scope: string): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

export interface TokenSourceOptions {
  /** Client id of a user-assigned identity. */
  readonly managedIdentityClientId?: string;
  /** Makes the credential when the first token is asked for; DefaultAzureCredential unless given. */
  readonly credential?: () => Promise<AccessTokenProvider>;
  readonly clock: Clock;
  readonly timings: AgentTimings;
}

const scope = 'https://ai.azure.com/.default';

interface CachedToken {
  readonly token: string;
  readonly expiresAtMs: number;
  readonly receivedAtMs: number;
}

/**
 * Tokens for the scope https://ai.azure.com/.default, refreshed from five minutes before they expire. A refresh that
 * hangs or fails goes unnoticed as long as the old token is good for another minute.
 */
export const createTokenSource = (options: TokenSourceOptions): TokenSource => {
  const { clock, timings } = options;
  const makeCredential = options.credential ?? (() => defaultCredential(options.managedIdentityClientId));
  let credential: AccessTokenProvider | undefined;
  let cached: CachedToken | undefined;
  let pending: Promise<TokenResult> | undefined;
  let askedAtMs = Number.NEGATIVE_INFINITY;

  const lifeOf = ({ expiresAtMs }: CachedToken): number => expiresAtMs - clock.now().getTime();

  const request = async (): Promise<TokenResult> => {
    askedAtMs = clock.now().getTime();
    try {
      credential ??= await makeCredential();
      const result = await withLimit(options, credential);
      if (result.kind !== 'token') return result;
      const { token, expiresAtMs } = result;
      cached = { token, expiresAtMs, receivedAtMs: clock.now().getTime() };
      return { kind: 'token', token };
    } catch (error) {
      return { kind: judgeIdentityFailure(error), message: describe(error) };
    }
  };

  const refresh = (): Promise<TokenResult> => {
    pending ??= request().finally(() => {
      pending = undefined;
    });
    return pending;
  };

  return {
    get: async () => {
      if (cached === undefined || lifeOf(cached) <= timings.leastTokenLifeSeconds * 1000)
        return keepIfValid(await refresh(), cached, lifeOf);
      const isRested = clock.now().getTime() - askedAtMs >= timings.leastTokenPauseSeconds * 1000;
      if (lifeOf(cached) <= timings.refreshBeforeExpirySeconds * 1000 && isRested) void refresh();
      return { kind: 'token', token: cached.token };
    },
    drop: (token) => {
      if (
        cached?.token !== token ||
        clock.now().getTime() - cached.receivedAtMs < timings.leastAgeOfDroppedTokenSeconds * 1000
      )
        return;
      cached = undefined;
      // The library remembers tokens as well; most of its credentials do so for themselves, and forget with them.
      credential = undefined;
    },
  };
};

const keepIfValid = (
  refreshed: TokenResult,
  old: CachedToken | undefined,
  lifeOf: (token: CachedToken) => number,
): TokenResult =>
  refreshed.kind !== 'token' && old !== undefined && lifeOf(old) > 0 ? { kind: 'token', token: old.token } : refreshed;

type Received =
  | { readonly kind: 'token'; readonly token: string; readonly expiresAtMs: number }
  | Exclude<TokenResult, { readonly kind: 'token' }>;

/** Rejects as the credential does. */
const withLimit = async (
  { clock, timings }: TokenSourceOptions,
  credential: AccessTokenProvider,
): Promise<Received> => {
  const answered = new AbortController();
  const limit = clock
    .sleep(timings.tokenTimeoutSeconds * 1000, answered.signal)
    .then(() => unreachable(`the token service did not answer within ${timings.tokenTimeoutSeconds} s`));
  try {
    return await Promise.race([askFor(credential), limit]);
  } finally {
    answered.abort();
  }
};

const askFor = async (credential: AccessTokenProvider): Promise<Received> => {
  const answer = await credential.getToken(scope);
  if (answer === null) return { kind: 'refused', message: `No credential gives a token for ${scope}` };
  // A header with other characters would be refused by fetch, in a message that quotes it.
  if (!/^[\x21-\x7e]+$/.test(answer.token)) return unreachable('the token service answered with what is no token');
  return { kind: 'token', token: answer.token, expiresAtMs: answer.expiresOnTimestamp };
};

const unreachable = (what: string): Received => ({ kind: 'unreachable', message: `No token for ${scope}: ${what}` });

/** The identity library is slow to load and a local agent never needs it: it is imported with the first token. */
const defaultCredential = async (managedIdentityClientId: string | undefined): Promise<AccessTokenProvider> => {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return managedIdentityClientId === undefined
    ? new DefaultAzureCredential()
    : new DefaultAzureCredential({ managedIdentityClientId });
};

/** A word as long as this may be a token or a secret, quoted from an answer; ids and names of errors are shorter. */
const longWord = /[\w.+=~-]{40,}/g;

const describe = (error: unknown): string => {
  const cause = error instanceof Error ? error.message : String(error);
  return `No token for ${scope}: ${cause.replaceAll(longWord, '[…]')}`;
};
