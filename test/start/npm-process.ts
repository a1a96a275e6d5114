import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readyUrl, withoutSettings } from '../../local/app-process.ts';

/** For a start on a machine that has many others to make; by itself one takes a few seconds. */
export const patienceSeconds = 180;

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What vitest's test context offers for cleaning up; with concurrent tests only the context knows its test. */
export type OnTestFinished = (cleanUp: () => void) => void;

export interface NpmOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: the repository. */
  readonly folder?: string;
  /** A command that runs the one that follows it. */
  readonly wrapper?: readonly string[];
  /** Default `npm`. */
  readonly command?: string;
}

export interface NpmProcess {
  /** Standard output and standard error so far. */
  output(): string;
  errors(): string;
  /** `http(s)://host:port`, when the service says that it is ready. Rejects when it ends before. */
  ready(): Promise<string>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** To npm alone. */
  signal(signal: NodeJS.Signals): void;
  /** To npm and all that it started, as a terminal does it with Ctrl+C. */
  signalGroup(signal: NodeJS.Signals): void;
  /** Whether any process is left of all that were started. */
  isAnyLeft(): boolean;
}

/** A temporary folder for one test. */
export const temporaryFolder = (onTestFinished: OnTestFinished): string => {
  const folder = mkdtempSync(join(tmpdir(), 'agent-routines-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** As a terminal has it: nothing of the npm that runs these tests, and the system's Node instead of the project's. */
export const terminalEnvironment = (): NodeJS.ProcessEnv => {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV$|CI$)/i.test(name));
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(own), PATH: path.join(delimiter) };
};

/** Runs npm in a process group of its own. What the test leaves of it is killed. */
export const runNpm = (
  args: readonly string[],
  onTestFinished: OnTestFinished,
  options: NpmOptions = {},
): NpmProcess => {
  const [command = 'npm', ...rest] = [...(options.wrapper ?? []), options.command ?? 'npm', ...args];
  const child = spawn(command, rest, {
    cwd: options.folder ?? root,
    detached: true,
    env: { ...withoutSettings(terminalEnvironment()), PORT: '0', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output += text;
    errors += text;
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  const group = -(child.pid ?? Number.NaN);
  onTestFinished(() => void trySignal(group, 'SIGKILL'));
  const ready = async () => {
    const hasEnded = ended.then((code) => Promise.reject(new Error(`npm ended with ${code}. It printed:\n${output}`)));
    await Promise.race([waitFor('the service is ready', () => readyUrl(output) !== undefined), hasEnded]);
    return readyUrl(output) ?? '';
  };
  return {
    output: () => output,
    errors: () => errors,
    ready,
    ended,
    signal: (signal) => void child.kill(signal),
    signalGroup: (signal) => void trySignal(group, signal),
    isAnyLeft: () => trySignal(group, 0),
  };
};

/** False when there is no such process. */
const trySignal = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
};

export const waitFor = async (what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + patienceSeconds * 1000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`Waited ${patienceSeconds} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
