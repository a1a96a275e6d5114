import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ContractApp, keys, startContractApp, startTimeout } from './contract-app.ts';
import { invocations, monthly, responses } from './definitions.ts';
import { ask } from './plain-client.ts';
import { curlRunner, fetchRunner, hasCurl, type SampleAnswer, type SampleRunner } from './sample-runner.ts';

const folder = new URL('../data/documentation-samples/', import.meta.url);
const sampleFiles = readdirSync(folder).toSorted();
const nameOf = (file: string): string => file.replace(/^\d+-|\.sh$/g, '');
const textOf = new Map(sampleFiles.map((file) => [nameOf(file), readFileSync(new URL(file, folder), 'utf8')]));

/**
 * The page's order. It shows the Invocations form of a schedule as an alternative to the Responses form, which the
 * samples after it stand on: that one is run once more.
 */
const order = sampleFiles
  .map(nameOf)
  .flatMap((name) => (name === 'create-schedule-invocations' ? [name, 'create-schedule-responses'] : [name]));

/** The page's date goes by; an instant in the future takes its place. */
const dateOfThePage = '2026-09-01T09:00:00Z';
const releaseDay = '2031-09-01T09:00:00Z';

const agentName = 'echo-agent';
const isoInstant = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);
const dispatched = {
  dispatch_id: expect.stringMatching(/^dispatch_[0-9a-f]{32}$/),
  action_correlation_id: expect.stringMatching(/^dispatch_[0-9a-f]{32}$/),
  task_id: expect.stringMatching(/^routine_dispatch_[0-9a-f]{32}_delivery$/),
};
const dailySummary = (cron: string, type: string) => ({
  name: 'daily-summary',
  enabled: true,
  triggers: { 'weekday-morning': { type: 'schedule', cron_expression: cron, time_zone: 'UTC' } },
  action: { type, agent_name: agentName },
  created_at: isoInstant,
  updated_at: isoInstant,
});
const atSeven = {
  ...dailySummary('0 7 * * 1-5', responses),
  description: 'Runs a daily summary agent on weekday mornings.',
};

// The page has every request send the preview header: here it must.
let app: ContractApp;
beforeAll(async () => {
  app = await startContractApp('contractdocs', { REQUIRE_PREVIEW_HEADER: 'true' });
}, startTimeout);
afterAll(() => app?.end('SIGTERM'));

const ways: readonly ('curl' | 'fetch')[] = hasCurl() ? ['curl', 'fetch'] : ['fetch'];
console.info(`The samples of the documentation run with ${ways.join(', then the same requests with ')}.`);

describe.each(ways)('the samples of the documentation, with %s', (way) => {
  const answers = new Map<string, SampleAnswer>();
  const answerOf = (name: string) => answers.get(name);
  let runner: SampleRunner;

  beforeAll(async () => {
    runner = way === 'curl' ? curlRunner(app.certificate) : fetchRunner();
    const endpoint = app.endpointOf(`docs-${way}`);
    const runSample = (name: string): Promise<SampleAnswer> =>
      runner.run((textOf.get(name) ?? '').replace(dateOfThePage, releaseDay), {
        PROJECT_ENDPOINT: endpoint,
        TOKEN: keys.contributor,
        AGENT_NAME: agentName,
      });
    await createInvocationsRoutine(endpoint);
    for (const name of order) {
      answers.set(name, await (name === 'list-runs' ? untilEnded(() => runSample(name)) : runSample(name)));
    }
    answers.set('get after delete', await runSample('get'));
  }, 180_000);
  afterAll(() => runner?.close());

  test('create a schedule with the Responses action', () => {
    expect(answerOf('create-schedule-responses')).toMatchObject({ status: 200, body: atSeven });
  });

  test('create a schedule with the Invocations action', () => {
    const body = { ...atSeven, ...dailySummary('0 7 * * 1-5', invocations) };
    expect(answerOf('create-schedule-invocations')).toMatchObject({ status: 200, body });
  });

  test('create a timer', () => {
    expect(answerOf('create-timer')).toMatchObject({
      status: 200,
      body: {
        name: 'once-on-release-day',
        description: 'Runs the agent once on release day.',
        enabled: true,
        triggers: { 'release-day': { type: 'timer', at: releaseDay } },
        action: { type: responses, agent_name: agentName },
      },
    });
  });

  test('disable and enable answer with the updated routine', () => {
    expect(answerOf('disable')).toMatchObject({ status: 200, body: { ...atSeven, enabled: false } });
    expect(answerOf('enable')).toMatchObject({ status: 200, body: { ...atSeven, enabled: true } });
  });

  test.each(['dispatch-responses', 'dispatch-invocations', 'dispatch-without-input'])(
    '%s answers with the ids',
    (name) => {
      expect(answerOf(name)).toMatchObject({ status: 200, body: dispatched });
    },
  );

  test('list the runs: in value, newest first, with upper-case states and ISO instants', () => {
    const run = {
      ...dispatched,
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      status: 'FINISHED',
      phase: 'completed',
      trigger_type: 'schedule',
      attempt_source: 'queued_dispatch',
      started_at: isoInstant,
      ended_at: isoInstant,
      response_id: expect.any(String),
    };
    expect(answerOf('list-runs')).toEqual({
      status: 200,
      body: {
        value: [
          expect.objectContaining(run),
          expect.objectContaining({ ...run, output_text: `${agentName} heard: Run the daily summary for testing.` }),
        ],
      },
    });
  });

  test('list the routines in value, newest first', () => {
    const names = ['once-on-release-day', 'daily-summary', 'my-invocations-routine'];
    const value = names.map((name) => expect.objectContaining({ name, created_at: isoInstant }));
    expect(answerOf('list')).toEqual({ status: 200, body: { value } });
  });

  test('get one routine', () => {
    expect(answerOf('get')).toMatchObject({ status: 200, body: atSeven });
  });

  test('update the routine', () => {
    expect(answerOf('update')).toMatchObject({
      status: 200,
      body: { ...dailySummary('0 8 * * 1-5', responses), description: 'Updated: runs at 08:00 UTC on weekdays.' },
    });
  });

  test('delete the routine: no content, and it is gone', () => {
    expect(answerOf('delete')).toEqual({ status: 204, body: undefined });
    expect(answerOf('get after delete')).toMatchObject({ status: 404, body: { error: { code: 'routine_not_found' } } });
  });

  test('every sample has run', () => {
    expect(sampleFiles.map(nameOf).filter((name) => !answers.has(name))).toEqual([]);
    expect(sampleFiles).toHaveLength(13);
  });
});

/** The page dispatches it without showing how it was created. */
const createInvocationsRoutine = async (endpoint: string): Promise<void> => {
  const { status } = await ask(`${endpoint}/routines/my-invocations-routine`, {
    method: 'PUT',
    headers: { 'Foundry-Features': 'Routines=V1Preview' },
    body: JSON.stringify({ triggers: { monthly }, action: { type: invocations, agent_name: agentName } }),
  });
  expect(status).toBe(200);
};

/** Lists the runs until the dispatched ones have ended. */
const untilEnded = (list: () => Promise<SampleAnswer>): Promise<SampleAnswer> =>
  vi.waitFor(
    async () => {
      const answer = await list();
      expect(answer.body).toEqual({ value: Array(2).fill(expect.objectContaining({ ended_at: expect.any(String) })) });
      return answer;
    },
    { timeout: 90_000, interval: 200 },
  );
