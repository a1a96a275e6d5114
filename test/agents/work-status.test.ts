import { describe, expect, test } from 'vitest';
import { ownStatusIn, polledStatusIn } from '../../shared/agents/answers/own-status.ts';
import { readStatus } from '../../shared/agents/answers/work-status.ts';

describe('a status', () => {
  test.each<[string, readonly unknown[]]>([
    [
      'running',
      [
        'queued',
        'in_progress',
        'InProgress',
        'in-progress',
        'IN PROGRESS',
        'Running',
        'pending',
        'NotStarted',
        'not_started',
        'submitted',
        'working',
        'cancelling',
        'TASK_STATE_WORKING',
        'thread.run.in_progress',
        { state: 'working' },
      ],
    ],
    [
      'completed',
      [
        'completed',
        'Completed',
        'COMPLETED',
        'succeeded',
        'Succeeded',
        'success',
        'done',
        'finished',
        'ok',
        ' completed ',
        'response.completed',
        'TASK_STATE_COMPLETED',
        'JobStatus.Completed',
        'run-status-completed',
        { state: 'completed' },
      ],
    ],
    [
      'failed',
      [
        'failed',
        'Failed',
        'errored',
        'error',
        'timed_out',
        'TimedOut',
        'expired',
        'incomplete',
        'rejected',
        'Terminated',
        'aborted',
        'TASK_STATE_FAILED',
        'response.incomplete',
      ],
    ],
    ['cancelled', ['cancelled', 'canceled', 'Cancelled', 'CANCELED', 'stopped', 'TASK_STATE_CANCELED']],
    [
      'waiting',
      [
        'requires_action',
        'RequiresAction',
        'input-required',
        'TASK_STATE_INPUT_REQUIRED',
        'auth-required',
        'awaiting_approval',
        'interrupted',
      ],
    ],
    ['unknown', ['warming up', 'active', 'partially done', 'x'.repeat(100), 'notcompleted', 'incompleted?']],
    ['none', [undefined, null, '', ' ', 7, true, [], {}, ['completed'], { state: 3 }]],
  ])('is %s', (kind, statuses) => {
    expect(statuses.map((status) => [status, readStatus(status).kind])).toEqual(
      statuses.map((status) => [status, kind]),
    );
  });

  test('is quoted as it is spelled, and no more than that is of a sensible length', () => {
    expect(readStatus(' Warming UP ').says).toBe('Warming UP');
    expect(readStatus('x'.repeat(1000)).says).toBe(`${'x'.repeat(64)}…`);
  });
});

describe('the status of an answer of an agent of its own', () => {
  test.each([
    ['failed', { status: 'failed' }],
    ['failed', { status: 'Failed', message: 'No connection', code: 'x' }],
    ['running', { status: 'in_progress', id: 'a' }],
    ['failed', { status: 'failed', invocation_id: 'a', build: 42 }],
    ['none', { status: 'failed', build: 42 }],
    ['failed', { jsonrpc: '2.0', id: 1, result: { id: 't', status: { state: 'failed' } } }],
    ['none', { jsonrpc: '2.0', id: 1, result: { id: 't', status: { state: 'completed' } } }],
    ['none', { output: 'done' }],
  ] as const)('is %s: %j', (kind, body) => {
    expect(ownStatusIn(body).kind).toBe(kind);
  });

  test('is told in a poll by whatever name', () => {
    expect(polledStatusIn({ state: 'done', build: 42 }).kind).toBe('completed');
    expect(polledStatusIn({ runtimeStatus: 'ContinuedAsNew' }).kind).toBe('running');
    expect(polledStatusIn({ status: 'failed', state: 'done' }).kind).toBe('failed');
    expect(polledStatusIn({}).kind).toBe('none');
  });
});
