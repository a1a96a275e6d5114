import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

export interface AppLivesOptions {
  /** Settings of the app and of the host; PORT is the same in every life. */
  readonly environment: Readonly<Record<string, string>>;
  /** Logs and the timer status go here. */
  readonly folder: string;
}

/** One process, from start to end. */
export interface AppLife {
  readonly startedAt: number;
  endedAt?: number;
  /** How it ended without having been told to. */
  crash?: string;
  readonly memory: { readonly at: number; readonly residentMiB: number }[];
}

export interface AppLives {
  readonly lives: readonly AppLife[];
  /** Starts that ended before the app was ready, because storage did not answer. */
  readonly failedStarts: number;
  readonly port: number;
  /** Resolves when the app is ready. Like a platform, it tries again until it is. Does nothing while one is running. */
  start(): Promise<void>;
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Adds a sample to the life that is running. */
  sampleMemory(): Promise<void>;
}

const startSeconds = 150;
/** Three times what the app needs: garbage that is not collected yet does not look like a leak, and a leak ends it. */
const heapLimit = '--max-old-space-size=128';

interface Running {
  readonly child: ChildProcess;
  readonly life: AppLife;
}

/** The built app on the local host, as one process after the other at the same address and with the same timer status. */
export const createAppLives = ({ environment, folder }: AppLivesOptions): AppLives => {
  const lives: AppLife[] = [];
  let running: Running | undefined;
  let failedStarts = 0;
  let port = 0;

  const startOnce = async (): Promise<boolean> => {
    const log = openSync(join(folder, 'app.log'), 'a');
    const child = spawn(process.execPath, ['local/host/main.ts'], {
      cwd: root,
      env: {
        ...process.env,
        NODE_OPTIONS: heapLimit,
        APP_ROOT: root,
        HOST: '127.0.0.1',
        TIMER_STATUS_FILE: join(folder, 'timer-status.json'),
        ...environment,
        PORT: String(port),
      },
      stdio: ['ignore', 'pipe', log],
    });
    closeSync(log);
    const url = await readyUrl(child);
    if (url === null) return false;
    port = Number(new URL(url).port);
    const life: AppLife = { startedAt: Date.now(), memory: [] };
    lives.push(life);
    running = { child, life };
    child.once('close', (code, signal) => {
      life.endedAt = Date.now();
      if (running?.child !== child) return;
      running = undefined;
      life.crash = String(code ?? signal);
    });
    return true;
  };
  process.once('exit', () => running?.child.kill('SIGKILL'));

  return {
    lives,
    get failedStarts() {
      return failedStarts;
    },
    get port() {
      return port;
    },
    start: async () => {
      const deadline = Date.now() + startSeconds * 1000;
      while (running === undefined && !(await startOnce())) {
        failedStarts += 1;
        if (Date.now() > deadline)
          throw new Error(`The app did not start in ${startSeconds} s; its log is in ${folder}`);
        await pause(1000);
      }
    },
    end: async (signal) => {
      if (running === undefined) return;
      const { child } = running;
      running = undefined;
      const closed = once(child, 'close');
      child.kill(signal);
      await closed;
    },
    sampleMemory: async () => {
      if (running?.child.pid === undefined) return;
      const { child, life } = running;
      // The process may be gone by now.
      const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(child.pid)]).catch(() => ({ stdout: '' }));
      const residentMiB = Number(stdout) / 1024;
      if (residentMiB > 0) life.memory.push({ at: Date.now(), residentMiB });
    },
  };
};

/** Null when the process has ended before it was ready. */
const readyUrl = (child: ChildProcess): Promise<string | null> =>
  new Promise((resolve) => {
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const [, url] = /host ready (\S+)\n/.exec(output) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.once('close', () => resolve(null));
  });
