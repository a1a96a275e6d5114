import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const script = fileURLToPath(new URL('./agents.py', import.meta.url));
const startSeconds = 60;

export interface AgentServerOptions {
  readonly python: string;
  /** An empty folder, where it keeps its state, its ledger and its log. */
  readonly folder: string;
  /** It takes up after a restart what it had begun before. */
  readonly isResilient?: boolean;
}

/** A line of the ledger. */
const entry = z.object({
  event: z.enum(['begun', 'ended', 'called-out']),
  /** Seconds since 1970. */
  at: z.number(),
  case: z.string().optional(),
  /** Of the response or the invocation. */
  id: z.string().optional(),
  /** The library has begun it once more by itself, after a restart. */
  again: z.boolean().optional(),
  how: z.string().optional(),
  address: z.string().optional(),
});
export type LedgerEntry = z.infer<typeof entry>;

/** A real server for hosted agents, as a process of its own that can be ended and started again at the same address. */
export interface AgentServer {
  readonly url: string;
  /** What it has done so far, in order; of one case when that is named. */
  ledger(caseName?: string): readonly LedgerEntry[];
  log(): string;
  /** Signals, and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
}

export const startAgentServer = async ({ python, folder, isResilient }: AgentServerOptions): Promise<AgentServer> => {
  const port = await freePort();
  const ledgerFile = join(folder, 'ledger.jsonl');
  const url = `http://127.0.0.1:${port}`;
  mkdirSync(folder, { recursive: true });
  let child: ChildProcess | undefined;
  let log = '';

  const start = async (): Promise<void> => {
    const process = spawn(python, [script, String(port), ledgerFile, ...(isResilient ? ['--resilient'] : [])], {
      env: environmentIn(folder),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [process.stdout, process.stderr])
      stream.setEncoding('utf8').on('data', (text) => (log += text));
    child = process;
    const ended = once(process, 'close').then(() => Promise.reject(new Error(`The agent server has ended:\n${log}`)));
    ended.catch(() => undefined);
    await Promise.race([untilReady(url), ended]);
  };
  await start();
  return {
    url,
    ledger: (caseName) => readLedger(ledgerFile).filter((line) => caseName === undefined || line.case === caseName),
    log: () => log,
    end: async (signal) => {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, 'close');
      child.kill(signal);
      await closed;
    },
    start,
  };
};

/** Nothing of the machine's but where programs are: a library that finds no account and no exporter calls nobody. */
const environmentIn = (folder: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: folder,
  AGENTSERVER_STATE_ROOT: join(folder, 'state'),
  OTEL_SDK_DISABLED: 'true',
  APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL: 'true',
});

/** The last line may be half written. */
const readLedger = (file: string): readonly LedgerEntry[] => {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => entry.parse(JSON.parse(line)));
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const untilReady = async (url: string): Promise<void> => {
  const deadline = Date.now() + startSeconds * 1000;
  for (;;) {
    const answer = await fetch(`${url}/readiness`).catch(() => null);
    if (answer?.ok) return;
    if (Date.now() > deadline) throw new Error(`The agent server at ${url} was not ready in ${startSeconds} s.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
