import { describe, expect, test } from 'vitest';
import type { ContractApp } from './contract-app.ts';
import { aRoutine, invocations, monthly, responses } from './definitions.ts';
import { endedRun, endedRuns } from './ended-runs.ts';
import { askForRuns } from './plain-client.ts';
import { type Policy, type Sdk, sdks } from './sdk.ts';

const runId = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const dispatchId = /^dispatch_[0-9a-f]{32}$/;
const isoInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** Dispatches, fires and run records through the SDKs. Each test has a routine of its own, so they need not wait for each other. */
export const describeRuns = (app: () => ContractApp): void => {
  describe.concurrent.each(sdks)('runs through @azure/ai-projects $version', { timeout: 150_000 }, (sdk: Sdk) => {
    const endpoint = () => app().endpointOf(`runs-${sdk.version}`);
    const routines = () => sdk.connect(endpoint());

    test('a dispatched run completes, and all its ids follow from its own', async () => {
      const before = Math.floor(Date.now() / 1000) * 1000;
      await routines().createOrUpdate('echo', aRoutine());
      const dispatched = await routines().dispatch('echo');
      expect(dispatched.dispatch_id).toMatch(dispatchId);
      expect(dispatched).toEqual({
        dispatch_id: dispatched.dispatch_id,
        action_correlation_id: dispatched.dispatch_id,
        task_id: `routine_${dispatched.dispatch_id}_delivery`,
      });
      const run = await endedRun(routines(), 'echo');
      expect(run.id).toMatch(runId);
      expect(run).toEqual({
        ...dispatched,
        id: run.id,
        dispatch_id: `dispatch_${run.id.replaceAll('-', '')}`,
        status: 'Finished',
        phase: 'completed',
        trigger_type: 'schedule',
        trigger_name: 'monthly',
        attempt_source: 'queued_dispatch',
        action_type: responses,
        agent_id: 'echo-agent',
        session_id: expect.any(String),
        response_id: expect.any(String),
        triggered_at: expect.any(Date),
        started_at: expect.any(Date),
        ended_at: expect.any(Date),
      });
      const instants = [run.triggered_at, run.started_at, run.ended_at].map((instant) => instant?.getTime() ?? 0);
      expect(instants.toSorted((a, b) => a - b)).toEqual(instants);
      expect(instants[0]).toBeGreaterThanOrEqual(before);
      expect(instants[2]).toBeLessThanOrEqual(Date.now());
    });

    test('the same run has seconds and title case with an api-version, ISO instants and upper case without', async () => {
      await routines().createOrUpdate('both-dialects', aRoutine());
      await routines().dispatch('both-dialects');
      const { triggered_at: triggeredAt } = await endedRun(routines(), 'both-dialects');
      const [ours] = await askForRuns(endpoint(), 'both-dialects', 'v1');
      const seconds = (triggeredAt?.getTime() ?? 0) / 1000;
      expect(ours).toMatchObject({ status: 'Finished', triggered_at: seconds, ended_at: expect.any(Number) });
      const [documented] = await askForRuns(endpoint(), 'both-dialects');
      expect(documented).toMatchObject({
        status: 'FINISHED',
        triggered_at: new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'),
        started_at: expect.stringMatching(isoInstant),
        ended_at: expect.stringMatching(isoInstant),
      });
    });

    test('the input of a dispatch goes to the agent in place of the action’s own, whatever JSON it is', async () => {
      await routines().createOrUpdate('said', aRoutine());
      for (const input of ['“Hello” – 日本', { role: 'user', content: [1, null] }]) {
        await routines().dispatch('said', { payload: { type: responses, input } });
      }
      await routines().dispatch('said');
      await endedRuns(routines(), 'said', 3);
      const outputs = (await askForRuns(endpoint(), 'said', 'v1')).map((run) => run.output_text);
      expect(outputs.toSorted()).toEqual(
        [
          'echo-agent heard: “Hello” – 日本',
          'echo-agent heard: {"role":"user","content":[1,null]}',
          'echo-agent heard: What is on today?',
        ].toSorted(),
      );
    });

    test('a run of the Invocations protocol continues the session of its action', async () => {
      const action = { type: invocations, agent_name: 'echo-agent', session_id: 'sess_contract' } as const;
      await routines().createOrUpdate('session', { triggers: { monthly }, action });
      await routines().dispatch('session', { payload: { type: invocations, input: 'Go on' } });
      expect(await endedRun(routines(), 'session')).toMatchObject({
        status: 'Finished',
        action_type: invocations,
        session_id: 'sess_contract',
        response_id: expect.any(String),
      });
    });

    test('an agent that fails twice gets three attempts, one and two seconds apart', async () => {
      await routines().createOrUpdate('flaky', aRoutine('flaky-agent'));
      await routines().dispatch('flaky');
      const run = await endedRun(routines(), 'flaky');
      expect(run).toMatchObject({ status: 'Finished', phase: 'completed' });
      expect(run.error_type).toBeUndefined();
      const [{ attempts } = { attempts: [] }] = await askForRuns(endpoint(), 'flaky', 'v1');
      expect(attempts).toMatchObject([
        { number: 1, status_code: 503 },
        { number: 2, status_code: 503 },
        { number: 3, ended_at: expect.any(Number) },
      ]);
      const [first, second, third] = attempts.map((attempt) => attempt.started_at);
      expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(1);
      expect(Number(third) - Number(second)).toBeGreaterThanOrEqual(2);
    });

    test('an agent that refuses the request fails the run at once, with its status code and message', async () => {
      await routines().createOrUpdate('broken', aRoutine('broken-agent'));
      await routines().dispatch('broken');
      const run = await endedRun(routines(), 'broken');
      expect(run).toMatchObject({
        status: 'Failed',
        phase: 'failed',
        error_status_code: 400,
        error_type: 'invalid_prompt',
        error_message: expect.stringContaining('broken-agent accepts no input'),
        started_at: expect.any(Date),
      });
      expect(run.response_id).toBeUndefined();
      const [wire] = await askForRuns(endpoint(), 'broken', 'v1');
      expect(wire?.attempts).toHaveLength(1);
      expect(wire?.result).toBeUndefined();
    });

    test('an agent that answers 200 and says that it failed fails the run', async () => {
      await routines().createOrUpdate('failing', aRoutine('failing-agent'));
      await routines().dispatch('failing');
      expect(await endedRun(routines(), 'failing')).toMatchObject({
        status: 'Failed',
        phase: 'failed',
        error_type: 'server_error',
        error_message: expect.stringContaining('failing-agent could not finish'),
      });
    });

    test('a timer fires by itself, once, not before its instant', async () => {
      // Far enough for a busy machine to write the timer and to look for its runs before.
      const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 15_000);
      const { action } = aRoutine();
      await routines().createOrUpdate('timer', { triggers: { soon: { type: 'timer', at } }, action });
      expect(await routines().listRuns('timer').next()).toMatchObject({ done: true });
      const run = await endedRun(routines(), 'timer');
      expect(run.id).toMatch(runId);
      expect(run).toMatchObject({
        status: 'Finished',
        trigger_type: 'timer',
        trigger_name: 'soon',
        attempt_source: 'timer_delivery',
        triggered_at: at,
        scheduled_fire_at: at,
        dispatch_id: `dispatch_${run.id.replaceAll('-', '')}`,
      });
      expect(run.started_at?.getTime()).toBeGreaterThanOrEqual(at.getTime());
      expect((await routines().get('timer')).triggers?.soon).toEqual({ type: 'timer', at });
    });

    test('a disabled routine runs when it is dispatched by hand', async () => {
      await routines().createOrUpdate('disabled', { ...aRoutine(), enabled: false });
      await routines().dispatch('disabled');
      expect(await endedRun(routines(), 'disabled')).toMatchObject({ status: 'Finished' });
    });

    test('the runs of a deleted routine can still be read', async () => {
      await routines().createOrUpdate('deleted', aRoutine());
      const { dispatch_id: dispatched } = await routines().dispatch('deleted');
      await endedRun(routines(), 'deleted');
      await routines().delete('deleted');
      expect(await endedRun(routines(), 'deleted')).toMatchObject({ dispatch_id: dispatched, status: 'Finished' });
    });

    test('a dispatch whose answer got lost is repeated by the SDK and starts one run', async () => {
      let isLost = true;
      const loseFirstAnswer: Policy = {
        name: 'loseFirstAnswer',
        sendRequest: async (request, next) => {
          const answer = await next(request);
          if (!isLost) return answer;
          isLost = false;
          return { ...answer, status: 503 };
        },
      };
      const lossy = sdk.connect(endpoint(), undefined, {
        retryOptions: { retryDelayInMs: 10 },
        additionalPolicies: [{ policy: loseFirstAnswer, position: 'perRetry' }],
      });
      await routines().createOrUpdate('repeated', aRoutine());
      const { dispatch_id: dispatched } = await lossy.dispatch('repeated');
      expect(isLost).toBe(false);
      expect(await endedRun(routines(), 'repeated')).toMatchObject({ dispatch_id: dispatched });
    });

    test('dispatches under one Idempotency-Key answer with the ids of the first and start one run', async () => {
      await routines().createOrUpdate('idempotent', aRoutine());
      const requestOptions = { headers: { 'Idempotency-Key': 'order-4711' } };
      const first = await routines().dispatch('idempotent', { requestOptions });
      expect(await routines().dispatch('idempotent', { requestOptions })).toEqual(first);
      expect(await endedRun(routines(), 'idempotent')).toMatchObject(first);
    });
  });
};
