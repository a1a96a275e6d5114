import * as z from 'zod';
import { isProjectName } from './domain/names.ts';

/** Each role may do what the ones before it may. */
export const roles = ['reader', 'operator', 'contributor'] as const;
export type Role = (typeof roles)[number];

/** The message of a setting that is wrong. Not for what may hold a secret: keys, and URLs, which can hold a password. */
const expected = (what: string) => ({
  error: ({ input }: { readonly input?: unknown }) => `expected ${what}, found ${JSON.stringify(input)}`,
});
const oneOf = <const Word extends string>(...words: readonly [Word, ...Word[]]) =>
  z.enum(words, expected(words.join(', ').replace(/, (\w+)$/, ' or $1')));
export const flag = oneOf('true', 'false').transform((text) => text === 'true');
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine(
      (text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max,
      expected(`a whole number from ${min} to ${max}`),
    )
    .transform(Number);
const json = (text: string, context: z.RefinementCtx): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'expected JSON text' });
    return z.NEVER;
  }
};
const commaList = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
/** Origins are compared as they are written: lower case, no default port, no path. `*` is none. */
const isOrigin = (text: string): boolean => URL.parse(text)?.origin === text;
/** Nothing but address and path: what else a URL can hold would end up in error messages and run records. */
const isPlainUrl = (text: string): boolean => {
  const parsed = URL.parse(text);
  return (
    parsed !== null &&
    /^https?:$/.test(parsed.protocol) &&
    parsed.username + parsed.password + parsed.search + parsed.hash === ''
  );
};
const url = z.string().refine(isPlainUrl, 'expected an http(s) URL without user, password, query or fragment');

const apiKey = z.strictObject({
  name: z.string().min(1),
  key: z.string().min(16, 'an API key has at least 16 characters'),
  role: z.enum(roles),
  project: z.string().refine((text) => text === '*' || isProjectName(text), 'expected a project name or "*"'),
});

const apiKeys = z
  .string()
  .transform(json)
  .pipe(z.array(apiKey, { error: 'expected a JSON list of {name, key, role, project}' }));

const schema = z.object({
  AzureWebJobsStorage: z.string().min(1).optional(),
  AzureWebJobsStorage__accountName: z.string().min(1).optional(),
  AzureWebJobsStorage__credential: oneOf('managedidentity').optional(),
  AzureWebJobsStorage__clientId: z.string().min(1).optional(),
  AGENT_PROJECT_ENDPOINT: url,
  AGENT_RESPONSES_ROUTE: oneOf('agent', 'project').default('agent'),
  AGENT_RESPONSES_BACKGROUND: oneOf('auto', 'always', 'never').default('auto'),
  AGENT_VALIDATION: oneOf('off', 'exists', 'identity').default('exists'),
  STRICT_FOUNDRY_OUTCOME: flag.default(false),
  MAX_ATTEMPTS: wholeNumber(1, 20).default(3),
  ATTEMPT_TIMEOUT_SECONDS: wholeNumber(1, 200).default(30),
  BACKOFF_INITIAL_SECONDS: wholeNumber(1, 3600).default(1),
  BACKOFF_MAX_SECONDS: wholeNumber(1, 3600).default(5),
  RUN_DEADLINE_SECONDS: wholeNumber(30, 86_400).optional(),
  MIN_INTERVAL_SECONDS: wholeNumber(60, 86_400).default(300),
  MAX_TRIGGERS: wholeNumber(1, 25).default(1),
  LOOKAHEAD_SECONDS: wholeNumber(60, 3600).default(300),
  MISFIRE_GRACE_SECONDS: wholeNumber(60, 86_400).default(300),
  AUTH_MODE: oneOf('entra', 'key', 'none').optional(),
  API_KEYS: apiKeys.default([]),
  ALLOW_ANONYMOUS: flag.default(false),
  TRUST_PROXY: flag.default(false),
  PUBLIC_BASE_URL: url.optional(),
  CORS_ORIGINS: commaList
    .refine(
      (origins) => origins.every(isOrigin),
      expected('origins as browsers send them, such as https://ops.example.com'),
    )
    .default([]),
  REQUIRE_PREVIEW_HEADER: flag.default(false),
  STORAGE_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,29}$/, expected('1 to 30 lower-case letters and digits, beginning with a letter'))
    .default('routines'),
  HOST: z.string().min(1).default('127.0.0.1'),
  DELAY_SCALE: z
    .string()
    .refine((text) => Number(text) > 0 && Number(text) <= 1, expected('a number above 0, at most 1'))
    .transform(Number)
    .default(1),
  WEBSITE_INSTANCE_ID: z.string().optional(),
  CONTAINER_NAME: z.string().optional(),
});

