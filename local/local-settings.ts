import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError, type Environment, flag, parseConfig, settingNames, wholeNumber } from '../shared/config.ts';

/** What only a local start knows, beside the settings of the app itself. */
export interface LocalSettings {
  readonly port: number;
  readonly host: string;
  readonly dataDirectory: string;
  readonly queueLockSeconds: number;
  /** How long a sample agent that takes long works; thorough-agent twice as long. */
  readonly sampleAgentSeconds: number;
  readonly workerProcess: boolean;
  /** Everything the app will read, the environment over local.settings.json. */
  readonly environment: Environment;
  /** Given: no Azurite is started. */
  readonly storage?: string;
  /** Given: no sample agent is started. */
  readonly agentEndpoint?: string;
}

/** Why nothing was started, for the person who typed the command: the message says all. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const schema = z.object({
  PORT: wholeNumber(0, 65_535).default(7071),
  HOST: z.string().default('127.0.0.1'),
  DATA_DIR: z.string().default('.data'),
  LOCAL_QUEUE_LOCK_SECONDS: wholeNumber(1, 604_800).default(600),
  SAMPLE_AGENT_SECONDS: wholeNumber(1, 3600).default(60),
  LOCAL_WORKER_PROCESS: flag.default(true),
  AzureWebJobsStorage: z.string().optional(),
  AzureWebJobsStorage__accountName: z
    .undefined('npm start takes no identity; give a connection string as AzureWebJobsStorage, or nothing for Azurite')
    .optional(),
  AGENT_PROJECT_ENDPOINT: z.string().optional(),
});

/** Every setting that a local start reads. Set to nothing, each has its default, whatever local.settings.json says. */
export const localSettingNames: readonly string[] = [...new Set([...settingNames, ...Object.keys(schema.shape)])];

/** Azure sets these; a machine that happens to have them too is not Azure, and what starts here is a local start. */
const noAzure = { WEBSITE_INSTANCE_ID: '', CONTAINER_NAME: '' };

const settingsFile = z.object({ Values: z.record(z.string(), z.string()).default({}) });

/** Stand-ins for what start.ts will fill in, so that every other setting is checked before anything is started. */
const untilStarted = { AzureWebJobsStorage: 'UseDevelopmentStorage=true', AGENT_PROJECT_ENDPOINT: 'http://127.0.0.1' };

/** Reads local.settings.json of the folder `root`, and the environment over it. Throws StartError with all that is wrong. */
export const readLocalSettings = (root: string, processEnvironment: Environment): LocalSettings => {
  const given = withoutEmpty({ ...readSettingsFile(join(root, 'local.settings.json')), ...processEnvironment });
  const environment = { ...given, ...noAzure };
  const parsed = schema.safeParse(environment);
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    ...appProblems({ ...untilStarted, ...environment }),
  ];
  if (!parsed.success || problems.length > 0) throw new StartError(problems.join('; '));
  const settings = parsed.data;
  return {
    port: settings.PORT,
    host: settings.HOST,
    dataDirectory: settings.DATA_DIR,
    queueLockSeconds: settings.LOCAL_QUEUE_LOCK_SECONDS,
    sampleAgentSeconds: settings.SAMPLE_AGENT_SECONDS,
    workerProcess: settings.LOCAL_WORKER_PROCESS,
    environment,
    storage: settings.AzureWebJobsStorage,
    agentEndpoint: settings.AGENT_PROJECT_ENDPOINT,
  };
};

const appProblems = (environment: Environment): readonly string[] => {
  try {
    parseConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
};

const withoutEmpty = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));

const readSettingsFile = (file: string): Environment => {
  try {
    return settingsFile.parse(JSON.parse(readFileSync(file, 'utf8'))).Values;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return {};
    throw new StartError(
      'local.settings.json: expected {"Values": {"NAME": "text", …}} as in local.settings.sample.json',
      { cause },
    );
  }
};
