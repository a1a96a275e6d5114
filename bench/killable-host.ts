import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The built app on the local host, whose worker is a process of its own. */
export interface KillableHost {
  /** Where it listens now. */
  url(): string;
  /** Deaths of the host that were not asked for: the third death of a worker is one. */
  readonly ownDeaths: number;
  killWorker(): void;
  /** Kills host and worker; another host starts. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** A host that ends by itself is started again, as the platform does it. */
export const startKillableHost = async (settings: Readonly<Record<string, string>>): Promise<KillableHost> => {
  let child: ChildProcess | undefined;
  let url = '';
  let isWanted = true;
  let isKilled = false;
  let ownDeaths = 0;
  let starting: Promise<void> = Promise.resolve();

  const start = async (): Promise<void> => {
    const started = spawn(process.execPath, ['local/host/main.ts'], {
      cwd: root,
      env: { PATH: process.env.PATH, PORT: '0', LOCAL_WORKER_PROCESS: 'true', ...settings },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child = started;
    started.once('exit', () => {
      if (!isWanted) return;
      if (!isKilled) ownDeaths += 1;
      isKilled = false;
      starting = start();
    });
    let output = '';
    for await (const chunk of started.stdout) {
      output += chunk;
      const ready = /host ready (\S+)\n/.exec(output)?.[1];
      if (ready === undefined) continue;
      url = ready;
      started.stdout.resume();
      return;
    }
  };
  await start();
  return {
    url: () => url,
    get ownDeaths() {
      return ownDeaths;
    },
    killWorker: () => {
      for (const worker of childrenOf(child?.pid)) kill(worker);
    },
    kill: async () => {
      const killed = child;
      const workers = childrenOf(killed?.pid);
      isKilled = true;
      killed?.kill('SIGKILL');
      for (const worker of workers) kill(worker);
      if (killed !== undefined && killed.exitCode === null && killed.signalCode === null) await once(killed, 'exit');
      await starting;
    },
    close: async () => {
      isWanted = false;
      await starting;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, 'exit');
      child.kill('SIGTERM');
      await closed;
    },
  };
};

const childrenOf = (pid: number | undefined): readonly number[] => {
  if (pid === undefined) return [];
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines.flatMap((line) => {
    const [child, parent] = line.trim().split(/\s+/).map(Number);
    return parent === pid && child !== undefined ? [child] : [];
  });
};

/** It may have died in this moment. */
const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
};
