import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { saysBusy } from '../../shared/agents/busy-answer.ts';
import { retryAfterSecondsOf } from '../../shared/agents/retry-after.ts';
import { toBusyMarkdown } from './busy-table.ts';
import { callAgent, invocations, responses, sendJson, serveAgent } from './http-agent.ts';

const now = new Date('2026-06-02T07:00:00.400Z');

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
  status,
  statusText: '',
  headers: new Headers(headers),
  text: typeof body === 'string' ? body : JSON.stringify(body),
  isCut: false,
});

const code = (name: string) => ({ error: { code: name, message: 'Not now' } });
const message = (text: string) => ({ error: { message: text, code: null } });

describe('an answer is busy', () => {
  test.each<[string, number, unknown, Record<string, string>?]>([
    ['423', 423, ''],
    ['425', 425, { error: 'Too early' }],
    ['400 with Retry-After', 400, { error: 'x' }, { 'retry-after': '3' }],
    ['409 with Retry-After 0', 409, '', { 'retry-after': '0' }],
    ['409 with a date', 409, '', { 'retry-after': 'Tue, 02 Jun 2026 07:00:30 GMT' }],
    ['424 with retry-after-ms', 424, '', { 'retry-after-ms': '1500' }],
    ['409 with x-ms-retry-after-ms', 409, '', { 'x-ms-retry-after-ms': '20' }],
    [
      'OpenAI: conversation_locked at 400',
      400,
      {
        message: 'Another process is currently operating on this conversation. Please retry in a few seconds.',
        type: 'invalid_request_error',
        param: 'conversation',
        code: 'conversation_locked',
      },
    ],
    [
      'a hosted agent: conversation_locked',
      409,
      {
        error: {
          message: 'Conversation is locked — task is in_progress',
          type: 'conflict',
          code: 'conversation_locked',
          param: null,
        },
      },
    ],
    ['its text alone', 409, message('Conversation is locked — task is in_progress')],
    [
      'Foundry, a workflow, as it spells it',
      400,
      message(
        'Cannot create a new response while an in-progress response exsits for agent test-workflow in conversation conv_1',
      ),
    ],
    ['an in-progress response', 400, message('An in-progress response exists for this conversation')],
    [
      'a thread that messages cannot be added to',
      400,
      message("Can't add messages to thread_jD1 while a run run_KfV is active."),
    ],
    ['a thread with an active run', 400, message('Thread thread_CPV already has an active run run_nuU.')],
    ['a realtime conversation', 400, code('conversation_already_has_active_response')],
    [
      'the text of it',
      400,
      message(
        'Conversation already has an active response in progress: resp_1. Wait until the response is finished before creating a new one.',
      ),
    ],
    ['another response', 400, message('Cannot create response while another response is in progress.')],
    [
      'CopilotKit',
      409,
      {
        error: { code: 'THREAD_LOCK_FAILED', message: 'Thread is already locked by another runner.', retryable: true },
      },
    ],
    [
      'LangGraph',
      409,
      { detail: 'Thread is already running a task. Wait for it to finish or choose a different multitask strategy.' },
    ],
    ['a session', 409, { error: 'session_busy', message: 'Session s1 already has an active run' }],
    ['Cursor', 409, code('agent_busy')],
    ['RUN_ALREADY_ACTIVE', 409, { code: 'RUN_ALREADY_ACTIVE', message: 'x' }],
    ['a name in camel case', 409, code('threadBusy')],
    [
      'a repeat under its own key: Stripe',
      409,
      {
        error: {
          code: 'idempotency_key_in_use',
          message: 'There is currently another in-progress request using this Idempotent Key',
        },
      },
    ],
    [
      'a repeat under its own key: a problem',
      409,
      { type: 'https://example.com/in_flight', title: 'A request is outstanding for this Idempotency-Key' },
    ],
    [
      'a repeat under its own key: a text',
      409,
      'A prior request with the same Idempotency-Key is still being processed',
    ],
    ['a hosted session', 424, code('session_not_ready')],
    ['the text of it', 424, message("Session 'abc' did not become ready within the expected timeout")],
    ['a paused sandbox', 424, '', { 'x-adc-response-details': 'SandboxIdle' }],
    [
      'nested in a list',
      409,
      { error: { code: 'Conflict', message: 'x', details: [{ code: 'AnotherOperationInProgress', message: 'y' }] } },
    ],
    ['a title of two words', 409, { title: 'Thread busy', status: 409 }],
    ['a run already active', 409, { detail: 'A run is already active on this session' }],
    ['an answer that is being generated', 400, message('A response is already being generated for this conversation')],
    ['a request to wait', 409, message('Please wait for the current run to finish.')],
    ['no two at once', 409, message('Concurrent requests for the same session are not allowed')],
    ['a lock', 409, message('Could not acquire lock for conversation c1')],
    ['JSON in a text', 400, { message: '{"error":{"code":"conversation_locked","message":"x"}}' }],
  ])('%s', (_what, status, body, headers) => {
    expect(saysBusy(answer(status, body, headers))).toBe(true);
  });
});

