import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './npm-process.ts';

/** A place to run a command in from where nothing reaches out, and which remembers who tried. */
export interface Isolation {
  /** In words, for the log. */
  readonly how: string;
  readonly wrapper: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** One line for each attempt to reach another machine; complete when the command has ended. */
  attempts(): readonly string[];
}

/** As root, or with user namespaces. */
const namespaces = [
  ['unshare', '-n'],
  ['unshare', '-rn'],
];

const bringUpLoopback = 'ip link set lo up';

/**
 * Every Node process of the command gets a preload that refuses sockets to the outside and writes them down. Where it is
 * allowed, the command also runs in a network namespace with loopback alone, whose kernel counts what found no route: that
 * covers what is not Node, too.
 */
export const isolate = (folder: string): Isolation => {
  const callsFile = join(folder, 'calls-out');
  const countersFile = join(folder, 'counters');
  writeFileSync(callsFile, '');
  const namespace = namespaces.find(
    ([command = '', ...args]) => spawnSync(command, [...args, 'sh', '-c', bringUpLoopback]).status === 0,
  );
  // The shell outlives a Ctrl+C, to read the counters of the namespace when the command has ended.
  const script = `trap : INT TERM; ${bringUpLoopback}; "$@"; code=$?; cat /proc/net/snmp /proc/net/snmp6 >'${countersFile}'; exit $code`;
  return {
    how: `${namespace ? 'a network namespace with loopback alone, and ' : ''}a preload that refuses other sockets`,
    wrapper: namespace ? [...namespace, 'sh', '-c', script, 'sh'] : [],
    environment: {
      NODE_OPTIONS: `--require "${join(root, 'test/start/refuse-calls-out.cjs')}"`,
      CALLS_OUT_FILE: callsFile,
    },
    attempts: () => [
      ...readFileSync(callsFile, 'utf8').split('\n').filter(Boolean),
      ...(namespace ? unroutable(readFileSync(countersFile, 'utf8')) : []),
    ],
  };
};

/** What the kernel counted for IPv4 (a line of names, a line of numbers) and IPv6 (a name and a number on each line). */
const unroutable = (counters: string): string[] => {
  const [names = [], numbers = []] = counters
    .split('\n')
    .filter((line) => line.startsWith('Ip: '))
    .map((line) => line.split(' '));
  const ipv4 = Number(numbers[names.indexOf('OutNoRoutes')]);
  const ipv6 = Number(/^Ip6OutNoRoutes\s+(\d+)/m.exec(counters)?.[1] ?? 0);
  return ipv4 + ipv6 > 0 ? [`the kernel found no route ${ipv4 + ipv6} times`] : [];
};
