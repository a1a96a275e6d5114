import { describe, expect, test } from 'vitest';
import { readHostSettings } from '../../local/host/host-settings.ts';
import { filterLog } from '../../local/host/log-filter.ts';
import type { HostLogLine } from '../../local/host/worker-protocol.ts';
import type { PutBack } from '../../shared/storage/queues/put-back.ts';
import { PutBackNotice, type Settlement, settle } from '../../shared/storage/queues/settle.ts';
import { readText } from './bicep-text.ts';

const { logLevels } = readHostSettings(new URL('../..', import.meta.url).pathname);

const isWritten = (category: string, level: HostLogLine['level']): boolean => {
  const lines: HostLogLine[] = [];
  filterLog(logLevels, (line) => lines.push(line))({ level, category, message: '' });
  return lines.length > 0;
};

describe('what host.json sends to Application Insights', () => {
  test('is warnings, unless a category says otherwise', () => {
    expect(logLevels).toEqual({ default: 'warning', Function: 'information', 'Azure.Core': 'error' });
  });

  test.each<[string, string, HostLogLine['level']]>([
    ['a line of ours', 'Function.deliver.User', 'information'],
    ['a failed function', 'Function.deliver', 'error'],
    ['the failed request of a function', 'Host.Results', 'error'],
    ['the death of a worker', 'Host.LanguageWorkerConsoleLog', 'error'],
    ['a message that moves to a poison queue', 'Host.Triggers.Queue', 'warning'],
    ['a host that stops', 'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcFunctionInvocationDispatcher', 'error'],
    ['a storage client that gives up', 'Azure.Core', 'error'],
  ])('holds %s', (_what, category, level) => {
    expect(isWritten(category, level)).toBe(true);
  });

  test.each<[string, string, HostLogLine['level']]>([
    ['requests of the Azure SDK', 'Azure.Core', 'information'],
    // 404 of a queue that is not there yet, 409 of a lease that another instance holds: the host expects both.
    ['answers that the host expects', 'Azure.Core', 'warning'],
    ['what the host does all the time', 'Host.Startup', 'information'],
    ['singleton leases', 'Host.Singleton', 'debug'],
    ['counts that the host makes', 'Host.Aggregator', 'information'],
    ['requests that succeeded', 'Host.Results', 'information'],
    ['the web server', 'Microsoft.AspNetCore.Hosting.Diagnostics', 'information'],
  ])('leaves out %s', (_what, category, level) => {
    expect(isWritten(category, level)).toBe(false);
  });

  test('is what docs/deploy.md names', () => {
    const text = readText('docs/deploy.md');
    for (const [category, level] of Object.entries(logLevels)) {
      expect(text).toContain(`| \`${category}\` | ${level[0]?.toUpperCase()}${level.slice(1)} |`);
    }
  });
});

describe('the alert of docs/operations.md', () => {
  const operations = readText('docs/operations.md');
  const queries = [...operations.matchAll(/```kusto\n(.*?)```/gs)].map(([, text = '']) => text);
  const noticeOf = (query: string): string => /let notice = "([^"]+)"/.exec(query)?.[1] ?? 'no notice is named';

  /** What the platform makes of what a function throws: the text of the exception in telemetry. */
  const inTelemetry = (error: unknown): string =>
    error instanceof Error ? `Result: Failure\nException: ${error.message}\nStack: ${error.stack}` : String(error);

  const thrownBy = async (disposition: Settlement): Promise<unknown> => {
    const message = { messageId: 'm', popReceipt: 'p', dequeueCount: 1, body: {} };
    const puttingBack: PutBack = {
      retry: async () => 'extended',
      delay: async () => undefined,
      toPoison: async () => undefined,
    };
    return settle(puttingBack, message, disposition).then(
      () => undefined,
      (error: unknown) => error,
    );
  };

  test('is there for the tables of both kinds, with one text', () => {
    const tables = queries.map((query) => new Set(query.match(/\b(?:App)?(?:requests|exceptions)\b/gi)));
    expect(tables).toEqual([new Set(['AppExceptions', 'AppRequests']), new Set(['exceptions', 'requests'])]);
    expect(new Set(queries.map(noticeOf))).toHaveProperty('size', 1);
  });

  test.each<Settlement>([
    { kind: 'put_back', reason: 'backing_off', delaySeconds: 5, isRetry: true },
    { kind: 'left_locked' },
  ])('knows what is thrown for $kind', async (disposition) => {
    const error = await thrownBy(disposition);
    expect(error).toBeInstanceOf(PutBackNotice);
    for (const query of queries) expect(inTelemetry(error)).toContain(noticeOf(query));
  });

  test.each([
    new Error('Not an error'),
    new TypeError("Cannot read properties of undefined (reading 'put')"),
    new Error('PutBackNotice of another kind'),
    'Timeout value of 00:05:00 exceeded by function: Functions.deliver',
    'node exited with code 137 (0x89).',
  ])('lets a real failure through: %s', (error) => {
    for (const query of queries) expect(inTelemetry(error)).not.toContain(noticeOf(query));
  });
});
