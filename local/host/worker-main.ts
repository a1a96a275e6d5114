import type { Outcome } from './app-worker.ts';
import { HostError } from './host-error.ts';
import { loadApp } from './load-app.ts';
import { runFunction } from './run-function.ts';
import { type MessageToHost, parseMessageToWorker } from './worker-messages.ts';
import type { HostLog, ProgrammingModel } from './worker-protocol.ts';
import { endApp } from './worker-state.ts';

/**
 * The worker process: loads the app in the folder that it is given and runs functions for the host that has started it.
 * It ends when the host tells it to, and with the host, however that ends.
 */

const tell = (message: MessageToHost): void => void process.send?.(message);

const log: HostLog = ({ level, category, message }) => tell({ kind: 'log', line: { level, category, message } });

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

const done = (id: string, outcome: Outcome): void => {
  try {
    tell({ kind: 'done', id, outcome: outcome.kind === 'succeeded' ? outcome : failed(outcome.error) });
  } catch (error) {
    tell({ kind: 'done', id, outcome: failed(error) });
  }
};

/** An error may hold what can't be cloned; of a failure the host needs the text alone. */
const failed = (error: unknown): Outcome => ({ kind: 'failed', error: textOf(error) });

const end = async (): Promise<void> => {
  await endApp().catch((error: unknown) =>
    log({ level: 'error', category: 'Host', message: `The end of the app failed: ${error}` }),
  );
  // Nothing is under way any more: the host asks for the end when every function has come to its own.
  process.disconnect();
};

const serve = (programmingModel: ProgrammingModel): void => {
  process.on('message', (received) => {
    const message = parseMessageToWorker(received);
    switch (message?.kind) {
      case undefined:
        return;
      case 'invoke': {
        const { invocation } = message;
        void runFunction(programmingModel, invocation, log).then((outcome) => done(invocation.id, outcome));
        return;
      }
      case 'end':
        return void end();
      default:
        message satisfies never;
    }
  });
};

const start = async (): Promise<void> => {
  try {
    const { functions, programmingModel } = await loadApp(process.argv[2] ?? '', log);
    serve(programmingModel);
    tell({ kind: 'loaded', functions: functions.map(({ metadata }) => metadata) });
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    tell({ kind: 'refused', message: error.message });
  }
};

// Ctrl+C reaches all processes of a terminal. The host has the say: it lets the worker finish what it does.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));
const fail = (error: unknown): never => {
  process.stderr.write(`worker failed: ${textOf(error)}\n`);
  process.exit(1);
};
process.on('uncaughtException', fail);
start().catch(fail);
