import { parseArgs } from 'node:util';
import type { AppLife } from '../test/soak/app-lives.ts';
import { runSoak } from '../test/soak/soak.ts';

/**
 * Drives the built app for a long time with mixed load, faults, restarts and outages, and checks at the end that every
 * promise was kept and that its memory stayed flat. Ends with 1 when something is wrong.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    clients: { type: 'string', default: '4' },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const clients = Number(values.clients);
if (!(minutes > 0) || !Number.isInteger(seed) || !(clients > 0)) {
  console.error(
    `Found --minutes ${values.minutes} --seed ${values.seed}; expected a number above 0 and a whole number`,
  );
  process.exit(1);
}

const warmUpMs = 60_000;
const mostGrowth = 1.5;

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Of one life, in MiB: when it has warmed up, at its end, and at most. */
const memoryOf = ({ startedAt, memory }: AppLife) => {
  const warm = memory.filter(({ at }) => at - startedAt >= warmUpMs).map(({ residentMiB }) => residentMiB);
  const start = median(warm.slice(0, 5));
  const end = median(warm.slice(-5));
  return { start, end, peak: Math.max(...memory.map(({ residentMiB }) => residentMiB)) };
};

const result = await runSoak({
  seconds: minutes * 60,
  seed,
  clients,
  say: console.log,
});

console.log(`\nCounts (seed ${seed}, ${minutes} minutes)`);
for (const [name, count] of Object.entries(result.counts)) console.log(`  ${String(count).padStart(8)}  ${name}`);

console.log('\nResident memory of each life of the app, in MiB: after a minute, at the end, at most');
for (const life of result.lives) {
  const { start, end, peak } = memoryOf(life);
  const lived = Math.round(((life.endedAt ?? Date.now()) - life.startedAt) / 1000);
  console.log(
    `  ${String(lived).padStart(5)} s  ${[start, end, peak].map((size) => size.toFixed(0).padStart(5)).join('  ')}`,
  );
}

const last = result.lives.at(-1);
const { start, end } = last === undefined ? { start: Number.NaN, end: Number.NaN } : memoryOf(last);
const hasGrown = end > start * mostGrowth;
if (hasGrown)
  console.log(
    `\nThe last life grew from ${start.toFixed(0)} to ${end.toFixed(0)} MiB, at most ${mostGrowth} times is expected`,
  );
for (const violation of result.violations) console.log(`VIOLATION ${violation}`);
console.log(result.violations.length === 0 && !hasGrown ? '\nNothing is wrong.' : '\nSomething is wrong.');
process.exitCode = result.violations.length === 0 && !hasGrown ? 0 : 1;
