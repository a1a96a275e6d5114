import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { HostError } from './host-error.ts';
import { type LogThreshold, logThresholds } from './log-filter.ts';

export interface QueueSettings {
  /** Messages fetched at once, 1–32. */
  readonly batchSize: number;
  /** Fetches again when no more than this many messages are in flight. */
  readonly newBatchThreshold: number;
  readonly maxDequeueCount: number;
  /** How long a failed message stays invisible. */
  readonly visibilityTimeoutSeconds: number;
  readonly maxPollingIntervalMilliseconds: number;
  readonly messageEncoding: 'base64' | 'none';
}

export interface HostSettings {
  /** Without slashes at its ends; empty for none. */
  readonly routePrefix: string;
  readonly functionTimeoutSeconds: number;
  readonly queues: QueueSettings;
  /** From which level on a category's lines are written; `default` is for those that no other name begins. */
  readonly logLevels: Readonly<Record<string, LogThreshold>>;
}

const timeSpanPattern = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?$/;

/** A .NET time span, `[days.]hours:minutes:seconds[.fraction]`, in milliseconds. */
const timeSpan = z.string().transform((text, context) => {
  const match = timeSpanPattern.exec(text);
  if (match === null) {
    context.addIssue({ code: 'custom', message: `"${text}" is no time span, expected [d.]hh:mm:ss[.fff]` });
    return z.NEVER;
  }
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0'] = match;
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return whole * 1000 + Math.floor(Number(`0.${fraction}`) * 1000);
});

/** The platform's defaults (host.json reference). One core is assumed for `newBatchThreshold`, so that it is the same everywhere. */
const queuesSchema = z.object({
  batchSize: z.int().min(1).max(32).default(16),
  newBatchThreshold: z.int().min(0).optional(),
  maxDequeueCount: z.int().min(1).default(5),
  visibilityTimeout: timeSpan.default(0),
  maxPollingInterval: timeSpan.default(60_000),
  messageEncoding: z.enum(['base64', 'none']).default('base64'),
});

/** Written in any case, as in the platform. */
const logThreshold = z.preprocess(
  (value) => (typeof value === 'string' ? value.toLowerCase() : value),
  z.enum(logThresholds),
);

/** Only what this host acts on; everything else in the file is for Azure. */
const fileSchema = z.object({
  version: z.literal('2.0'),
  functionTimeout: timeSpan.default(30 * 60_000),
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().default('api') }).prefault({}),
      queues: queuesSchema.prefault({}),
    })
    .prefault({}),
  logging: z.object({ logLevel: z.record(z.string(), logThreshold).default({}) }).prefault({}),
});

/** Reads `host.json` in that folder. Throws a `HostError` that names the file and every wrong field. */
export const readHostSettings = (appRoot: string): HostSettings => {
  const path = join(appRoot, 'host.json');
  const parsed = fileSchema.safeParse(readJson(path));
  if (!parsed.success) throw new HostError(`${path}: ${z.prettifyError(parsed.error)}`);
  const { functionTimeout, extensions, logging } = parsed.data;
  const { visibilityTimeout, maxPollingInterval, newBatchThreshold, ...queues } = extensions.queues;
  return {
    routePrefix: extensions.http.routePrefix.replace(/^\/+|\/+$/g, ''),
    functionTimeoutSeconds: functionTimeout / 1000,
    queues: {
      ...queues,
      newBatchThreshold: newBatchThreshold ?? Math.floor(queues.batchSize / 2),
      visibilityTimeoutSeconds: visibilityTimeout / 1000,
      // The platform polls no faster than this whatever the setting says.
      maxPollingIntervalMilliseconds: Math.max(100, maxPollingInterval),
    },
    logLevels: logging.logLevel,
  };
};

/** The `main` of the app's `package.json`: a glob of the files to load. Throws a `HostError` when there is none. */
export const readEntryPoint = (appRoot: string): string => {
  const path = join(appRoot, 'package.json');
  const parsed = z.object({ main: z.string().min(1) }).safeParse(readJson(path));
  if (!parsed.success) throw new HostError(`${path}: "main" is missing, expected a glob of the app's files`);
  return parsed.data.main;
};

const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new HostError(`${path} can't be read: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
};
