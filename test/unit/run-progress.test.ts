import { describe, expect, it } from 'vitest';
import { unscaledTimings } from '../../shared/app/timings.ts';
import { mayBeBegun } from '../../shared/domain/begun-id.ts';
import { recordBusy, unfoundSeconds } from '../../shared/domain/progress/busy-wait.ts';
import { pollDelaySeconds } from '../../shared/domain/progress/poll-delay.ts';
import {
  claimRun,
  decideClaim,
  lastSignOfLife,
  recordAccepted,
  recordAttempt,
  recordWorkEnd,
  retryDelaySeconds,
} from '../../shared/domain/progress/run-progress.ts';
import type { RunState } from '../../shared/domain/run.ts';
import { aRun, at } from '../builders.ts';

const now = at('2026-01-01T00:05:10Z');
const later = at('2026-01-01T00:05:55Z');
const claim = (owner: string, leaseUntil: Date) => ({
  owner,
  attempt: 1,
  startedAt: at('2026-01-01T00:05:00Z'),
  leaseUntil,
});
const error = { type: 'http_error', message: 'no', statusCode: 503 };
const policy = { maxAttempts: 3, backoffInitialSeconds: 1, backoffMaxSeconds: 5 };
const claimed = claimRun(aRun(), 'me', { now: at('2026-01-01T00:05:01Z'), until: later });

describe('decideClaim', () => {
  it.each([
    { when: 'queued', state: { phase: 'queued' }, decision: { kind: 'claim' } },
    {
      when: 'claimed by another whose lease lives',
      state: { phase: 'dispatching', claim: claim('other', later) },
      decision: { kind: 'wait', until: later, reason: 'leased' },
    },
    {
      when: 'claimed by another whose lease ends now',
      state: { phase: 'dispatching', claim: claim('other', now) },
      decision: { kind: 'claim' },
    },
    {
      when: 'claimed by oneself',
      state: { phase: 'dispatching', claim: claim('me', later) },
      decision: { kind: 'claim' },
    },
    {
      when: 'backing off until later',
      state: { phase: 'backing_off', retryAt: later },
      decision: { kind: 'wait', until: later, reason: 'backing_off' },
    },
    { when: 'backing off until now', state: { phase: 'backing_off', retryAt: now }, decision: { kind: 'claim' } },
    { when: 'completed', state: { phase: 'completed', endedAt: now, answer: {} }, decision: { kind: 'ended' } },
    { when: 'failed', state: { phase: 'failed', endedAt: now, error }, decision: { kind: 'ended' } },
    { when: 'killed', state: { phase: 'killed', endedAt: now, error }, decision: { kind: 'ended' } },
  ] satisfies { when: string; state: RunState; decision: unknown }[])(
    '$decision.kind when the run is $when',
    ({ state, decision }) => {
      expect(decideClaim(aRun({ state }), 'me', now)).toEqual(decision);
    },
  );
});

