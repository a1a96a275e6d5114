import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root, terminalEnvironment } from './npm-process.ts';

export interface Pasted {
  readonly code: number | null;
  readonly output: string;
}

/** The indented lines that follow the line that begins so, as a reader would copy them. */
export const snippetAfter = (announcement: string, heading: string): string => {
  const lines = announcement.split('\n');
  const first = lines.findIndex((line) => line.startsWith(heading)) + 2;
  const last = lines.indexOf('', first);
  return lines.slice(first, last).join('\n');
};

/** The text with these commands in place of its pauses: how long a machine takes is not the text's to know. */
export const replacePauses = (text: string, commands: readonly string[]): string => {
  const pieces = text.split(/\bsleep \d+/);
  if (pieces.length !== commands.length + 1) {
    throw new Error(`The text has ${pieces.length - 1} pauses, expected ${commands.length}:\n${text}`);
  }
  return pieces.map((piece, index) => piece + (commands[index] ?? '')).join('');
};

/** Waits until the command prints that word; for two minutes at most. Reads all of it: who is not read complains. */
export const untilPrinted = (command: string, word: string): string =>
  `for n in $(seq 120); do ${command} | grep '${word}' > /dev/null && break; sleep 1; done`;

/**
 * Runs the text in a shell in the project's folder, on the system's Node. `folder` takes a stand-in for curl on a machine
 * that has none.
 */
export const paste = async (text: string, folder: string, environment: NodeJS.ProcessEnv = {}): Promise<Pasted> => {
  const terminal = terminalEnvironment();
  const path = [terminal.PATH, ...(hasCurl(terminal) ? [] : [installCurl(folder)])].join(delimiter);
  const child = spawn('sh', ['-c', text], {
    cwd: root,
    env: { ...terminal, PATH: path, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more) => {
      output += more;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
};

const hasCurl = (env: NodeJS.ProcessEnv): boolean => spawnSync('curl', ['--version'], { env }).status === 0;

/** Understands the options that the announcement and the README use, and no others. */
const curl = `
const https = require('node:https');
const http = require('node:http');
const { parseArgs } = require('node:util');
const { readFileSync } = require('node:fs');
const { values, positionals } = parseArgs({ allowPositionals: true, options: {
  silent: { type: 'boolean', short: 's' }, 'show-error': { type: 'boolean', short: 'S' },
  'write-out': { type: 'string', short: 'w', default: '' }, request: { type: 'string', short: 'X' },
  header: { type: 'string', short: 'H', multiple: true, default: [] }, data: { type: 'string', short: 'd', default: '' },
  get: { type: 'boolean', short: 'G' }, 'data-urlencode': { type: 'string' }, cacert: { type: 'string' } } });
const headers = Object.fromEntries(values.header.map((line) => line.split(': ')));
headers['content-length'] = Buffer.byteLength(values.data);
const ca = values.cacert && readFileSync(values.cacert);
const [name, value] = (values['data-urlencode'] ?? '').split(/=(.*)/s);
const url = positionals[0] + (values.get ? '?' + new URLSearchParams({ [name]: value }) : '');
const { request } = url.startsWith('https:') ? https : http;
request(url, { method: values.request, headers, ca }, (answer) => {
  answer.on('end', () => console.log());
  answer.pipe(process.stdout);
}).end(values.data);
`;

const installCurl = (folder: string): string => {
  console.log('This machine has no curl: a stand-in reads the pasted commands.');
  writeFileSync(join(folder, 'curl.cjs'), curl);
  writeFileSync(join(folder, 'curl'), `#!/bin/sh\nexec '${process.execPath}' '${join(folder, 'curl.cjs')}' "$@"\n`);
  chmodSync(join(folder, 'curl'), 0o755);
  return folder;
};
