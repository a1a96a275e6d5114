import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./azurite-main.ts', import.meta.url));

export interface AzuriteProcess {
  /** Of the first start, and of every one after it. */
  readonly connectionString: string;
  /** Resolves when everything is on disk and the port is free. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** A storage that can go away and come back: the emulator in a process of its own, always at the same address. */
export const startAzuriteProcess = async (folder: string): Promise<AzuriteProcess> => {
  let running = await spawnAzurite(folder, '0,0,0');
  const { connectionString } = running;
  const ports = [...connectionString.matchAll(/Endpoint=http:\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) => port);
  return {
    connectionString,
    stop: async () => {
      const closed = once(running.child, 'close');
      running.child.kill('SIGTERM');
      await closed;
    },
    start: async () => {
      running = await spawnAzurite(folder, ports.join());
    },
  };
};

const spawnAzurite = async (
  folder: string,
  ports: string,
): Promise<{ readonly child: ChildProcess; readonly connectionString: string }> => {
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, NODE_OPTIONS: '', AZURITE_FOLDER: folder, AZURITE_PORTS: ports },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const connectionString = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const [, found] = /azurite ready (\S+)\n/.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once('close', (code, signal) =>
      reject(new Error(`Azurite ended with ${code ?? signal} before it was ready`)),
    );
  });
  return { child, connectionString };
};
