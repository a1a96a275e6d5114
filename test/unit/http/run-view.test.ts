import { describe, expect, it } from 'vitest';
import { responseIdFor } from '../../../shared/domain/begun-id.ts';
import type { RunState } from '../../../shared/domain/run.ts';
import { dispatchRunId } from '../../../shared/domain/run-id.ts';
import { dialectOf } from '../../../shared/http/dialect.ts';
import { dispatchView } from '../../../shared/http/dispatch-view.ts';
import { runView } from '../../../shared/http/run-view.ts';
import { anAction, aRun, at } from '../../builders.ts';

const sdk = dialectOf('v1', null);
const documentation = dialectOf(null, null);
const startedAt = at('2026-01-01T00:05:01.200Z');
const endedAt = at('2026-01-01T00:05:03.900Z');
const id = dispatchRunId(at('2026-01-01T00:05:00Z'), 'a'.repeat(32));
const hex = id.replaceAll('-', '');

/** As the wire has it: what is undefined is left out. */
const wire = (view: object): unknown => JSON.parse(JSON.stringify(view));

const claim = { owner: 'o', attempt: 2, startedAt: at('2026-01-01T00:05:06Z'), leaseUntil: endedAt };
const error = { statusCode: 503, type: 'http_error', message: 'busy' };

