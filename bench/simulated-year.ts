import { parseArgs } from 'node:util';
import { openSimulatedStores, type StoreKind } from '../test/simulation/open-stores.ts';
import { simulate } from '../test/simulation/simulate.ts';

// A year of the service in simulated time, outages, clock steps and changes included; then its records are compared
// with an independent oracle's. Exits with 1 when they differ:
//   npm run simulate
//   npm run simulate -- --days 7 --store azurite --seed 2

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '366' },
    routines: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '2028-01-01' },
    store: { type: 'string', default: 'memory' },
  },
});

const whole = (name: 'days' | 'routines' | 'seed'): number => {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new Error(`--${name} "${values[name]}": expected a whole number from 1`);
};

const midnight = (text: string): Date => {
  const date = new Date(text);
  if (date.getTime() % 86_400_000 === 0) return date;
  throw new Error(`--from "${text}": expected a day such as 2028-01-01`);
};

const storeKind = (text: string): StoreKind => {
  if (text === 'memory' || text === 'azurite') return text;
  throw new Error(`--store "${text}": expected memory or azurite`);
};

const begin = performance.now();
const days = whole('days');
const routines = whole('routines');
const seed = whole('seed');
// A leap year by default: it has a 29 February.
const from = midnight(values.from);
const { stores, close } = await openSimulatedStores(storeKind(values.store));
const { figures, differences } = await simulate({ stores, from, days, routines, seed }).finally(close);

const wallSeconds = Math.round((performance.now() - begin) / 1000);
const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1024);
const lines = { store: values.store, from: values.from, days, routines, seed, ...figures, wallSeconds, peakMegabytes };
for (const [name, value] of Object.entries(lines)) console.log(`${name.padEnd(18)} ${value.toLocaleString('en-US')}`);
for (const difference of differences.slice(0, 50)) console.error(difference);
console.log(
  differences.length === 0 ? 'Runs, missed slots and due index are as expected.' : `${differences.length} differences`,
);
process.exitCode = differences.length === 0 ? 0 : 1;
