import { describe, expect, test, vi } from 'vitest';
import { type AccessTokenProvider, createTokenSource } from '../../shared/agents/token-source.ts';
import { unscaledTimings } from '../../shared/app/timings.ts';

const start = Date.parse('2026-06-02T07:00:00Z');
const minutes = (n: number): number => n * 60_000;

/** A credential whose every token is valid for an hour, and a clock that the test moves. */
const setUp = (getToken?: AccessTokenProvider['getToken']) => {
  const state = { now: start, made: 0, asked: [] as string[], slept: [] as number[] };
  const clock = {
    now: () => new Date(state.now),
    // Late enough for every answer that is there already.
    sleep: (milliseconds: number) =>
      new Promise<void>((resolve) => {
        state.slept.push(milliseconds);
        setImmediate(resolve);
      }),
  };
  const credential = async (): Promise<AccessTokenProvider> => {
    state.made += 1;
    return {
      getToken: async (scope) => {
        state.asked.push(scope);
        if (getToken !== undefined) return getToken(scope);
        return { token: `token-${state.asked.length}`, expiresOnTimestamp: state.now + minutes(60) };
      },
    };
  };
  return { state, source: createTokenSource({ credential, clock, timings: unscaledTimings.agents }) };
};

describe('a token source', () => {
  test('makes no credential before the first token is asked for', () => {
    expect(setUp().state.made).toBe(0);
  });

  test('serves a burst with one request, for the scope of the agents', async () => {
    const { state, source } = setUp();
    const results = await Promise.all(Array.from({ length: 20 }, () => source.get()));
    expect(new Set(results.map((result) => JSON.stringify(result)))).toEqual(
      new Set(['{"kind":"token","token":"token-1"}']),
    );
    expect(state.asked).toEqual(['https://ai.azure.com/.default']);
    expect(state.made).toBe(1);
  });

  test('refreshes a token from five minutes before it expires, and makes nobody wait for that', async () => {
    const { state, source } = setUp();
    await source.get();
    state.now = start + minutes(55) - 1;
    await source.get();
    expect(state.asked).toHaveLength(1);
    state.now = start + minutes(55);
    expect(await source.get()).toEqual({ kind: 'token', token: 'token-1' });
    const refreshed = async () => expect(await source.get()).toEqual({ kind: 'token', token: 'token-2' });
    await vi.waitFor(refreshed, { timeout: 30_000 });
    expect(state.asked).toHaveLength(2);
    expect(state.made).toBe(1);
  });

  test('waits for the new token when the old one would expire within a minute', async () => {
    const { state, source } = setUp();
    await source.get();
    state.now = start + minutes(59);
    expect(await source.get()).toEqual({ kind: 'token', token: 'token-2' });
  });

  test.each([
    ['fails', () => Promise.reject(new Error('down'))],
    ['hangs', () => new Promise<never>(() => {})],
  ])('goes on with the old token until it has expired when a refresh %s', async (_what, refresh) => {
    const answers = [{ token: 'old', expiresOnTimestamp: start + minutes(60) }];
    const { state, source } = setUp(async () => answers.shift() ?? refresh());
    await source.get();
    for (const minute of [55, 58, 59.9]) {
      state.now = start + minutes(minute);
      expect(await source.get()).toEqual({ kind: 'token', token: 'old' });
    }
    state.now = start + minutes(60);
    expect(await source.get()).toMatchObject({ kind: 'unreachable' });
  });

  test.each([
    ['brings the same one', async () => ({ token: 'old', expiresOnTimestamp: start + minutes(4) })],
    ['fails', () => Promise.reject(new Error('down'))],
  ])('asks once in ten seconds for a newer token while a refresh %s', async (_what, refresh) => {
    const answers = [{ token: 'old', expiresOnTimestamp: start + minutes(4) }];
    const { state, source } = setUp(async () => answers.shift() ?? refresh());
    for (let call = 0; call < 100; call += 1) {
      state.now = start + call * 100;
      expect(await source.get()).toEqual({ kind: 'token', token: 'old' });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(state.asked).toHaveLength(1);
    state.now = start + 10_000;
    await source.get();
    expect(state.asked).toHaveLength(2);
  });

  test('gives up a request that hangs after 20 s, and asks again', async () => {
    const answers = [new Promise<never>(() => {}), { token: 'good', expiresOnTimestamp: start + minutes(60) }];
    const { state, source } = setUp(async () => answers.shift() ?? null);
    expect(await source.get()).toEqual({
      kind: 'unreachable',
      message: 'No token for https://ai.azure.com/.default: the token service did not answer within 20 s',
    });
    expect(state.slept).toEqual([20_000]);
    expect(await source.get()).toEqual({ kind: 'token', token: 'good' });
  });

  test('asks again after a failure', async () => {
    let calls = 0;
    const { source } = setUp(async () => {
      calls += 1;
      if (calls === 1) throw Object.assign(new Error('no route'), { code: 'ENETUNREACH' });
      return { token: 'good', expiresOnTimestamp: start + minutes(60) };
    });
    expect(await source.get()).toEqual({
      kind: 'unreachable',
      message: 'No token for https://ai.azure.com/.default: no route',
    });
    expect(await source.get()).toEqual({ kind: 'token', token: 'good' });
  });

  test('is refused when the credential has no token to give', async () => {
    const { source } = setUp(async () => null);
    expect(await source.get()).toMatchObject({ kind: 'refused' });
  });

  test.each(['', 'two words', 'line\nbreak', 'tökén'])('takes %j for no token', async (token) => {
    const { source } = setUp(async () => ({ token, expiresOnTimestamp: start + minutes(60) }));
    expect(await source.get()).toEqual({
      kind: 'unreachable',
      message: 'No token for https://ai.azure.com/.default: the token service answered with what is no token',
    });
  });

  test('quotes nothing of a failure that could be a token', async () => {
    const { source } = setUp(() =>
      Promise.reject(new Error(`invalid_grant: ${'eyJhbGciOi.J9-_'.repeat(4)} has expired`)),
    );
    expect(await source.get()).toHaveProperty(
      'message',
      'No token for https://ai.azure.com/.default: invalid_grant: […] has expired',
    );
  });
});

describe('a token that an agent has refused', () => {
  test('is dropped with its credential, so that the next one is new', async () => {
    const { state, source } = setUp();
    await source.get();
    state.now = start + minutes(1);
    source.drop('token-1');
    expect(await source.get()).toEqual({ kind: 'token', token: 'token-2' });
    expect(state.made).toBe(2);
  });

  test('is kept in its first minute: an agent that refuses all of them makes no request of each call', async () => {
    const { state, source } = setUp();
    await source.get();
    state.now = start + minutes(1) - 1;
    source.drop('token-1');
    expect(await source.get()).toEqual({ kind: 'token', token: 'token-1' });
    expect(state.asked).toHaveLength(1);
  });

  test('takes no newer one with it', async () => {
    const { state, source } = setUp();
    await source.get();
    state.now = start + minutes(59);
    await source.get();
    state.now = start + minutes(61);
    source.drop('token-1');
    expect(await source.get()).toEqual({ kind: 'token', token: 'token-2' });
  });
});
