import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// What a fresh process takes to load the built app, against the storage SDKs alone, imported from node_modules:
//   npm run bench:load
// Limit: 1.2 times the SDKs for `tick` and `deliver`. Exits with 1 when it is missed. The line of the whole app has no
// limit: it is what an instance loads, as the platform's worker imports the file of every function.

const limit = 1.2;
const rounds = 15;

const root = fileURLToPath(new URL('..', import.meta.url));
const storageSdks = ['@azure/data-tables', '@azure/storage-queue'];
const tickAndDeliver = ['./dist/functions/tick.js', './dist/functions/deliver.js'];
const wholeApp = globSync('dist/functions/*.js', { cwd: root }).map((file) => `./${file}`);

const environment = {
  PATH: process.env.PATH,
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  AGENT_PROJECT_ENDPOINT: 'http://127.0.0.1:1',
};

/** Milliseconds. The start of Node itself is not in it. */
const measure = (modules: readonly string[]): number => {
  const script = `
    const begin = performance.now();
    for (const name of ${JSON.stringify(modules)}) await import(name);
    process.stdout.write(String(performance.now() - begin));`;
  const answer = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: root,
    env: environment,
    encoding: 'utf8',
    // Without the platform's worker `@azure/functions` warns that nothing is registered.
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return Number(answer);
};

/** In turns, and the best of the rounds: other processes only ever add time. */
const bestOf = (loads: readonly (readonly string[])[]): readonly number[] => {
  const best = loads.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    for (const [index, modules] of loads.entries()) {
      best[index] = Math.min(best[index] ?? Number.POSITIVE_INFINITY, measure(modules));
    }
  }
  return best;
};

const [sdks = 0, functions = 0, everything = 0] = bestOf([storageSdks, tickAndDeliver, wholeApp]);
const ratio = functions / sdks;
const isMissed = ratio > limit;
const line = (label: string, milliseconds: number, remark: string): void =>
  console.log(`${label.padEnd(26)} ${milliseconds.toFixed(0).padStart(5)} ms  ${remark}`);
line('storage SDKs', sdks, '1.00');
line('tick and deliver', functions, `${ratio.toFixed(2)} of ${limit}${isMissed ? '  MISSED' : ''}`);
line('all functions', everything, (everything / sdks).toFixed(2));
process.exitCode = isMissed ? 1 : 0;