/** Every setting that parseConfig reads; others are none of its business. */
export const settingNames: readonly string[] = Object.keys(schema.shape);

export type Environment = Readonly<Record<string, string | undefined>>;

export type StorageConfig =
  | { readonly kind: 'connection_string'; readonly connectionString: string; readonly prefix: string }
  | { readonly kind: 'identity'; readonly accountName: string; readonly clientId?: string; readonly prefix: string };

export interface ApiKey {
  readonly name: string;
  readonly key: string;
  readonly role: Role;
  readonly project: string;
}

export type AuthConfig =
  | { readonly mode: 'none'; readonly loopbackOnly: boolean }
  | { readonly mode: 'key'; readonly apiKeys: readonly ApiKey[] };

export interface Config {
  readonly storage: StorageConfig;
  readonly agents: {
    readonly projectEndpoint: string;
    readonly responsesRoute: 'agent' | 'project';
    /** Whether Responses agents are asked to work in the background; `auto`: unless they refuse to. */
    readonly responsesBackground: 'auto' | 'always' | 'never';
    readonly strictFoundryOutcome: boolean;
    /** Client id of the user-assigned identity that calls agents; absent: whatever DefaultAzureCredential finds. */
    readonly managedIdentityClientId?: string;
  };
  /** What a PUT asks of the agent that its routine is to call. */
  readonly agentValidation: 'off' | 'exists' | 'identity';
  readonly delivery: {
    readonly maxAttempts: number;
    readonly attemptTimeoutSeconds: number;
    readonly backoffInitialSeconds: number;
    readonly backoffMaxSeconds: number;
    /** For work that an agent accepts and does by itself; absent: what fits the action. */
    readonly runDeadlineSeconds: number | undefined;
    /** A factor on internal delays (reconcile, lease margin, put back, jitter); below 1 in tests only. */
    readonly delayScale: number;
  };
  readonly schedule: {
    readonly minIntervalSeconds: number;
    readonly maxTriggers: number;
    readonly lookaheadSeconds: number;
    readonly misfireGraceSeconds: number;
  };
  readonly auth: AuthConfig;
  readonly http: {
    readonly trustProxy: boolean;
    readonly publicBaseUrl?: string;
    readonly corsOrigins: readonly string[];
    readonly requirePreviewHeader: boolean;
  };
}

/** The whole list of what is wrong with the settings, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Of each pair the first setting is at least the second. */
const inOrder = [
  ['MISFIRE_GRACE_SECONDS', 'LOOKAHEAD_SECONDS'],
  ['BACKOFF_MAX_SECONDS', 'BACKOFF_INITIAL_SECONDS'],
] as const;

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '::1', '[::1]']);

