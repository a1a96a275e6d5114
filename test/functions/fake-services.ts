import type { Log } from '../../shared/app/ports/log.ts';
import type { AuthConfig } from '../../shared/config.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import type { HttpServices } from '../../shared/http/endpoint.ts';
import { aRoutine, aRun, at } from '../builders.ts';

export const now = at('2026-01-01T00:01:00Z');
export const requestId = 'ab'.repeat(16);

export interface FakeInput {
  readonly auth?: AuthConfig;
  readonly http?: Partial<HttpServices['config']['http']>;
  readonly service?: Partial<HttpServices['service']>;
}

export interface Fake {
  readonly services: HttpServices;
  /** What the use cases were called with, in order. */
  readonly calls: unknown[][];
  readonly errors: { readonly message: string; readonly facts: object; readonly cause: unknown }[];
  readonly warnings: { readonly message: string; readonly facts: object }[];
}

/** Services whose use cases say yes to everything and remember what they were asked. */
export const aFake = ({
  auth = { mode: 'none', loopbackOnly: true },
  http = {},
  service = {},
}: FakeInput = {}): Fake => {
  const calls: unknown[][] = [];
  const errors: Fake['errors'] = [];
  const warnings: Fake['warnings'] = [];
  const log: Log = {
    info: () => undefined,
    warn: (message, facts = {}) => warnings.push({ message, facts }),
    error: (message, facts = {}, cause) => errors.push({ message, facts, cause }),
  };
  const services: HttpServices = {
    config: {
      auth,
      http: { trustProxy: false, corsOrigins: [], requirePreviewHeader: false, ...http },
      schedule: { minIntervalSeconds: 300, maxTriggers: 1, lookaheadSeconds: 300, misfireGraceSeconds: 300 },
    },
    service: { ...agreeable(calls), ...service },
    clock: { now: () => now, sleep: async () => undefined },
    randomness: { hex: (bytes) => 'ab'.repeat(bytes), fraction: () => 0 },
    log,
  };
  return { services, calls, errors, warnings };
};

const agreeable = (calls: unknown[][]): HttpServices['service'] => {
  const answer =
    <Result>(name: string, result: Result) =>
    async (...input: readonly unknown[]): Promise<Result> => {
      calls.push([name, ...input]);
      return result;
    };
  return {
    putRoutine: answer('putRoutine', { routine: aRoutine(), warnings: [] }),
    getRoutine: answer('getRoutine', aRoutine()),
    listRoutines: answer('listRoutines', { items: [aRoutine()] }),
    deleteRoutine: answer('deleteRoutine', undefined),
    setRoutineEnabled: answer('setRoutineEnabled', aRoutine()),
    archiveRoutine: answer('archiveRoutine', aRoutine()),
    dispatchRoutine: answer('dispatchRoutine', dispatchRunId(now, 'a'.repeat(32))),
    listRuns: answer('listRuns', { items: [aRun()] }),
    getRun: answer('getRun', aRun()),
    cancelRun: answer('cancelRun', aRun()),
    retryRun: answer('retryRun', aRun()),
    listAgents: answer('listAgents', { agents: [], warnings: [] }),
    readStatus: answer('readStatus', {
      now,
      queues: { delivery: 0, deliveryPoison: 0, work: 0, workPoison: 0 },
      poisoned: { ofProject: 0, unattributed: 0 },
      runsLastHour: { completed: 0, failed: 0, killed: 0 },
    }),
    tick: answer('tick', { fired: 0, missed: 0, failed: 0, unusable: 0, lagSeconds: 0, durationMs: 1 }),
    listPoisoned: answer('listPoisoned', []),
    replayPoisoned: answer('replayPoisoned', { replayed: 0, discarded: [], failed: [], remaining: 0 }),
    discardPoisoned: answer('discardPoisoned', []),
    previewTriggers: (request) => {
      calls.push(['previewTriggers', request]);
      return { fires: [], triggers: [] };
    },
  };
};
