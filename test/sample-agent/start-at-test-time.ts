import { onTestFinished } from 'vitest';
import { startSampleAgent } from '../../local/sample-agent/server.ts';
import { silentLog } from '../agents/http-agent.ts';

/** The sample agents, whose work takes a minute of a time that is the test's. */
export const startAtTestTime = async () => {
  let now = Date.parse('2026-06-02T07:00:00Z');
  const clock = { now: () => new Date(now) };
  const pass = (seconds: number): void => {
    now += seconds * 1000;
  };
  const server = await startSampleAgent({ host: '127.0.0.1', port: 0, log: silentLog, slowSeconds: 60, ...clock });
  onTestFinished(() => server.close());
  return { server, pass };
};
