import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Environment, parseConfig } from '../shared/config.ts';

/** What only a local start knows, beside the settings of the app itself. */
export interface LocalSettings {
  readonly port: number;
  readonly host: string;
  readonly dataDirectory: string;
  readonly queueLockSeconds: number;
  /** Everything the app will read, the environment over local.settings.json. */
  readonly environment: Environment;
  /** Given: no Azurite is started. */
  readonly storage?: string;
  /** Given: no sample agent is started. */
  readonly agentEndpoint?: string;
}

export class StartError extends Error {
  override readonly name = 'StartError';
}

const whole = (min: number, max: number) =>
  z
    .string()
    .transform(Number)
    .refine((n) => Number.isInteger(n) && n >= min && n <= max, `expected a whole number from ${min} to ${max}`);

const schema = z.object({
  PORT: whole(0, 65_535).default(7071),
  HOST: z.string().default('127.0.0.1'),
  DATA_DIR: z.string().default('.data'),
  LOCAL_QUEUE_LOCK_SECONDS: whole(1, 604_800).default(600),
});

const settingsFile = z.object({ Values: z.record(z.string(), z.string()).default({}) });

/** Stand-ins for what start.ts will fill in, so that every other setting is checked before anything is started. */
const untilStarted = { AzureWebJobsStorage: 'UseDevelopmentStorage=true', AGENT_PROJECT_ENDPOINT: 'http://127.0.0.1' };

/** Throws StartError, or ConfigError of the app's own settings, with all that is wrong. */
export const readLocalSettings = (root: string, processEnvironment: Environment): LocalSettings => {
  const environment = withoutEmpty({
    ...readSettingsFile(join(root, 'local.settings.json')),
    ...processEnvironment,
    ...notAzure,
  });
  const parsed = schema.safeParse(environment);
  if (!parsed.success) {
    throw new StartError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  }
  parseConfig({ ...untilStarted, ...environment });
  const { PORT, HOST, DATA_DIR, LOCAL_QUEUE_LOCK_SECONDS } = parsed.data;
  return {
    port: PORT,
    host: HOST,
    dataDirectory: DATA_DIR,
    queueLockSeconds: LOCAL_QUEUE_LOCK_SECONDS,
    environment,
    storage: environment.AzureWebJobsStorage,
    agentEndpoint: environment.AGENT_PROJECT_ENDPOINT,
  };
};

/** Container platforms set such names too; whatever runs a local start, it is not Azure Functions. */
const notAzure = { WEBSITE_INSTANCE_ID: undefined, CONTAINER_NAME: undefined };

const withoutEmpty = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));

const readSettingsFile = (file: string): Environment => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  try {
    return settingsFile.parse(JSON.parse(text)).Values;
  } catch {
    throw new StartError(
      'local.settings.json: expected {"Values": {"NAME": "text", …}} as in local.settings.sample.json',
    );
  }
};