/** Reads every setting once. Throws ConfigError with the whole list of what is missing or wrong; names no secret. */
export const parseConfig = (environment: Environment): Config => {
  // An empty app setting is how a deployment says "not set".
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, text]) => text !== undefined && text !== ''),
  );
  const parsed = schema.safeParse(present);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${describe(issue, present)}`);
  if (!parsed.success) throw new ConfigError(problems.join('\n'));
  const settings = parsed.data;
  const storage = toStorage(settings, problems);
  const auth = toAuth(settings, problems);
  for (const [name, least] of inOrder) {
    if (settings[name] < settings[least]) {
      problems.push(`${name}: ${settings[name]} is below ${least}, ${settings[least]}`);
    }
  }
  if (problems.length > 0 || storage === null || auth === null) throw new ConfigError(problems.join('\n'));
  return {
    storage,
    auth,
    agents: {
      projectEndpoint: settings.AGENT_PROJECT_ENDPOINT.replace(/\/+$/, ''),
      responsesRoute: settings.AGENT_RESPONSES_ROUTE,
      responsesBackground: settings.AGENT_RESPONSES_BACKGROUND,
      strictFoundryOutcome: settings.STRICT_FOUNDRY_OUTCOME,
      managedIdentityClientId: settings.AzureWebJobsStorage__clientId,
    },
    agentValidation: settings.AGENT_VALIDATION,
    delivery: {
      maxAttempts: settings.MAX_ATTEMPTS,
      attemptTimeoutSeconds: settings.ATTEMPT_TIMEOUT_SECONDS,
      backoffInitialSeconds: settings.BACKOFF_INITIAL_SECONDS,
      backoffMaxSeconds: settings.BACKOFF_MAX_SECONDS,
      runDeadlineSeconds: settings.RUN_DEADLINE_SECONDS,
      delayScale: settings.DELAY_SCALE,
    },
    schedule: {
      minIntervalSeconds: settings.MIN_INTERVAL_SECONDS,
      maxTriggers: settings.MAX_TRIGGERS,
      lookaheadSeconds: settings.LOOKAHEAD_SECONDS,
      misfireGraceSeconds: settings.MISFIRE_GRACE_SECONDS,
    },
    http: {
      trustProxy: settings.TRUST_PROXY,
      publicBaseUrl: settings.PUBLIC_BASE_URL?.replace(/\/+$/, ''),
      corsOrigins: settings.CORS_ORIGINS,
      requirePreviewHeader: settings.REQUIRE_PREVIEW_HEADER,
    },
  };
};

const secretSettings = new Set(['API_KEYS', 'AzureWebJobsStorage']);

const describe = (issue: z.core.$ZodIssue, present: Environment): string => {
  const name = String(issue.path[0]);
  if (present[name] === undefined) return 'is not set';
  return secretSettings.has(name) ? issue.message : `${issue.message} (see the configuration table in the README)`;
};

type Settings = z.infer<typeof schema>;

const toStorage = (settings: Settings, problems: string[]): StorageConfig | null => {
  const prefix = settings.STORAGE_PREFIX;
  if (settings.AzureWebJobsStorage !== undefined) {
    return { kind: 'connection_string', connectionString: settings.AzureWebJobsStorage, prefix };
  }
  if (settings.AzureWebJobsStorage__accountName !== undefined) {
    const accountName = settings.AzureWebJobsStorage__accountName;
    return { kind: 'identity', accountName, clientId: settings.AzureWebJobsStorage__clientId, prefix };
  }
  problems.push(
    'AzureWebJobsStorage: is not set; give a connection string, or AzureWebJobsStorage__accountName for an identity',
  );
  return null;
};

const toAuth = (settings: Settings, problems: string[]): AuthConfig | null => {
  const isAzure = settings.WEBSITE_INSTANCE_ID !== undefined || settings.CONTAINER_NAME !== undefined;
  const isLoopback = loopbackHosts.has(settings.HOST);
  const mode = settings.AUTH_MODE ?? (isAzure ? 'entra' : 'none');
  switch (mode) {
    case 'entra':
      problems.push('AUTH_MODE: entra is not available yet; use key, with API_KEYS');
      return null;
    case 'key':
      if (settings.API_KEYS.length === 0) {
        problems.push('API_KEYS: AUTH_MODE=key needs at least one {name, key, role, project}');
        return null;
      }
      return { mode: 'key', apiKeys: settings.API_KEYS };
    case 'none':
      if (settings.ALLOW_ANONYMOUS) return { mode: 'none', loopbackOnly: false };
      if (isAzure || !isLoopback) {
        problems.push(
          'AUTH_MODE: none is for a loopback HOST only; set AUTH_MODE=key with API_KEYS, or ALLOW_ANONYMOUS=true',
        );
        return null;
      }
      return { mode: 'none', loopbackOnly: true };
    default:
      return mode satisfies never;
  }
};
