import { describe, expect, test } from 'vitest';
import { type AccessTokenProvider, createTokenSource } from '../../shared/agents/token-source.ts';

const start = Date.parse('2026-06-02T07:00:00Z');
const minutes = (n: number): number => n * 60_000;

/** A credential whose every token is valid for an hour, and a clock that the test moves. */
const setUp = (getToken?: AccessTokenProvider['getToken']) => {
  const state = { now: start, made: 0, asked: [] as string[] };
  const clock = { now: () => new Date(state.now), sleep: async () => {} };
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
  return { state, source: createTokenSource({ credential, clock }) };
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

  test('keeps a token until five minutes before it expires', async () => {
    const { state, source } = setUp();
    await source.get();
    state.now = start + minutes(55) - 1;
    expect(await source.get()).toEqual({ kind: 'token', token: 'token-1' });
    state.now = start + minutes(55);
    expect(await source.get()).toEqual({ kind: 'token', token: 'token-2' });
    expect(state.made).toBe(1);
  });

  test('goes on with the old token when a refresh fails before it has expired', async () => {
    const answers = [{ token: 'old', expiresOnTimestamp: start + minutes(60) }];
    const { state, source } = setUp(async () => {
      const answer = answers.shift();
      if (answer === undefined) throw new Error('down');
      return answer;
    });
    await source.get();
    state.now = start + minutes(58);
    expect(await source.get()).toEqual({ kind: 'token', token: 'old' });
    state.now = start + minutes(60);
    expect(await source.get()).toMatchObject({ kind: 'unreachable' });
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
});
