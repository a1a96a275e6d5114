import { parseArgs } from 'node:util';
import type { Log } from '../../shared/app/ports/log.ts';
import { startSampleAgent } from './server.ts';

const { values } = parseArgs({
  options: { host: { type: 'string', default: '127.0.0.1' }, port: { type: 'string', default: '7072' } },
});

const write = (level: string, message: string, facts: object = {}): void =>
  console.log(JSON.stringify({ level, message, ...facts }));
const log: Log = {
  info: (message, facts) => write('info', message, facts),
  warn: (message, facts) => write('warn', message, facts),
  error: (message, facts, cause) =>
    write('error', message, { ...facts, stack: cause instanceof Error ? cause.stack : String(cause) }),
};

const sampleAgent = await startSampleAgent({ host: values.host, port: Number(values.port), log });
log.info('The sample agent listens', { AGENT_PROJECT_ENDPOINT: sampleAgent.url });

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => sampleAgent.close());
