import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lint-rules-'));

const refused = [
  ['the clock in the domain', 'shared/domain/a.ts', 'export const x = () => Date.now();', 'Only shared/clock.ts'],
  ['the clock in a function', 'functions/a.ts', 'export const x = () => new Date();', 'Only shared/clock.ts'],
  [
    'the clock in an adapter',
    'shared/storage/a.ts',
    'export const x = () => performance.now();',
    'Only shared/clock.ts',
  ],
  ['randomness in a use case', 'shared/app/a.ts', 'export const x = () => Math.random();', 'Only shared/randomness.ts'],
  ['the environment in an adapter', 'shared/agents/a.ts', 'export const x = () => process.env.X;', 'process.env'],
  [
    'a use case in the domain',
    'shared/domain/b.ts',
    "export * from '../app/schedule/tick.ts';",
    'shared/domain is pure',
  ],
  ['Azure in the domain', 'shared/domain/c.ts', "import '@azure/functions';", 'shared/domain is pure'],
  ['zod in the domain', 'shared/domain/d2.ts', "import 'zod';", 'shared/domain is pure'],
  ['an adapter in a use case', 'shared/app/b.ts', "import '../storage/tables/run-store.ts';", 'never an adapter'],
  ['an SDK in a use case', 'shared/app/c.ts', "import '@azure/storage-queue';", 'never an adapter'],
  ['HTTP in an adapter', 'shared/storage/queues/a.ts', "import '../../http/errors.ts';", 'An adapter knows'],
  ['an adapter behind HTTP', 'shared/http/a.ts', "import '../storage/tables/run-store.ts';", 'HTTP talks to use cases'],
  ['local code in the product', 'functions/b.ts', "import '../local/azurite.ts';", 'No product code'],
  [
    'an adapter in a function',
    'functions/c.ts',
    "import '../shared/storage/tables/run-store.ts';",
    'A function talks to',
  ],
] as const;

const allowed = [
  ['the clock in its one place', 'shared/clock.ts', 'export const now = () => new Date();'],
  ['an instant made of a number', 'shared/domain/d.ts', 'export const x = (ms: number) => new Date(ms);'],
  ['the domain in a use case', 'shared/app/d.ts', "export * from '../domain/run.ts';"],
  ['a use case in a function', 'functions/d.ts', "export { services } from '../shared/services.ts';"],
] as const;

/** What the linter says, in one run over a folder that has our rules and nothing but these files. */
let said = '';

beforeAll(() => {
  cpSync(join(root, '.biome'), join(folder, '.biome'), { recursive: true });
  const config = { ...JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')), vcs: { enabled: false } };
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, $schema: undefined }));
  for (const [, file, text] of [...refused, ...allowed]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${text}\n`);
  }
  const biome = join(root, 'node_modules/.bin/biome');
  said = spawnSync(biome, ['lint', '--max-diagnostics=none', '.'], { cwd: folder, encoding: 'utf8' }).stderr;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The diagnostics of one file: each begins with its place at the start of a line. */
const saidOf = (file: string): string =>
  said
    .split(/^(?=\S+\.ts(?::\d+)+ )/m)
    .filter((part) => part.startsWith(`${file}:`))
    .join('');

describe('the linter', () => {
  it.each(refused)('refuses %s', (_what, file, _text, message) => {
    expect(saidOf(file)).toContain(message);
  });

  it.each(allowed)('allows %s', (_what, file) => {
    expect(saidOf(file)).toBe('');
    expect(said).not.toBe('');
  });
});
