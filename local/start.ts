import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../shared/app/ports/log.ts';
import { ConfigError, parseConfig } from '../shared/config.ts';
import { ensureStorage } from '../shared/storage/ensure-storage.ts';
import { announce } from './announce.ts';
import { startAzurite } from './azurite.ts';
import { createCertificate } from './certificate.ts';
import { lockDataDirectory } from './data-lock.ts';
import { startHost } from './host/host.ts';
import { HostError } from './host/host-error.ts';
import type { HostLogLine } from './host/worker-protocol.ts';
import { type LocalSettings, readLocalSettings, StartError } from './local-settings.ts';
import { startSampleAgent } from './sample-agent/server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** How long a stop waits for invocations in flight. A message cut off comes again when its lock ends. */
const graceSeconds = 8;

/** What was started, in order; stopped in reverse, so that storage goes last. */
const running: (() => Promise<void> | void)[] = [];

const main = async (args: readonly string[]): Promise<void> => {
  const unknown = args.filter((arg) => arg !== '--https');
  if (unknown.length > 0) throw new StartError(`unknown option ${unknown.join(' ')}; expected --https or nothing`);
  const settings = readLocalSettings(root, process.env);
  const dataDirectory = resolve(root, settings.dataDirectory);
  running.push(lockDataDirectory(dataDirectory));
  const storage = settings.storage ?? (await ownAzurite(dataDirectory));
  const agentEndpoint = settings.agentEndpoint ?? (await ownSampleAgent());
  const environment = { ...settings.environment, AzureWebJobsStorage: storage, AGENT_PROJECT_ENDPOINT: agentEndpoint };
  const config = parseConfig(environment);
  await ensureStorage(config.storage);
  // The app reads its settings from the environment when the host loads it.
  process.env = environment;
  const tls = args.includes('--https') ? await ownCertificate(settings, dataDirectory) : undefined;
  const host = await startHost({
    appRoot: root,
    host: settings.host,
    port: settings.port,
    tls,
    storageConnectionString: storage,
    queueLockSeconds: settings.queueLockSeconds,
    timerStatusFile: join(dataDirectory, 'timer-status.json'),
    log: printLine,
  });
  running.push(() => host.close(graceSeconds));
  console.log(
    announce({
      url: host.url,
      functions: host.functions,
      certificateFile: tls?.file,
      sampleAgents: settings.agentEndpoint === undefined,
      needsKey: config.auth.mode === 'key',
      dataDirectory: settings.storage === undefined ? dataDirectory : undefined,
    }),
  );
};

const ownAzurite = async (dataDirectory: string): Promise<string> => {
  const azurite = await startAzurite({ location: join(dataDirectory, 'azurite') });
  running.push(() => azurite.close());
  return azurite.connectionString;
};

/** Its agents fail on purpose; what they do is in the run history. */
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const ownSampleAgent = async (): Promise<string> => {
  const agent = await startSampleAgent({ host: '127.0.0.1', port: 0, log: silent });
  running.push(() => agent.close());
  return agent.url;
};

const ownCertificate = async ({ host }: LocalSettings, dataDirectory: string) => {
  const certificate = await createCertificate({ hosts: [host] });
  const file = join(dataDirectory, 'certificate.pem');
  writeFileSync(file, certificate.cert);
  return { ...certificate, file };
};

const quietLevels: ReadonlySet<HostLogLine['level']> = new Set(['trace', 'debug']);

const printLine = ({ level, category, message }: HostLogLine): void => {
  if (quietLevels.has(level)) return;
  const stream = level === 'error' || level === 'critical' ? process.stderr : process.stdout;
  stream.write(`${new Date().toISOString()} ${level} [${category}] ${message}\n`);
};

let stopping: Promise<void> | undefined;

/** The same stop for every signal, however often it comes. */
const stop = (exitCode: number): Promise<void> => {
  stopping ??= (async () => {
    setTimeout(() => process.exit(exitCode), 2 * graceSeconds * 1000).unref();
    for (const close of running.reverse()) await close();
    process.exit(exitCode);
  })();
  return stopping;
};

const fail = (error: unknown): void => {
  const isExpected = error instanceof StartError || error instanceof ConfigError || error instanceof HostError;
  const text = isExpected ? error.message.replaceAll('\n', '; ') : error instanceof Error ? error.stack : String(error);
  console.error(`Agent Routines did not start. ${text}`);
  void stop(1);
};

const crash = (error: unknown): void => {
  console.error('Agent Routines stops: an error that nobody caught.', error);
  void stop(1);
};

process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);
process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));
main(process.argv.slice(2)).catch(fail);
