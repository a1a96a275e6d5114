import { z } from 'zod';
import { type HostLogLine, type RunningHost, startHost } from './host.ts';
import { HostError } from './host-error.ts';

/**
 * Runs the host alone as a process: prints `host ready <url>` when it serves, ends with 0 on SIGTERM and SIGINT, and with
 * 1 and one line that says why when it can't start and when it can't go on. The app runs in this process, unless
 * LOCAL_WORKER_PROCESS gives it one of its own: then neither a crash of the app nor `functionTimeout` ends the host, but
 * the third death of the worker does.
 */

const environmentSchema = z.object({
  APP_ROOT: z.string().default(process.cwd()),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(7071),
  AzureWebJobsStorage: z.string({ error: 'is missing, expected a connection string' }),
  LOCAL_QUEUE_LOCK_SECONDS: z.coerce.number().int().min(1).default(600),
  LOCAL_WORKER_PROCESS: z.stringbool().default(false),
  TIMER_STATUS_FILE: z.string().optional(),
});

const graceSeconds = 10;

const print = ({ level, category, message }: HostLogLine): void => {
  process.stderr.write(`${new Date().toISOString()} ${level} ${category}: ${message}\n`);
};

const fail = (error: unknown): never => {
  const isExpected = error instanceof HostError;
  process.stderr.write(`host failed: ${isExpected ? error.message : error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
};

let running: RunningHost | undefined;

/** A signal can come twice, from npm and from the terminal: the second close is the first one. */
const stop = (): void => {
  if (running === undefined) process.exit(0);
  void running.close(graceSeconds).then(() => process.exit(0), fail);
};

const run = async (): Promise<void> => {
  const environment = environmentSchema.safeParse(process.env);
  if (!environment.success) throw new HostError(`Environment: ${z.prettifyError(environment.error)}`);
  const { APP_ROOT, HOST, PORT, AzureWebJobsStorage, TIMER_STATUS_FILE, ...local } = environment.data;
  const host = await startHost({
    appRoot: APP_ROOT,
    host: HOST,
    port: PORT,
    storageConnectionString: AzureWebJobsStorage,
    queueLockSeconds: local.LOCAL_QUEUE_LOCK_SECONDS,
    workerProcess: local.LOCAL_WORKER_PROCESS,
    ...(TIMER_STATUS_FILE === undefined ? {} : { timerStatusFile: TIMER_STATUS_FILE }),
    log: print,
  });
  running = host;
  // What is being answered gets its 500.
  void host.failed.then((reason) => host.close(1).finally(() => fail(reason)));
  process.stdout.write(`host ready ${host.url}\n`);
};

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('uncaughtException', fail);
run().catch(fail);
