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

const median = (numbers: readonly number[]): number | undefined =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Of one life, in MiB: when it has warmed up, at its end, and at most. Null of one that was too short for it. */
const memoryOf = ({ startedAt, memory }: AppLife) => {
  const warm = memory.filter(({ at }) => at - startedAt >= warmUpMs).map(({ residentMiB }) => residentMiB);
  const [start, end] = [median(warm.slice(0, 5)), median(warm.slice(-5))];
  if (start === undefined || end === undefined) return null;
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
  const memory = memoryOf(life);
  if (memory === null) continue;
  const { start, end, peak } = memory;
  const lived = Math.round(((life.endedAt ?? Date.now()) - life.startedAt) / 1000);
  console.log(
    `  ${String(lived).padStart(5)} s  ${[start, end, peak].map((size) => size.toFixed(0).padStart(5)).join('  ')}`,
  );
}

const tooShort = result.lives.filter((life) => memoryOf(life) === null).length;
if (tooShort > 0) console.log(`  ${tooShort} others ended within a minute`);

const last = result.lives.at(-1);
const memory = last === undefined ? null : memoryOf(last);
const hasGrown = memory !== null && memory.end > memory.start * mostGrowth;
if (hasGrown)
  console.log(
    `\nThe last life grew from ${memory.start.toFixed(0)} to ${memory.end.toFixed(0)} MiB, at most ${mostGrowth} times is expected`,
  );
for (const violation of result.violations) console.log(`VIOLATION ${violation}`);
console.log(result.violations.length === 0 && !hasGrown ? '\nNothing is wrong.' : '\nSomething is wrong.');
process.exitCode = result.violations.length === 0 && !hasGrown ? 0 : 1;
