import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { type Isolation, isolate } from './isolation.ts';
import { type NpmProcess, type OnTestFinished, runNpm, temporaryFolder, waitFor } from './npm-process.ts';

const patience = { timeout: 500_000 };

describe.concurrent('without a network', () => {
  it('an attempt to call out is noticed', patience, async ({ expect, onTestFinished }) => {
    const { isolation, run } = isolated(onTestFinished);
    console.log(`Nothing calls out; shown by ${isolation.how}.`);
    const script = "fetch('http://192.0.2.1').catch(() => {})";
    await run(['--eval', script], { command: process.execPath }).ended;
    expect(isolation.attempts()[0]).toContain('connect 192.0.2.1');
  });

  it(
    'a namespace, where it is allowed, notices also what no preload sees',
    patience,
    async ({ expect, onTestFinished }) => {
      const { isolation, run } = isolated(onTestFinished);
      if (isolation.wrapper.length === 0) return;
      const script = "require('node:net').connect(80, '192.0.2.1').on('error', () => {})";
      await run(['--eval', script], { command: process.execPath, environment: { NODE_OPTIONS: '' } }).ended;
      expect(isolation.attempts()).toEqual(['the kernel found no route 1 times']);
    },
  );

  it('npm start serves, and neither it nor npm calls out', patience, async ({ expect, onTestFinished }) => {
    const { isolation, run } = isolated(onTestFinished);
    const npm = run(['start']);
    await npm.ready();
    npm.signalGroup('SIGINT');
    expect(await npm.ended).toBe(0);
    await waitFor('no process is left', () => !npm.isAnyLeft());
    expect(isolation.attempts()).toEqual([]);
  });

  it('npm run demo shows what it promises, and ends by itself soon', patience, async ({ expect, onTestFinished }) => {
    const { isolation, run } = isolated(onTestFinished);
    const startedAt = Date.now();
    const npm = run(['run', 'demo']);
    expect(await npm.ended, npm.output()).toBe(0);
    // Far below a minute by itself; several starts share this machine.
    expect(Date.now() - startedAt).toBeLessThan(150_000);
    const shown = npm.output();
    expect(shown).toMatch(/demo-weekdays .*"0 7 \* \* 1-5" in New York fires next on \w+day, .* at 7:00/);
    const timer = /^demo-timer +timer_delivery +(\S+) +(\S+) +200 +FINISHED +echo-agent heard: The time has come$/m;
    const [, triggered = '', started = ''] = timer.exec(shown) ?? [];
    const secondsLate = (secondOfDay(started) - secondOfDay(triggered) + 86_400) % 86_400;
    // Never early, and not by the tick of a minute.
    expect(secondsLate, shown).toBeLessThan(30);
    expect(shown).toMatch(/^demo-echo +queued_dispatch .* 200 +FINISHED +echo-agent heard: What is on today\?$/m);
    expect(shown).toMatch(/^demo-flaky +queued_dispatch .* 503, 503, 200 +FINISHED +flaky-agent heard: /m);
    expect(shown).toMatch(/^demo-broken +queued_dispatch .* 400 +FAILED +invalid_prompt: /m);
    expect(shown).toContain('All is stopped; the app ended with 0.');
    expect(npm.isAnyLeft()).toBe(false);
    expect(isolation.attempts()).toEqual([]);
  });
});

/** NaN for what is no time. */
const secondOfDay = (time: string): number => Date.parse(`1970-01-01T${time}Z`) / 1000;

interface Isolated {
  readonly isolation: Isolation;
  readonly run: (
    args: readonly string[],
    options?: { readonly command?: string; readonly environment?: Readonly<Record<string, string>> },
  ) => NpmProcess;
}

/** With an npm that knows no user's settings and has an empty cache: its own look for a newer npm is due. */
const isolated = (onTestFinished: OnTestFinished): Isolated => {
  const folder = temporaryFolder(onTestFinished);
  const isolation = isolate(folder);
  const userConfig = join(folder, 'npmrc');
  writeFileSync(userConfig, '');
  const fixed = { DATA_DIR: folder, npm_config_userconfig: userConfig, npm_config_cache: join(folder, 'npm-cache') };
  return {
    isolation,
    run: (args, { command, environment } = {}) =>
      runNpm(args, onTestFinished, {
        ...(command !== undefined && { command }),
        wrapper: isolation.wrapper,
        environment: { ...fixed, ...isolation.environment, ...environment },
      }),
  };
};
