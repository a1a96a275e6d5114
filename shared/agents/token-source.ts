import { type Clock, systemClock } from '../clock.ts';
import { judgeIdentityFailure } from './identity-failure.ts';

/** A token for the agents, or why there is none. The message holds no secret. */
export type TokenResult =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'unreachable' | 'refused'; readonly message: string };

/** Never rejects. Under a burst one request serves everybody. */
export interface TokenSource {
  get(): Promise<TokenResult>;
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
  readonly clock?: Clock;
}

const scope = 'https://ai.azure.com/.default';
const refreshBeforeExpiryMs = 5 * 60_000;

interface CachedToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

/**
 * Tokens for the scope https://ai.azure.com/.default, kept until five minutes before they expire. A refresh that fails
 * while the old token is still valid goes unnoticed.
 */
export const createTokenSource = (options: TokenSourceOptions = {}): TokenSource => {
  const clock = options.clock ?? systemClock;
  const makeCredential = options.credential ?? (() => defaultCredential(options.managedIdentityClientId));
  let credential: AccessTokenProvider | undefined;
  let cached: CachedToken | undefined;
  let pending: Promise<TokenResult> | undefined;

  const lastsFor = (milliseconds: number): boolean =>
    cached !== undefined && cached.expiresAtMs - clock.now().getTime() > milliseconds;

  const request = async (): Promise<TokenResult> => {
    try {
      credential ??= await makeCredential();
      const answer = await credential.getToken(scope);
      if (answer === null) return { kind: 'refused', message: `No credential gives a token for ${scope}` };
      cached = { token: answer.token, expiresAtMs: answer.expiresOnTimestamp };
      return { kind: 'token', token: answer.token };
    } catch (error) {
      if (cached !== undefined && lastsFor(0)) return { kind: 'token', token: cached.token };
      return { kind: judgeIdentityFailure(error), message: describe(error) };
    } finally {
      pending = undefined;
    }
  };

  return {
    get: async () => {
      if (cached !== undefined && lastsFor(refreshBeforeExpiryMs)) return { kind: 'token', token: cached.token };
      pending ??= request();
      return pending;
    },
  };
};

/** The identity library is slow to load and a local agent never needs it: it is imported with the first token. */
const defaultCredential = async (managedIdentityClientId: string | undefined): Promise<AccessTokenProvider> => {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return managedIdentityClientId === undefined
    ? new DefaultAzureCredential()
    : new DefaultAzureCredential({ managedIdentityClientId });
};

const describe = (error: unknown): string =>
  `No token for ${scope}: ${error instanceof Error ? error.message : String(error)}`;
