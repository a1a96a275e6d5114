import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const deadlineMilliseconds = 40_000;

export const fixtureApp = fileURLToPath(new URL('./fixture-app', import.meta.url));

export interface HostProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything on standard error so far: the log. */
  log(): string;
  output(): string;
  /** The exit code, or the signal that ended the process, when all that it wrote is read. */
  readonly ended: Promise<number | string>;
  /** Signals and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | string>;
}

/**
 * Runs `local/host/main.ts`, or another script that says when its host is ready; the environment is that of this process
 * and what is given. Resolves when the host is ready or has ended.
 */
export const launch = async (
  environment: Readonly<Record<string, string>>,
  script = 'local/host/main.ts',
): Promise<HostProcess> => {
  const child = spawn(process.execPath, [join(repository, script)], {
    cwd: repository,
    env: { ...process.env, NODE_OPTIONS: '', APP_ROOT: fixtureApp, HOST: '127.0.0.1', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const ended = once(child, 'close').then(() => child.exitCode ?? child.signalCode ?? 'unknown');
  const end = (signal: NodeJS.Signals): Promise<number | string> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return ended;
  };
  // The whole line: output comes in pieces.
  const readyUrl = () => /^host ready (\S+)\n/m.exec(out)?.[1];
  await until('the host is ready or has ended', () => readyUrl() ?? child.exitCode !== null);
  if (child.exitCode !== null) await ended;
  const url = readyUrl() ?? '';
  return { url, child, log: () => err, output: () => out, ended, end };
};

/** The process that the app of this host runs in, where it has one of its own. */
export const workerOf = ({ child }: HostProcess): number | undefined => {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\n');
  const processes = lines.map((line) => line.trim().split(/\s+/).map(Number));
  return processes.find(([, parent]) => parent === child.pid)?.[0];
};

/** A host for one test, killed when the test is over. */
export const launchForTest = async (
  environment: Readonly<Record<string, string>>,
  script?: string,
): Promise<HostProcess> => {
  const host = await launch(environment, script);
  onTestFinished(async () => void (await host.end('SIGKILL')));
  return host;
};

/** An empty folder, removed when the test is over. */
export const aFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'host-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

/** An app of its own for one test: file names and contents. */
export const anApp = (files: Readonly<Record<string, string>>): string => {
  const root = aFolder();
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  const all = { 'package.json': '{"main": "functions/*.mjs"}', 'host.json': '{"version": "2.0"}', ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
};

/** The value that the probe gives at last; throws with the name of the wait when it gives none in time. */
export const until = async <Value>(
  what: string,
  probe: () => Value | undefined | false | Promise<Value | undefined | false>,
): Promise<Value> => {
  const deadline = Date.now() + deadlineMilliseconds;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${deadlineMilliseconds} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
