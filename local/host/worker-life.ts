import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Invocation, Outcome } from './app-worker.ts';
import { HostError } from './host-error.ts';
import { type MessageToWorker, parseMessageToHost } from './worker-messages.ts';
import type { FunctionMetadata, HostLog } from './worker-protocol.ts';

/** One worker process, from its start to its end. */
export interface WorkerLife {
  readonly pid: number | undefined;
  /** Rejects with a `HostError` when the app is not fit to start, or the process ends before it is loaded. */
  readonly loaded: Promise<readonly FunctionMetadata[]>;
  /** Settles when the process is gone and all that it said is heard. */
  readonly ended: Promise<void>;
  invoke(invocation: Invocation): void;
  /** Has it run the app's end hooks and end. */
  end(): void;
  kill(): void;
}

export interface WorkerLifeEvents {
  done(invocationId: string, outcome: Outcome): void;
  /** Called once, at once: `how` is a signal or an exit code. */
  ended(how: string): void;
}

const script = fileURLToPath(new URL('worker-main.ts', import.meta.url));

export const startWorkerLife = (appRoot: string, log: HostLog, events: WorkerLifeEvents): WorkerLife => {
  const child = fork(script, [appRoot], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const loaded = Promise.withResolvers<readonly FunctionMetadata[]>();
  child.on('message', (received) => {
    const message = parseMessageToHost(received);
    switch (message?.kind) {
      case undefined:
        return;
      case 'loaded':
        return loaded.resolve(message.functions);
      case 'refused':
        return loaded.reject(new HostError(message.message));
      case 'log':
        return log(message.line);
      case 'done':
        return events.done(message.id, message.outcome);
      default:
        message satisfies never;
    }
  });
  const end = (how: string): void => {
    loaded.reject(new HostError(`The worker process ended (${how}) before the app was loaded`));
    events.ended(how);
  };
  // The process may be gone before all that it said is read: its last words, as why it refuses to start, still count.
  const gone = Promise.all([once(child, 'exit'), once(child, 'disconnect')]).then(
    ([[code, signal]]) => end(String(signal ?? `exit code ${code}`)),
    (error: unknown) => end(`it can't run: ${error}`),
  );
  loaded.promise.catch(() => undefined);
  child.on('error', () => undefined);
  // A process that is gone takes no message: its end is told by the event.
  const tell = (message: MessageToWorker): void => void child.send(message, () => undefined);
  return {
    pid: child.pid,
    loaded: loaded.promise,
    ended: gone,
    invoke: (invocation) => tell({ kind: 'invoke', invocation }),
    end: () => tell({ kind: 'end' }),
    kill: () => void child.kill('SIGKILL'),
  };
};
