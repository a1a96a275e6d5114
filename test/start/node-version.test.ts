import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { type OnTestFinished, root, runNpm, temporaryFolder, terminalEnvironment } from './npm-process.ts';

const own = manifest.devDependencies.node;

it('the tests run on the Node that npm ci brings, whatever the system has', () => {
  const system = execFileSync('node', ['--version'], { env: terminalEnvironment(), encoding: 'utf8' }).trim();
  console.log(`The system's Node is ${system}, the tests run on v${process.versions.node}.`);
  expect(process.versions.node).toBe(own);
});

it.for(['start', 'test', 'demo'])('npm run %s on a Node below 24 is refused with one line', async (script, context) => {
  const { folder, path } = checkoutWithoutNode(context.onTestFinished);
  const npm = runNpm(['run', '--silent', script], context.onTestFinished, { folder, environment: { PATH: path } });
  expect(await npm.ended).toBe(1);
  expect(npm.output().match(/^Agent Routines .*$/gm)).toEqual([
    'Agent Routines needs Node 24 or newer to run locally, and this is Node 20.19.0. ' +
      'Run "npm ci" without --ignore-scripts: it brings its own Node 24.',
  ]);
});

/** What `npm ci --ignore-scripts` leaves: no Node of the project's own, and a `node` that says it is version 20. */
const checkoutWithoutNode = (onTestFinished: OnTestFinished): { folder: string; path: string } => {
  const folder = temporaryFolder(onTestFinished);
  for (const file of ['package.json', 'local/require-node.cjs']) cpSync(join(root, file), join(folder, file));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const pretend = join(folder, 'pretend.cjs');
  const versions = "{ value: { ...process.versions, node: '20.19.0' } }";
  writeFileSync(pretend, `Object.defineProperty(process, 'versions', ${versions});\n`);
  writeFileSync(join(bin, 'node'), `#!/bin/sh\nexec '${process.execPath}' --require '${pretend}' "$@"\n`);
  chmodSync(join(bin, 'node'), 0o755);
  return { folder, path: [bin, terminalEnvironment().PATH].join(delimiter) };
};
