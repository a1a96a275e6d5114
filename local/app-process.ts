import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

export interface AppProcessOptions {
  /** Settings over those of this process. */
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

const readyLine = /Agent Routines is ready:\s+(https?:\/\/[^/\s]+)/;

/**
 * Runs `local/start.ts` as a process of its own, on a free port unless PORT says otherwise, and answers when it is
 * ready. Rejects with what it printed when it ends before.
 */
export const startAppProcess = async (options: AppProcessOptions = {}): Promise<AppProcess> => {
  const temporary = options.dataDirectory === undefined ? mkdtempSync(join(tmpdir(), 'agent-routines-')) : null;
  const dataDirectory = options.dataDirectory ?? temporary ?? '';
  const child = spawn(process.execPath, ['local/start.ts', ...(options.https ? ['--https'] : [])], {
    cwd: root,
    env: { ...process.env, PORT: '0', DATA_DIR: dataDirectory, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
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
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`The app ${why}. It printed:\n${output()}`));
    };
    const timer = setTimeout(() => fail(`was not ready after ${timeoutMs / 1000} s`), timeoutMs);
    child.once('close', (code) => fail(`ended with ${code} before it was ready`));
    child.stdout?.on('data', () => {
      const url = readyLine.exec(output())?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      child.removeAllListeners('close');
      resolve(url);
    });
  });