describe('a run on the wire', () => {
  it('has its ids, its trigger and nothing that has not happened while it is queued', () => {
    expect(wire(runView(aRun({ id }), sdk))).toEqual({
      id,
      status: 'Scheduled',
      phase: 'queued',
      trigger_type: 'schedule',
      trigger_name: 'main',
      attempt_source: 'schedule_delivery',
      action_type: 'invoke_agent_responses_api',
      agent_id: 'echo-agent',
      triggered_at: 1767225900,
      scheduled_fire_at: 1767225900,
      trigger_time_zone: 'UTC',
      dispatch_id: `dispatch_${hex}`,
      action_correlation_id: `dispatch_${hex}`,
      task_id: `routine_dispatch_${hex}_delivery`,
      attempts: [],
    });
  });

  it('has the answer and its attempts once it is completed', () => {
    const answer = { responseId: 'resp_1', sessionId: 'sess', outputText: 'hi', outputTruncated: true };
    const run = aRun({
      id,
      startedAt,
      attempts: [
        { number: 1, startedAt, endedAt, statusCode: 503, error },
        { number: 2, startedAt, endedAt, statusCode: 200 },
      ],
      action: anAction({ conversation: 'conv' }),
      state: { phase: 'completed', endedAt, answer },
    });
    expect(wire(runView(run, documentation))).toMatchObject({
      status: 'FINISHED',
      phase: 'completed',
      started_at: '2026-01-01T00:05:01Z',
      ended_at: '2026-01-01T00:05:03Z',
      response_id: 'resp_1',
      conversation_id: 'conv',
      session_id: 'sess',
      agent_session_id: 'sess',
      output_text: 'hi',
      output_truncated: true,
      result: {
        type: 'agent_response',
        agent_name: 'echo-agent',
        response_id: 'resp_1',
        agent_session_id: 'sess',
        correlation_id: id,
      },
      attempts: [
        {
          number: 1,
          started_at: '2026-01-01T00:05:01Z',
          ended_at: '2026-01-01T00:05:03Z',
          status_code: 503,
          error_type: 'http_error',
          error_message: 'busy',
        },
        { number: 2, started_at: '2026-01-01T00:05:01Z', ended_at: '2026-01-01T00:05:03Z', status_code: 200 },
      ],
    });
  });

  it.each<[string, RunState, string, string]>([
    ['queued', { phase: 'queued' }, 'Scheduled', 'queued'],
    ['claimed', { phase: 'dispatching', claim }, 'Running', 'dispatching'],
    ['backing off', { phase: 'backing_off', retryAt: endedAt }, 'Running', 'dispatching'],
    ['completed', { phase: 'completed', endedAt, answer: {} }, 'Finished', 'completed'],
    ['failed', { phase: 'failed', endedAt, error }, 'Failed', 'failed'],
    ['killed', { phase: 'killed', endedAt, error }, 'Killed', 'failed'],
  ])('that is %s has the words of its dialect', (_, state, status, phase) => {
    expect(runView(aRun({ state }), sdk)).toMatchObject({ status, phase });
    expect(runView(aRun({ state }), documentation)).toMatchObject({ status: status.toUpperCase(), phase });
  });

  it('tells what the work took, why there is no output, and what it waited for', () => {
    const usage = { inputTokens: 12, outputTokens: 30, totalTokens: 42 };
    const waited = { reason: 'The conversation is locked', times: 3, since: startedAt };
    const state = { phase: 'completed', endedAt, answer: { outputNote: 'Only thoughts', usage } } as const;
    const view = wire(runView(aRun({ id, waited, lives: 2, deadlineSeconds: 90, state }), documentation));
    expect(view).toMatchObject({
      output_note: 'Only thoughts',
      usage: { input_tokens: 12, output_tokens: 30, total_tokens: 42 },
      waited_for: { reason: 'The conversation is locked', times: 3, since: '2026-01-01T00:05:01Z' },
    });
    expect(view).not.toHaveProperty('output_text');
    expect(view).not.toHaveProperty('lives');
  });

  it.each([
    ['the id that it was given', responseIdFor({ runId: id, answered: 1 }, 'conv'), true],
    ['an id of its own', 'resp_1', false],
    ['the id of an earlier attempt, which was answered', responseIdFor({ runId: id, answered: 0 }, 'conv'), false],
    ['no id', undefined, undefined],
  ])('says whether its agent took the id that it was given: %s', (_which, responseId, isHonoured) => {
    const run = aRun({
      id,
      attempts: [
        { number: 1, startedAt, endedAt, statusCode: 503, error },
        { number: 2, startedAt, endedAt, error: { type: 'timeout', message: 'Too late' } },
        { number: 3, startedAt, endedAt, statusCode: 200 },
      ],
      action: anAction({ conversation: 'conv' }),
      state: { phase: 'completed', endedAt, answer: { responseId } },
    });
    expect(wire(runView(run, sdk))).toHaveProperty('id', id);
    expect(runView(run, sdk)).toMatchObject({ response_id_honoured: isHonoured });
  });

  it('shows the attempt under way, without an end', () => {
    const run = aRun({ attempts: [{ number: 1, startedAt, endedAt, error }], state: { phase: 'dispatching', claim } });
    expect(wire(runView(run, sdk))).toMatchObject({
      attempts: [{ number: 1 }, { number: 2, started_at: 1767225906 }],
    });
  });

  it('tells of an error at most 1,024 characters and never half a character', () => {
    const message = `${'x'.repeat(1023)}😀 and more`;
    const attempts = [{ number: 1, startedAt, endedAt, error: { type: 'http_error', message } }];
    const run = aRun({ attempts, state: { phase: 'failed', endedAt, error: { ...error, message } } });
    expect(wire(runView(run, sdk))).toMatchObject({
      error_status_code: 503,
      error_type: 'http_error',
      error_message: 'x'.repeat(1023),
      attempts: [{ error_message: 'x'.repeat(1023) }],
    });
  });

  it('says how many slots were missed, and which', () => {
    const missed = { count: 3, firstAt: at('2026-01-01T00:05:00Z'), lastAt: at('2026-01-01T00:15:00Z') };
    const state = { phase: 'killed', endedAt, error: { type: 'missed', message: 'm' }, skipReason: 'missed' } as const;
    expect(wire(runView(aRun({ missed, state }), sdk))).toMatchObject({
      skip_reason: 'missed',
      error_type: 'missed',
      missed: { count: 3, first_at: 1767225900, last_at: 1767226500 },
    });
  });

  it('says which run kept it from starting', () => {
    const blockedBy = dispatchRunId(at('2026-01-01T00:04:00Z'), 'b'.repeat(32));
    const skipped = { type: 'skipped', message: 'm' };
    const state = { phase: 'killed', endedAt, error: skipped, skipReason: 'overlap', blockedBy } as const;
    expect(wire(runView(aRun({ state }), sdk))).toMatchObject({
      status: 'Killed',
      phase: 'failed',
      skip_reason: 'overlap',
      blocked_by: blockedBy,
      error_type: 'skipped',
    });
  });

  it('says which run it repeats, and has the metadata of its routine as it is spelled', () => {
    const run = aRun({ retryOf: id, metadata: { costCenter: '4711', 'a b': '' } });
    expect(wire(runView(run, documentation))).toMatchObject({
      retry_of: id,
      metadata: { costCenter: '4711', 'a b': '' },
    });
  });

  it('has the session that the action named when the agent named none', () => {
    const action = anAction({ type: 'invoke_agent_invocations_api', sessionId: 'mine' });
    expect(runView(aRun({ action }), sdk)).toMatchObject({ session_id: 'mine', agent_session_id: 'mine' });
  });

  it.each<[string, RunState]>([
    ['while it goes on', { phase: 'polling', polls: 2 }],
    ['when it was given up', { phase: 'failed', endedAt, error }],
    ['when it was cancelled', { phase: 'killed', endedAt, error }],
  ])('has the session in which an agent has accepted the work %s', (_when, state) => {
    const action = anAction({ type: 'invoke_agent_invocations_api', sessionId: 'mine' });
    const ids = { invocationId: 'inv_1', sessionId: 'theirs' };
    const work = { ids, attempt: 1, startedAt, deadline: at('2026-01-01T00:15:01Z') };
    expect(runView(aRun({ action, startedAt, work, state }), sdk)).toMatchObject({
      session_id: 'theirs',
      agent_session_id: 'theirs',
    });
  });

  const onThread = { type: 'invoke_agent_threads_api', agentId: 'asst_1', threadId: 'thread_1' } as const;
  const responseId = 'agent#thread_2#run_1';
  const ids = { threadId: 'thread_2', threadRunId: 'run_1', responseId };
  const work = { ids, attempt: 1, startedAt, deadline: at('2026-01-01T00:15:01Z') };
  const ofThread = { agent_id: 'asst_1', thread_id: 'thread_2', response_id: responseId };

  it.each<[string, RunState, object]>([
    ['while it goes on', { phase: 'polling', polls: 2 }, { status: 'Running', attempts: [{ number: 1 }] }],
    [
      'when it has completed',
      { phase: 'completed', endedAt, answer: { responseId } },
      { result: { response_id: responseId } },
    ],
    ['when it has failed', { phase: 'failed', endedAt, error, answer: { responseId } }, { status: 'Failed' }],
    [
      'when it was given up',
      { phase: 'failed', endedAt, error: { type: 'timeout', message: 'm' } },
      { status: 'Failed' },
    ],
    [
      'when it was cancelled',
      { phase: 'killed', endedAt, error: { type: 'cancelled', message: 'm' } },
      { status: 'Killed' },
    ],
  ])('of a classic agent has its thread and its composite id %s', (_when, state, more) => {
    const run = aRun({ action: onThread, startedAt, work, state });
    expect(wire(runView(run, sdk))).toMatchObject({ ...ofThread, ...more });
  });

  it('of a classic agent has the thread that it is to be put on before it begins', () => {
    const view = wire(runView(aRun({ action: onThread }), sdk));
    expect(view).toMatchObject({ agent_id: 'asst_1', thread_id: 'thread_1' });
    expect(view).not.toHaveProperty('response_id');
  });
});

describe('the answer to a dispatch', () => {
  it('is the ids that follow from the run id', () => {
    expect(dispatchView(id)).toEqual({
      dispatch_id: `dispatch_${hex}`,
      routine_run_id: id,
      action_correlation_id: `dispatch_${hex}`,
      correlation_id: id,
      task_id: `routine_dispatch_${hex}_delivery`,
    });
  });
});