describe('an answer is not busy', () => {
  test.each<[string, number, unknown, Record<string, string>?]>([
    ['a bare 409', 409, ''],
    ['409 with another code', 409, code('already_exists')],
    ['409 of work that is known', 409, code('response_id_conflict')],
    ['409 of work that is known, with a pause', 409, code('response_id_conflict'), { 'retry-after': '1' }],
    ['409 of a fork', 409, code('conversation_fork_not_supported')],
    ['a pause that cannot be read', 409, '', { 'retry-after': 'soon', 'retry-after-ms': '-1' }],
    ['400 that quotes what it was asked', 400, message('Invalid input "while a run is active": too short')],
    ['400 with the words far behind', 400, message(`${'Invalid. '.repeat(100)}Thread is busy`)],
    ['400 that echoes the words in another field', 400, { error: { message: 'Invalid' }, input: 'the thread is busy' }],
    ['the echo of a validator', 400, { detail: [{ loc: ['body'], msg: 'wrong', input: 'another run is active' }] }],
    ['a code that is no more than alike', 400, code('conversation_locked_by_admin')],
    ['424 of a session that never came up', 424, '', { 'x-adc-response-details': 'ReadinessTimeout' }],
    ['400 of what was long ago', 400, message('The run has already completed')],
    ['409 of another kind of lock', 409, message('The record was changed by another user')],
    ['400 of a locked account', 400, message('The account is locked')],
    ['401, whatever it says', 401, code('conversation_locked'), { 'retry-after': '3' }],
    ['404, whatever it says', 404, code('thread_locked')],
    ['422, whatever it says', 422, code('thread_locked'), { 'retry-after': '3' }],
    ['429, which is retried', 429, code('thread_busy'), { 'retry-after': '3' }],
    ['503, which is retried', 503, '', { 'retry-after': '3' }],
  ])('%s', (_what, status, body, headers) => {
    expect(saysBusy(answer(status, body, headers))).toBe(false);
  });
});

describe('the pause that is asked for', () => {
  test.each<[Record<string, string>, number | undefined]>([
    [{ 'retry-after-ms': '1' }, 1],
    [{ 'retry-after-ms': '1500.5' }, 2],
    [{ 'x-ms-retry-after-ms': '20000' }, 20],
    [{ 'retry-after-ms': '300', 'retry-after': '60' }, 1],
    [{ 'retry-after-ms': 'x', 'retry-after': '60' }, 60],
    [{ 'retry-after': 'Tue, 02 Jun 2026 07:00:30 GMT' }, 30],
    [{}, undefined],
  ])('%j is %j seconds', (headers, seconds) => {
    expect(retryAfterSecondsOf(new Headers(headers), now)).toBe(seconds);
  });
});

describe('a call of a busy agent', () => {
  const locked = { error: { code: 'conversation_locked', message: 'Another process is at work' } };
  test('says what was busy, and how long it asks to be left alone', async () => {
    const options = { status: 409, headers: { 'retry-after-ms': '6100' } };
    const agent = await serveAgent((outgoing) => sendJson(outgoing, locked, options));
    expect(await callAgent(agent.endpoint, responses())).toEqual({
      kind: 'busy',
      error: { statusCode: 409, type: 'conversation_locked', message: 'Another process is at work' },
      retryAfterSeconds: 7,
    });
  });
  test.each([409, 423])('is final at %i with the strict rule of Foundry', async (status) => {
    const agent = await serveAgent((outgoing) =>
      sendJson(outgoing, locked, { status, headers: { 'retry-after': '1' } }),
    );
    const outcome = await callAgent(agent.endpoint, invocations(), { config: { strictFoundryOutcome: true } });
    expect(outcome).toMatchObject({ kind: 'terminal', error: { statusCode: status, type: 'conversation_locked' } });
  });
});

test('docs/agents.md shows the same table', () => {
  const page = readFileSync(new URL('../../docs/agents.md', import.meta.url), 'utf8');
  expect(page).toContain(toBusyMarkdown());
});
