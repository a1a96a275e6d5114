import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { z } from 'zod';
import type { Invoke } from '../../local/host/invoker.ts';
import { parseNcrontab } from '../../local/host/ncrontab.ts';
import { startTimerListener } from '../../local/host/timer-listener.ts';
import { openTimerStatusStore } from '../../local/host/timer-status.ts';
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
          runs.push({ timer });
          ${handler}
        },
      });`,
  });

const runSchema = z.object({
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

/** Half an hour from now, to the minute. */
const farAway = Math.floor(Date.now() / 60_000 + 30) * 60_000;
/** Nothing but a start can fire it during a test. */
const hourly = `0 ${new Date(farAway).getUTCMinutes()} * * * *`;

/** When a timer of each second runs, and until when, in five seconds of a time that is the test's. */
const runsInFiveSeconds = async (runMilliseconds: number): Promise<readonly string[]> => {
  vi.useFakeTimers({ now: new Date('2026-11-22T10:00:00.400Z') });
  const runs: string[] = [];
  const secondNow = () => (Date.now() % 60_000) / 1000;
  const invoke: Invoke = async () => {
    const from = secondNow();
    if (runMilliseconds > 0) await new Promise((resolve) => setTimeout(resolve, runMilliseconds));
    runs.push(`${from} to ${secondNow()}`);
    return { kind: 'succeeded', response: {} };
  };
  const schedule = '* * * * * *';
  const called = {
    name: 'tick',
    kind: 'timer',
    schedule,
    occurrences: parseNcrontab(schedule),
    runOnStartup: false,
    useMonitor: true,
    bindingName: 'timer',
  } as const;
  const listener = startTimerListener(
    called,
    openTimerStatusStore(undefined, () => undefined),
    invoke,
    () => undefined,
  );
  await vi.advanceTimersByTimeAsync(5_000);
  void listener.stop();
  return runs;
};

describe('a timer', () => {
  afterEach(() => void vi.useRealTimers());

  it('fires each second, not past due', async () => {
    const runs = await untilRuns(await start(anAppWithTimer(`schedule: '* * * * * *'`)), 3);
    expect(runs.some(({ timer }) => timer.isPastDue)).toBe(false);
  });

  it('fires never early and never twice', async () => {
    expect(await runsInFiveSeconds(0)).toEqual(['1 to 1', '2 to 2', '3 to 3', '4 to 4', '5 to 5']);
  });

  it('never overlaps, and fires at once after an overrun', async () => {
    expect(await runsInFiveSeconds(1_100)).toEqual(['1 to 2.1', '2.1 to 3.2', '3.2 to 4.3', '4.3 to 5.4']);
  });

  it('goes on when it throws, and the error is logged', async () => {
    const host = await start(anAppWithTimer(`schedule: '* * * * * *'`, `throw new Error('timer trouble');`));
    await untilRuns(host, 2);
    await until('the error is logged', () => host.log().includes('Error: timer trouble'));
    expect(host.log()).toContain(`Executed 'Functions.tick' (Failed`);
  });

  it('waits for its time at the start', async () => {
    const host = await start(anAppWithTimer(`schedule: '${hourly}'`));
    expect(await runsOf(host)).toEqual([]);
  });

  it('fires at the start with runOnStartup, not past due', async () => {
    const [run] = await untilRuns(await start(anAppWithTimer(`schedule: '${hourly}', runOnStartup: true`)), 1);
    expect(run?.timer).toMatchObject({ isPastDue: false, schedule: { adjustForDST: true } });
  });

  it('takes its schedule from a setting', async () => {
    const host = await start(anAppWithTimer(`schedule: '%TICK%'`), { TICK: '* * * * * *' });
    await untilRuns(host, 1);
  });
});

describe('a timer with a status file', () => {
  const missed = (schedule: string, hoursAgo: number): string => {
    const last = new Date(farAway - hoursAgo * 3_600_000);
    const next = new Date(last.getTime() + 3_600_000);
    return JSON.stringify({ [schedule]: { last, next, lastUpdated: last } });
  };

  it('fires once at the start, past due, when occurrences were missed', async () => {
    const file = aStatusFile();
    writeFileSync(file, missed('tick', 5));
    const appRoot = anAppWithTimer(`schedule: '${hourly}'`);
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
    const appRoot = anAppWithTimer(`schedule: '${hourly}'`, 'await new Promise(() => undefined);');
    const host = await start(appRoot, { TIMER_STATUS_FILE: file });
    await untilRuns(host, 1);
    await host.end('SIGKILL');
    const [run] = await untilRuns(await start(appRoot, { TIMER_STATUS_FILE: file }), 1);
    expect(run?.timer.isPastDue).toBe(true);
  });

  it('forgets with useMonitor off', async () => {
    const file = aStatusFile();
    writeFileSync(file, missed('tick', 5));
    const appRoot = anAppWithTimer(`schedule: '${hourly}', useMonitor: false, runOnStartup: true`);
    const [run] = await untilRuns(await start(appRoot, { TIMER_STATUS_FILE: file }), 1);
    expect(run?.timer).toMatchObject({ isPastDue: false, scheduleStatus: null });
  });
});
