import { describe, it } from 'vitest';
import { z } from 'zod';
import { type AppProcess, startAppProcess } from '../../local/app-process.ts';
import { startSampleAgent } from '../../local/sample-agent/server.ts';
import { createLog } from '../../shared/log.ts';
import { type OnTestFinished, patienceSeconds, runNpm, temporaryFolder, waitFor } from './npm-process.ts';

const patience = { timeout: 500_000 };
const action = 'invoke_agent_responses_api';

describe.concurrent('the end of npm start', () => {
  it('keeps all routines and runs for the next start', patience, async ({ expect, onTestFinished }) => {
    const folder = temporaryFolder(onTestFinished);
    const npm = runNpm(['start'], onTestFinished, { environment: { DATA_DIR: folder } });
    const url = await npm.ready();
    for (const name of ['one', 'two']) {
      await putRoutine(url, name, 'echo-agent');
      await dispatch(url, name);
      await waitFor(`${name} has run`, async () => (await runsOf(url, name))[0]?.status === 'FINISHED');
    }
    const before = await everything(url);
    npm.signal('SIGTERM');
    expect(await npm.ended).toBe(0);

    const app = await startForTest(folder, onTestFinished);
    expect(before.routines.map(({ name }) => name)).toEqual(['two', 'one']);
    expect(await everything(app.url)).toEqual(before);
    expect(await app.end('SIGTERM')).toBe(0);
  });

  it('waits for a run in flight, which the next start finds finished', patience, async ({ expect, onTestFinished }) => {
    const folder = temporaryFolder(onTestFinished);
    // The stop waits for eight seconds.
    const agent = await slowAgent(1, onTestFinished);
    const app = await startForTest(folder, onTestFinished, agent.url);
    await putRoutine(app.url, 'slow', 'slow-agent');
    await dispatch(app.url, 'slow');
    await waitFor('the agent was called', () => agent.calls.length > 0);
    expect(await app.end('SIGTERM')).toBe(0);

    const next = await startForTest(folder, onTestFinished, agent.url);
    expect(await runsOf(next.url, 'slow')).toMatchObject([{ status: 'FINISHED', attempts: [{ number: 1 }] }]);
    expect(agent.calls).toHaveLength(1);
    expect(await next.end('SIGTERM')).toBe(0);
  });

  it('does not wait for a run that does not end', patience, async ({ expect, onTestFinished }) => {
    const agent = await slowAgent(300, onTestFinished);
    const app = await startForTest(temporaryFolder(onTestFinished), onTestFinished, agent.url);
    await putRoutine(app.url, 'endless', 'slow-agent');
    await dispatch(app.url, 'endless');
    await waitFor('the agent was called', () => agent.calls.length > 0);
    const signalledAt = Date.now();
    expect(await app.end('SIGINT')).toBe(0);
    expect(Date.now() - signalledAt).toBeLessThan(60_000);
    expect(app.output()).toContain('Closed after 8 s with work still under way');
  });
});

const startForTest = async (folder: string, onTestFinished: OnTestFinished, agentUrl = ''): Promise<AppProcess> => {
  const environment = {
    AGENT_PROJECT_ENDPOINT: agentUrl,
    ATTEMPT_TIMEOUT_SECONDS: '200',
    // A stop waits for calls, not for work that was accepted.
    AGENT_RESPONSES_BACKGROUND: 'never',
  };
  const app = await startAppProcess({ dataDirectory: folder, environment, timeoutSeconds: patienceSeconds });
  onTestFinished(() => void app.end('SIGKILL'));
  return app;
};

const slowAgent = async (slowSeconds: number, onTestFinished: OnTestFinished) => {
  const log = createLog(console);
  const agent = await startSampleAgent({ host: '127.0.0.1', port: 0, slowSeconds, log });
  onTestFinished(() => void agent.close());
  return agent;
};

const call = async (method: string, url: string, body?: object): Promise<Response> => {
  const response = await fetch(url, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`);
  return response;
};

const routinesOf = (url: string): string => `${url}/api/projects/demo/routines`;

const putRoutine = (url: string, name: string, agent: string) =>
  call('PUT', `${routinesOf(url)}/${name}`, {
    triggers: { monthly: { type: 'schedule', cron_expression: '0 0 1 * *', time_zone: 'UTC' } },
    action: { type: action, agent_name: agent, input: name },
  });

const dispatch = (url: string, name: string) => call('POST', `${routinesOf(url)}/${name}:dispatch_async`, {});

const routineList = z.object({ value: z.array(z.looseObject({ name: z.string() })) });
const runList = z.object({ value: z.array(z.looseObject({ id: z.string(), status: z.string() })) });

const runsOf = async (url: string, name: string) =>
  runList.parse(await (await call('GET', `${routinesOf(url)}/${name}/runs`)).json()).value;

const everything = async (url: string) => ({
  routines: routineList.parse(await (await call('GET', routinesOf(url))).json()).value,
  runs: await Promise.all(['one', 'two'].map((name) => runsOf(url, name))),
});
