import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { aFolder, anApp, type HostProcess, launchForTest, until } from './host-process.ts';

/** An app with one timer, whose options and handler are given as source text, and a function that shows its runs. */
const anAppWithTimer = (options: string, handler = ''): string =>
  anApp({
    'functions/timer.mjs': `
      import { app } from '@azure/functions';
      const runs = [];
      app.http('runs', { handler: () => ({ jsonBody: runs }) });
      app.timer('tick', {
        ${options},
        handler: async (timer) => {
          const run = { start: Date.now(), timer };
          runs.push(run);
          ${handler}
          run.end = Date.now();
        },
      });`,
  });

const runSchema = z.object({
  start: z.number(),
  end: z.number().optional(),
  timer: z.object({
    isPastDue: z.boolean(),
    schedule: z.object({ adjustForDST: z.boolean() }),
    scheduleStatus: z.object({ last: z.string(), next: z.string(), lastUpdated: z.string() }).nullable(),
  }),
});

const runsOf = async (host: HostProcess) =>
  z.array(runSchema).parse(await (await fetch(`${host.url}/api/runs`)).json());

const untilRuns = (host: HostProcess, count: number) =>
  until(`${count} runs`, async () => {
    const runs = await runsOf(host);
    return runs.length >= count && runs;
  });

const start = (appRoot: string, environment: Readonly<Record<string, string>> = {}): Promise<HostProcess> =>
  launchForTest({ AzureWebJobsStorage: inject('azurite'), APP_ROOT: appRoot, ...environment });

const aStatusFile = (): string => join(aFolder(), 'status.json');

/** Each minute, but not at a second that is near: nothing but a start can fire it during a test. */
const farAway = (): string => `${(new Date().getUTCSeconds() + 50) % 60} * * * * *`;

describe('a timer', () => {
  it('fires each second, never early and never twice, not past due', async () => {
    const runs = await untilRuns(await start(anAppWithTimer(`schedule: '* * * * * *'`)), 3);
    const seconds = runs.slice(0, 3).map((run) => Math.floor(run.start / 1000));
    expect(new Set(seconds).size).toBe(3);
    expect(runs.some(({ timer }) => timer.isPastDue)).toBe(false);
  });

  it('never overlaps, and fires at once after an overrun', async () => {
    const handler = 'await new Promise((resolve) => setTimeout(resolve, 1_100));';
    const runs = await untilRuns(await start(anAppWithTimer(`schedule: '* * * * * *'`, handler)), 3);
    const gaps = runs.slice(1).map((run, index) => run.start - (runs[index]?.end ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
    // Counted from the end of the run, the next second would be 900 ms away.
    expect(Math.max(...gaps)).toBeLessThan(700);
  });

  it('goes on when it throws, and the error is logged', async () => {
    const host = await start(anAppWithTimer(`schedule: '* * * * * *'`, `throw new Error('timer trouble');`));
    await untilRuns(host, 2);
    expect(host.log()).toContain(`Executed 'Functions.tick' (Failed`);
    expect(host.log()).toContain('Error: timer trouble');
  });

  it('waits for its time at the start', async () => {
    const host = await start(anAppWithTimer(`schedule: '${farAway()}'`));
    expect(await runsOf(host)).toEqual([]);
  });

  it('fires at the start with runOnStartup, not past due', async () => {
    const [run] = await untilRuns(await start(anAppWithTimer(`schedule: '${farAway()}', runOnStartup: true`)), 1);
    expect(run?.timer).toMatchObject({ isPastDue: false, schedule: { adjustForDST: true } });
  });

  it('takes its schedule from a setting', async () => {
    const host = await start(anAppWithTimer(`schedule: '%TICK%'`), { TICK: '* * * * * *' });
    await untilRuns(host, 1);
  });
});

describe('a timer with a status file', () => {
  const missed = (schedule: string, hoursAgo: number): string => {
    const hour = new Date(Math.floor(Date.now() / 3_600_000 - hoursAgo) * 3_600_000);
    const next = new Date(hour.getTime() + 3_600_000);
    return JSON.stringify({ [schedule]: { last: hour, next, lastUpdated: hour } });
  };

  it('fires once at the start, past due, when occurrences were missed', async () => {
    const file = aStatusFile();
    writeFileSync(file, missed('tick', 5));
    const appRoot = anAppWithTimer(`schedule: '0 0 * * * *'`);
    const host = await start(appRoot, { TIMER_STATUS_FILE: file });
    const [run] = await untilRuns(host, 1);
    expect(run?.timer.isPastDue).toBe(true);
    await until(
      'the status is written',
      () => JSON.parse(readFileSync(file, 'utf8')).tick.next > new Date().toISOString(),
    );
    await host.end('SIGTERM');
    const next = await start(appRoot, { TIMER_STATUS_FILE: file });
    expect(await runsOf(next)).toEqual([]);
  });

  it('is past due again when the host is killed in the middle of the run', async () => {
    const file = aStatusFile();
    writeFileSync(file, missed('tick', 2));
    const appRoot = anAppWithTimer(`schedule: '0 0 * * * *'`, 'await new Promise(() => undefined);');
    const host = await start(appRoot, { TIMER_STATUS_FILE: file });
    await untilRuns(host, 1);
    await host.end('SIGKILL');
    const [run] = await untilRuns(await start(appRoot, { TIMER_STATUS_FILE: file }), 1);
    expect(run?.timer.isPastDue).toBe(true);
  });

  it('forgets with useMonitor off', async () => {
    const file = aStatusFile();
    writeFileSync(file, missed('tick', 5));
    const appRoot = anAppWithTimer(`schedule: '${farAway()}', useMonitor: false, runOnStartup: true`);
    const [run] = await untilRuns(await start(appRoot, { TIMER_STATUS_FILE: file }), 1);
    expect(run?.timer).toMatchObject({ isPastDue: false, scheduleStatus: null });
  });
});