describe('recordAttempt', () => {
  it('records a success with its answer and keeps the start of the first attempt', () => {
    const run = recordAttempt(
      claimed,
      { kind: 'completed', answer: { responseId: 'r', outputText: 'hi' } },
      policy,
      now,
    );
    expect(run.state).toEqual({ phase: 'completed', endedAt: now, answer: { responseId: 'r', outputText: 'hi' } });
    expect(run.attempts).toEqual([{ number: 1, startedAt: at('2026-01-01T00:05:01Z'), endedAt: now }]);
    expect(run.startedAt).toEqual(at('2026-01-01T00:05:01Z'));
  });

  it('fails at once on a terminal error', () => {
    const run = recordAttempt(claimed, { kind: 'terminal', error }, policy, now);
    expect(run.state).toEqual({ phase: 'failed', endedAt: now, error, answer: undefined });
  });

  it('backs off 1 s, then 2 s, and fails with the last error when the third attempt fails', () => {
    let run = recordAttempt(claimed, { kind: 'retryable', error }, policy, now);
    expect(run.state).toEqual({ phase: 'backing_off', retryAt: new Date(now.getTime() + 1000) });
    run = recordAttempt(claimRun(run, 'me', { now, until: later }), { kind: 'retryable', error }, policy, now);
    expect(run.state).toEqual({ phase: 'backing_off', retryAt: new Date(now.getTime() + 2000) });
    const last = { ...error, message: 'the last' };
    run = recordAttempt(claimRun(run, 'me', { now, until: later }), { kind: 'retryable', error: last }, policy, now);
    expect(run.state).toEqual({ phase: 'failed', endedAt: now, error: last });
    expect(run.attempts.map((attempt) => attempt.number)).toEqual([1, 2, 3]);
  });

  it('uses the number of an attempt again that a crash cut off', () => {
    const takenOver = claimRun(claimed, 'other', { now, until: later });
    expect(takenOver.state.claim.attempt).toBe(1);
    expect(takenOver.startedAt).toEqual(at('2026-01-01T00:05:01Z'));
  });
});

describe('retryDelaySeconds', () => {
  it.each([
    [1, undefined, 1],
    [2, undefined, 2],
    [3, undefined, 4],
    [4, undefined, 5],
    [20, undefined, 5],
    [1, 3, 3],
    [1, 60, 5],
    [3, 0, 4],
  ])('after %i attempts with Retry-After %s is %i s', (attempts, retryAfter, seconds) => {
    expect(retryDelaySeconds(attempts, policy, retryAfter)).toBe(seconds);
  });
});

describe('a run whose thread is busy', () => {
  const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000);
  const busyError = { type: 'thread_locked', message: 'Another run has the thread' };
  const waited = (seconds: number, retryAfterSeconds?: number, times = 0) =>
    recordBusy(
      { ...claimed, startedAt: now, ...(times > 0 && { waited: { reason: 'No', times, since: now } }) },
      { kind: 'busy', error: busyError, retryAfterSeconds },
      { now: inSeconds(seconds), deadlineSeconds: 600, timings: unscaledTimings },
    );

  it.each([
    [undefined, 5],
    [3, 5],
    [30, 30],
    [300, 60],
  ])('that is asked to wait for %s s comes back after %i s', (retryAfterSeconds, seconds) => {
    expect(waited(0, retryAfterSeconds).state).toEqual({ phase: 'backing_off', retryAt: inSeconds(seconds) });
  });

  it('is asked ever more rarely, and once a minute at least', () => {
    const delays = [0, 1, 2, 3, 4, 99].map((times) => waited(0, undefined, times).state);
    expect(delays).toEqual([5, 10, 20, 40, 60, 60].map((s) => ({ phase: 'backing_off', retryAt: inSeconds(s) })));
  });

  it('tells what it waited for, how often, since when, and what went before', () => {
    expect(waited(0).waited).toEqual({ reason: busyError.message, times: 1, since: now });
    const attempt = { number: 1, startedAt: now, endedAt: now, error: { type: 'timeout', message: 'Too late' } };
    const again = recordBusy(
      { ...claimed, attempts: [attempt], waited: { reason: 'No', times: 1, since: now } },
      { kind: 'busy', error: busyError },
      { now: inSeconds(9), deadlineSeconds: 600, timings: unscaledTimings },
    );
    const reason = 'Another run has the thread (after attempt 1 met timeout)';
    expect(again.waited).toEqual({ reason, times: 2, since: now });
    expect(again.attempts).toEqual([attempt]);
  });

  it('fails when it has waited for its deadline, and not before', () => {
    expect(waited(599.999).state.phase).toBe('backing_off');
    expect(waited(600).state).toMatchObject({ phase: 'failed', error: { type: 'timeout' } });
  });
});

