import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ringNames, rings } from './rings.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const filesOf = (include: readonly string[], exclude: readonly string[] = []) =>
  globSync([...include], { cwd: root, exclude: [...exclude] }).toSorted();
const testFiles = filesOf(['test/**/*.test.ts']);

test('every test file is in exactly one ring', () => {
  const inRings = ringNames.flatMap((name) => filesOf(rings[name].include, rings[name].exclude));
  expect(inRings.toSorted()).toEqual(testFiles);
});

test('no ring names a test file that is not there', () => {
  const names = ringNames.flatMap((name) => [...rings[name].include, ...rings[name].exclude]);
  const single = names.filter((name) => !name.includes('*'));
  expect(single.filter((name) => !testFiles.includes(name))).toEqual([]);
});
