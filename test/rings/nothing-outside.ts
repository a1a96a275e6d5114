import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import workerThreads from 'node:worker_threads';
import { afterAll, afterEach, expect } from 'vitest';

/**
 * Set-up file of the fast ring. A test of that ring starts no process and no thread, and opens no socket but servers on
 * the loopback address and connections to them. An attempt throws; its test fails also when the code under test takes
 * the error for a failed call.
 */
const attempts: string[] = [];
/** Ports that this process listens on or has listened on: a test may find its own server gone. */
const ownPorts = new Set<number>();

const refuse = (what: string): never => {
  const message = `A test of the fast ring must not ${what}: it belongs to the ring "storage" or "deep" (test/rings/rings.ts).`;
  attempts.push(message);
  throw new Error(message);
};

/** What was tried in vain so far. The caller answers for it: its test does not fail for that. */
export const takeAttempts = (): readonly string[] => attempts.splice(0);

const expectNoAttempts = () => expect(takeAttempts()).toEqual([]);
afterEach(expectNoAttempts);
afterAll(expectNoAttempts);

interface Address {
  readonly port?: unknown;
  readonly host?: unknown;
  readonly path?: unknown;
}

/** The arguments of `connect` and `listen`, as a caller gives them or as Node passes them on within itself: in a list. */
const addressOf = (args: readonly unknown[]): Address => {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === 'object' && first !== null) return first;
  if (typeof first === 'string' && Number.isNaN(Number(first))) return { path: first };
  return { port: first, host: typeof second === 'string' ? second : undefined };
};

const isLoopback = ({ host }: Address): boolean => ['127.0.0.1', 'localhost', '::1'].includes(String(host));

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Calls `check` before the method; without its error the method does what it always does. */
const guard = (owner: object, name: string, check: (args: readonly unknown[], self: unknown) => void): void => {
  const method: Method = Reflect.get(owner, name);
  const guarded: Method = function (...args) {
    check(args, this);
    return Reflect.apply(method, this, args);
  };
  Object.defineProperty(owner, name, { value: guarded, configurable: true, writable: true });
};

// What starts a process and goes on comes through here: spawn, exec, execFile, fork and the cluster.
guard(childProcess.ChildProcess.prototype, 'spawn', () => refuse('start a process'));
for (const name of ['spawnSync', 'execSync', 'execFileSync'])
  guard(childProcess, name, () => refuse('start a process'));
Object.assign(workerThreads, {
  Worker: class {
    constructor() {
      refuse('start a thread');
    }
  },
});
syncBuiltinESMExports();

for (const name of ['bind', 'connect', 'send']) {
  guard(dgram.Socket.prototype, name, () => refuse('send or receive datagrams'));
}

guard(net.Server.prototype, 'listen', (args, server) => {
  const address = addressOf(args);
  if (!isLoopback(address)) refuse(`listen on ${address.path ?? address.host ?? 'every address of the machine'}`);
  if (!(server instanceof net.Server)) return;
  server.prependOnceListener('listening', () => {
    const at = server.address();
    if (typeof at === 'object' && at !== null) ownPorts.add(at.port);
  });
});

guard(net.Socket.prototype, 'connect', (args) => {
  const address = addressOf(args);
  const isOwn = isLoopback({ host: address.host ?? 'localhost' }) && ownPorts.has(Number(address.port));
  if (typeof address.path === 'string') refuse(`connect to ${address.path}`);
  else if (!isOwn)
    refuse(`connect to ${address.host ?? 'localhost'}:${address.port}, where no server of its own listens`);
});