describe('a run whose own work is known and not found', () => {
  const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000);
  const unfound = (run: typeof claimed, seconds: number) =>
    recordBusy(
      run,
      { kind: 'busy', error: { type: 'response_id_conflict', message: 'Known' }, isUnfound: true },
      { now: inSeconds(seconds), deadlineSeconds: 600, timings: unscaledTimings },
    );
  const before = { ...claimed, startedAt: now, waited: { reason: 'No', times: 1, since: now } };
  const first = { ...claimed, startedAt: now, waited: unfound(before, 10).waited };

  it('counts the time from when it was not found, whatever it waited for before', () => {
    expect(unfoundSeconds(before, inSeconds(40))).toBe(0);
    expect(unfoundSeconds(first, inSeconds(40))).toBe(30);
    expect(unfound(first, 40).waited).toMatchObject({ since: now, unfoundSince: inSeconds(10), times: 3 });
  });

  it('counts anew after an attempt, which had an id of its own', () => {
    const attempt = { number: 1, startedAt: now, endedAt: inSeconds(20), statusCode: 409 };
    expect(unfoundSeconds({ ...first, attempts: [attempt] }, inSeconds(40))).toBe(0);
  });

  it('is looked for before it is called again; so is one whose answer was lost, and no other', () => {
    const retryAt = inSeconds(50);
    const attempt = { number: 1, startedAt: now, endedAt: now };
    const waiting = { ...claimed, startedAt: now, state: { phase: 'backing_off', retryAt } } as const;
    expect(mayBeBegun({ ...claimed, startedAt: now })).toBe(true);
    expect(mayBeBegun({ ...waiting, waited: first.waited })).toBe(true);
    expect(mayBeBegun({ ...waiting, attempts: [attempt] })).toBe(true);
    expect(mayBeBegun({ ...waiting, attempts: [{ ...attempt, statusCode: 503 }] })).toBe(false);
    expect(mayBeBegun({ ...waiting, waited: before.waited })).toBe(false);
    expect(mayBeBegun({ ...claimed, startedAt: undefined })).toBe(false);
  });
});

describe('accepted work', () => {
  const polling = recordAccepted(claimed, { kind: 'accepted', ids: {}, statusCode: 202 }, 600);

  it('ends with the status of the answer that said so, else with that of its acceptance', () => {
    const statusOf = (statusCode?: number) =>
      recordWorkEnd(polling, { kind: 'completed', answer: {}, statusCode }, now).attempts.at(-1)?.statusCode;
    expect([statusOf(200), statusOf()]).toEqual([200, 202]);
  });

  it('shows a sign of life up to its deadline', () => {
    expect(lastSignOfLife(polling)).toEqual(polling.work.deadline);
  });

  const work = { startedAt: now, deadline: new Date(now.getTime() + 86_400_000) };
  const delay = (poll: number, elapsedSeconds: number, retryAfterSeconds?: number) =>
    pollDelaySeconds(unscaledTimings, {
      poll,
      now: new Date(now.getTime() + elapsedSeconds * 1000),
      work,
      retryAfterSeconds,
    });

  it('is asked for its end after 2, 4, 8 and then every 15 seconds for five minutes', () => {
    expect([1, 2, 3, 4, 20].map((poll) => delay(poll, 299))).toEqual([2, 4, 8, 15, 15]);
  });

  it('is asked after a twentieth of its time when it takes longer, and every five minutes at least', () => {
    expect([300, 1200, 5999, 6000, 80_000].map((elapsed) => delay(30, elapsed))).toEqual([15, 60, 299, 300, 300]);
  });

  it('is asked a minute later at most when the agent wishes', () => {
    expect([10, 300].map((wish) => delay(4, 60, wish))).toEqual([15, 60]);
  });

  it('is asked at its deadline, and not long after', () => {
    expect(delay(99, 86_400 - 20)).toBe(20);
    expect(delay(99, 86_400 - 20, 60)).toBe(20);
    expect(delay(99, 86_400 + 5)).toBe(1);
  });
});
