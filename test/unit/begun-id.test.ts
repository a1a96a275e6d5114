import { describe, expect, it } from 'vitest';
import { answeredAttempts, invocationIdFor, responseIdFor } from '../../shared/domain/begun-id.ts';
import { slotRunId } from '../../shared/domain/run-id.ts';
import { at, projectName, routineName, triggerName } from '../builders.ts';

const runIdAt = (instant: string) =>
  slotRunId({
    project: projectName('demo'),
    routine: routineName('daily'),
    trigger: triggerName('main'),
    nominal: at(instant),
  });
const runId = runIdAt('2026-03-01T12:00:00Z');
const other = runIdAt('2026-03-01T12:05:00Z');

describe('the id under which an agent is asked to begin work', () => {
  it('is the same for the same run and as many answered attempts, and differs else', () => {
    const ids = [runId, other].flatMap((run) => [0, 1, 2].map((answered) => responseIdFor({ runId: run, answered })));
    expect(new Set(ids).size).toBe(6);
    expect(responseIdFor({ runId, answered: 0 })).toBe(ids[0]);
    expect(invocationIdFor({ runId, answered: 0 })).toBe(invocationIdFor({ runId, answered: 0 }));
    expect(invocationIdFor({ runId, answered: 0 })).not.toBe(invocationIdFor({ runId, answered: 1 }));
  });

  it('has the form of the server library: a prefix, a partition key and 32 letters and digits', () => {
    expect(responseIdFor({ runId, answered: 0 })).toMatch(/^caresp_[0-9a-f]{16}00[0-9A-Za-z]{32}$/);
    expect(invocationIdFor({ runId, answered: 0 })).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it.each([
    ['of the newer form', `conv_0123456789abcdef00${'X'.repeat(32)}`, '0123456789abcdef00'],
    ['of the older form', `conv_${'x'.repeat(32)}fedcba9876543210`, 'fedcba987654321000'],
  ])('has the partition key of a conversation %s', (_which, conversation, partition) => {
    expect(responseIdFor({ runId, answered: 0 }, conversation).slice(7, 25)).toBe(partition);
  });

  it('has a partition key of its own for a conversation of another form', () => {
    expect(responseIdFor({ runId, answered: 0 }, 'my conversation')).toBe(responseIdFor({ runId, answered: 0 }));
  });
});

it('attempts count as answered that ended with a status code, whatever it was', () => {
  const [startedAt, endedAt] = [at('2026-03-01T12:00:00Z'), at('2026-03-01T12:00:01Z')];
  const attempt = { number: 1, startedAt, endedAt };
  const timeout = { ...attempt, error: { type: 'timeout', message: 'Too late' } };
  expect(answeredAttempts({ attempts: [] })).toBe(0);
  expect(answeredAttempts({ attempts: [timeout, { ...attempt, statusCode: 503 }, timeout] })).toBe(1);
});
