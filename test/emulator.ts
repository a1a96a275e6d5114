import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Emulator {
  readonly connectionString: string;
  close(): Promise<void>;
}

/** A storage in memory, in a process of its own: neither its work nor that of its starter holds the other up. */
export const startEmulator = async (): Promise<Emulator> => {
  const child = fork(fileURLToPath(new URL('./emulator-main.ts', import.meta.url)), { execArgv: [] });
  const closed = once(child, 'close');
  const ended = closed.then(() => {
    throw new Error('The storage emulator ended before it was ready');
  });
  const [connectionString] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => undefined);
  return {
    connectionString: String(connectionString),
    close: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
};
