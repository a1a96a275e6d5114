import { describe, expect, it } from 'vitest';
import { logAttempt } from '../../shared/app/delivery/log-attempt.ts';
import type { Log, LogFacts } from '../../shared/app/ports/log.ts';
import type { RunError, RunState } from '../../shared/domain/run.ts';
import { aRun, at } from '../builders.ts';

const startedAt = at('2026-03-01T12:00:00Z');
const endedAt = at('2026-03-01T12:00:07Z');

const lineOf = (state: RunState, isWritten: boolean, error?: RunError) => {
  const lines: [string, string, LogFacts | undefined][] = [];
  const log: Log = {
    info: (message, facts) => lines.push(['info', message, facts]),
    warn: (message, facts) => lines.push(['warn', message, facts]),
    error: (message, facts) => lines.push(['error', message, facts]),
  };
  const attempts = [{ number: 1, startedAt, endedAt, ...(error && { error }) }];
  logAttempt(log, aRun({ startedAt, attempts, state }), isWritten);
  expect(lines).toHaveLength(1);
  return lines[0];
};

const completed: RunState = { phase: 'completed', endedAt, answer: {} };
const backingOff: RunState = { phase: 'backing_off', retryAt: endedAt };

describe('the log line of an attempt', () => {
  it('says how it ended and what its run does now', () => {
    const facts = { project: 'demo', routine: 'daily', attempt: 1, phase: 'completed', durationMs: 7000 };
    expect(lineOf(completed, true)).toMatchObject(['info', 'Attempt ended', facts]);
  });

  it('is a warning when it failed, and says why where the words are our own', () => {
    const error = { type: 'timeout', message: 'No answer\nwithin 30 s' };
    const facts = { phase: 'backing_off', errorType: 'timeout', cause: 'No answer' };
    expect(lineOf(backingOff, true, error)).toMatchObject(['warn', 'Attempt ended', facts]);
  });

  const unrecorded = 'Attempt ended, not recorded: its run was cancelled or taken over';

  it('is no warning when its run was cancelled, and invents no phase', () => {
    const line = lineOf(backingOff, false, { type: 'cancelled', message: 'm' });
    expect(line).toMatchObject(['info', unrecorded, { errorType: 'cancelled', phase: undefined }]);
  });

  it('is a warning when the agent answered and nobody wanted to know', () => {
    expect(lineOf(completed, false)).toMatchObject(['warn', unrecorded, { phase: undefined }]);
  });
});
