import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../shared/app/ports/log.ts';
import { systemClock } from '../shared/clock.ts';
import { ConfigError, parseConfig, type StorageConfig } from '../shared/config.ts';
import { StorageUnavailableError } from '../shared/domain/errors.ts';
import { ensureStorage } from '../shared/storage/ensure-storage.ts';
import { announce } from './announce.ts';
import { startAzurite } from './azurite.ts';
import { createCertificate } from './certificate.ts';
import { lockDataDirectory } from './data-lock.ts';
import { startHost } from './host/host.ts';
import { HostError } from './host/host-error.ts';
import type { HostLogLine } from './host/worker-protocol.ts';
import { readLocalSettings, StartError } from './local-settings.ts';
import { startSampleAgent } from './sample-agent/server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** How long a stop waits for invocations in flight. A message cut off comes again when its lock ends. */
const graceSeconds = 8;

/** What was started, in order; stopped in reverse, so that storage goes last. */
const running: (() => Promise<void> | void)[] = [];
let isStopping = false;

const main = async (args: readonly string[]): Promise<void> => {
  const unknown = args.filter((arg) => arg !== '--https');
  if (unknown.length > 0) throw new StartError(`Unknown option ${unknown.join(' ')}; expected --https or nothing`);
  const settings = readLocalSettings(root, process.env);
  const { host: address, port, queueLockSeconds, workerProcess } = settings;
  const dataDirectory = resolve(root, settings.dataDirectory);
  running.push(lockDataDirectory(dataDirectory));
  const storage = settings.storage ?? (await ownAzurite(dataDirectory));
  const agentEndpoint = settings.agentEndpoint ?? (await ownSampleAgent(settings.sampleAgentSeconds));
  const environment = { ...settings.environment, AzureWebJobsStorage: storage, AGENT_PROJECT_ENDPOINT: agentEndpoint };
  const config = parseConfig(environment);
  await prepareStorage(config.storage);
  // The app reads its settings from the environment when the host loads it.
  Object.assign(process.env, environment);
  const tls = args.includes('--https') ? await ownCertificate(address, dataDirectory) : undefined;
  const host = await startHost({
    appRoot: root,
    host: address,
    port,
    tls,
    storageConnectionString: storage,
    queueLockSeconds,
    workerProcess,
    timerStatusFile: join(dataDirectory, 'timer-status.json'),
    log: printLine,
  });
  running.push(() => host.close(graceSeconds));
  host.failed.then(crash, crash);
  if (isStopping) return;
  const text = announce({
    url: host.url,
    functions: host.functions,
    certificateFile: tls?.file,
    sampleAgents: settings.agentEndpoint === undefined,
    auth: config.auth,
    dataDirectory: settings.storage === undefined ? dataDirectory : undefined,
  });
  console.log(text);
};

const ownAzurite = async (dataDirectory: string): Promise<string> => {
  const azurite = await startAzurite({ location: join(dataDirectory, 'azurite') });
  running.push(() => azurite.close());
  return azurite.connectionString;
};

/** Its agents fail on purpose; what they do is in the run history. */
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const ownSampleAgent = async (slowSeconds: number): Promise<string> => {
  const agent = await startSampleAgent({ host: '127.0.0.1', port: 0, log: silent, slowSeconds });
  running.push(() => agent.close());
  return agent.url;
};

/** Throws StartError when the storage can't be used: its address, its key, or nothing listens there. */
const prepareStorage = async (storage: StorageConfig): Promise<void> => {
  try {
    await ensureStorage(storage, systemClock);
  } catch (cause) {
    if (cause instanceof StorageUnavailableError) {
      throw new StartError(`AzureWebJobsStorage: ${cause.message}`, { cause });
    }
    const expected = 'DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=…';
    throw new StartError(`AzureWebJobsStorage: no connection string that can be used; expected ${expected}`, { cause });
  }
};

const ownCertificate = async (host: string, dataDirectory: string) => {
  const certificate = await createCertificate({ hosts: [host] });
  const file = join(dataDirectory, 'certificate.pem');
  writeFileSync(file, certificate.cert);
  return { ...certificate, file };
};

const printLine = ({ level, category, message }: HostLogLine): void => {
  const stream = level === 'error' || level === 'critical' ? process.stderr : process.stdout;
  stream.write(`${new Date().toISOString()} ${level} [${category}] ${message}\n`);
};

/** The same stop for every signal, however often one comes: Ctrl+C reaches this process directly and through npm. */
const stop = async (exitCode: number): Promise<void> => {
  if (isStopping) return;
  isStopping = true;
  if (exitCode === 0) console.log(`Stopping; what runs now has ${graceSeconds} s to end.`);
  setTimeout(() => process.exit(exitCode), 2 * graceSeconds * 1000).unref();
  for (let close = running.pop(); close !== undefined; close = running.pop()) {
    try {
      await close();
    } catch (error) {
      console.error('The stop goes on past this error.', error);
    }
  }
  process.exit(exitCode);
};

const fail = (error: unknown): void => {
  // What was being started lost its storage to the stop.
  if (isStopping) return;
  const isExpected = error instanceof StartError || error instanceof ConfigError || error instanceof HostError;
  const text = isExpected ? error.message.replaceAll(/\s*\n\s*/g, '; ') : error instanceof Error ? error.stack : error;
  console.error(`Agent Routines did not start. ${text}`);
  void stop(1);
};

const crash = (error: unknown): void => {
  if (!isStopping) console.error('Agent Routines stops because of an error.', error);
  void stop(1);
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
// Started by a program that talks to it, it ends with that program.
process.on('disconnect', () => void stop(0));
// A running host always has something to wait for: without, the end would look like a success.
process.on('beforeExit', () => fail(new StartError('Nothing is left to wait for; expected a running host')));
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);
main(process.argv.slice(2)).catch(fail);
