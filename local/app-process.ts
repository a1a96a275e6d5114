import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { localSettingNames } from './local-settings.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

export interface AppProcessOptions {
  /** Settings; all others have their defaults, whatever this process or local.settings.json says. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly https?: boolean;
  /** Kept after the stop, so that another start finds everything; default: a temporary folder that goes with it. */
  readonly dataDirectory?: string;
  readonly timeoutSeconds?: number;
}

export interface AppProcess {
  /** `http(s)://host:port` */
  readonly url: string;
  /** PEM, when it was started with https. */
  readonly certificate?: string;
  /** Everything it has printed so far. */
  output(): string;
  /** Sends the signal and answers with how it ended: its exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

/** An environment in which every setting has its default. */
export const withoutSettings = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...environment,
  ...Object.fromEntries(localSettingNames.map((name) => [name, ''])),
});

const readyLine = /Agent Routines is ready:\s+(https?:\/\/[^/\s]+)\//;

/** What a start has printed says where it listens, as soon as it does. */
export const readyUrl = (output: string): string | undefined => readyLine.exec(output)?.[1];

/**
 * Runs `local/start.ts` as a process of its own, on a free port unless PORT says otherwise, and answers when it is
 * ready. Rejects with what it printed when it ends before. It stops when this process ends, however that happens.
 */
export const startAppProcess = async (options: AppProcessOptions = {}): Promise<AppProcess> => {
  const temporary = options.dataDirectory === undefined ? mkdtempSync(join(tmpdir(), 'agent-routines-')) : null;
  const dataDirectory = options.dataDirectory ?? temporary ?? '';
  const child = spawn(process.execPath, ['local/start.ts', ...(options.https ? ['--https'] : [])], {
    cwd: root,
    env: { ...withoutSettings(process.env), PORT: '0', DATA_DIR: dataDirectory, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const append = (text: string) => {
    output += text;
  };
  child.stdout?.setEncoding('utf8').on('data', append);
  child.stderr?.setEncoding('utf8').on('data', append);
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, signal) => {
      if (temporary !== null) rmSync(temporary, { recursive: true, force: true });
      resolve(code ?? signal);
    }),
  );
  const url = await waitForUrl(child, () => output, (options.timeoutSeconds ?? 60) * 1000);
  return {
    url,
    certificate: options.https ? readFileSync(join(dataDirectory, 'certificate.pem'), 'utf8') : undefined,
    output: () => output,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
};

const waitForUrl = (child: ChildProcess, output: () => string, timeoutMs: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      child.off('close', onClose);
      child.stdout?.off('data', onData);
    };
    const fail = (why: string) => {
      settle();
      child.kill('SIGKILL');
      reject(new Error(`The app ${why}. It printed:\n${output()}`));
    };
    const onClose = (code: number | null, signal: string | null) =>
      fail(`ended with ${code ?? signal} before it was ready`);
    const onData = () => {
      const url = readyUrl(output());
      if (url === undefined) return;
      settle();
      resolve(url);
    };
    const timer = setTimeout(() => fail(`was not ready after ${timeoutMs / 1000} s`), timeoutMs);
    child.once('close', onClose);
    child.stdout?.on('data', onData);
  });
