import { expect, vi } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { ensureStorage } from '../../shared/storage/ensure-storage.ts';
import { routineCalls } from '../e2e/routine-calls.ts';
import { type HostProcess, launch } from '../host/host-process.ts';
import { repository } from './libraries.ts';

/** A run as the API shows it. */
export interface ShownRun {
  readonly id: string;
  readonly status: string;
  readonly response_id?: string;
  readonly output_text?: string;
  readonly usage?: object;
  readonly error_type?: string;
  readonly error_message?: string;
  readonly ended_at?: string;
  readonly attempts: readonly {
    readonly number: number;
    readonly status_code?: number;
    readonly error_type?: string;
  }[];
}

export interface Routine {
  readonly protocol: 'responses' | 'invocations';
  readonly agent: string;
  readonly input: object;
  readonly deadlineSeconds?: number;
}

/** The built app on the local host, and what tests ask of it. */
export interface App {
  /** Creates a routine and dispatches it once; answers with the run's id. */
  begin(name: string, routine: Routine): Promise<string>;
  run(name: string, id: string): Promise<ShownRun>;
  /** The run when it has ended. */
  ended(name: string, id: string, seconds?: number): Promise<ShownRun>;
  cancel(name: string, id: string): Promise<ShownRun>;
  /** Kills the host, and starts another one. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface AppOptions {
  readonly connectionString: string;
  readonly prefix: string;
  readonly endpoint: string;
  readonly settings?: Readonly<Record<string, string>>;
}

export const startApp = async ({ connectionString, prefix, endpoint, settings }: AppOptions): Promise<App> => {
  await ensureStorage({ kind: 'connection_string', connectionString, prefix }, systemClock);
  const launchHost = (): Promise<HostProcess> =>
    launch({
      APP_ROOT: repository,
      AzureWebJobsStorage: connectionString,
      STORAGE_PREFIX: prefix,
      AGENT_PROJECT_ENDPOINT: endpoint,
      AGENT_VALIDATION: 'off',
      AUTH_MODE: 'none',
      CONTAINER_NAME: '',
      ...settings,
    });
  let host = await launchHost();
  const send = routineCalls(() => host.url);
  const run = (name: string, id: string) => send<ShownRun>('GET', `${name}/runs/${id}`);
  return {
    begin: async (name, { protocol, agent, input, deadlineSeconds }) => {
      const asText = protocol === 'responses' ? JSON.stringify(input) : input;
      await send('PUT', name, {
        triggers: { monthly: { type: 'schedule', cron_expression: '0 0 1 * *' } },
        action: { type: `invoke_agent_${protocol}_api`, agent_name: agent, input: asText },
        ...(deadlineSeconds !== undefined && { deadline_seconds: deadlineSeconds }),
      });
      return (await send<{ readonly routine_run_id: string }>('POST', `${name}:dispatch_async`)).routine_run_id;
    },
    run,
    ended: (name, id, seconds = 60) =>
      vi.waitFor(
        async () => {
          const shown = await run(name, id);
          expect(shown.ended_at, JSON.stringify(shown)).toBeDefined();
          return shown;
        },
        { timeout: seconds * 1000, interval: 200 },
      ),
    cancel: (name, id) => send<ShownRun>('POST', `${name}/runs/${id}:cancel`),
    restart: async () => {
      await host.end('SIGKILL');
      host = await launchHost();
    },
    close: async () => {
      await host.end('SIGTERM');
    },
  };
};
