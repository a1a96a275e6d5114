import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Each file with the files that it imports, both from the root of the repository. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Of `import … from`, `export … from`, `import '…'` and `import('…')`; imports of types count as well. */
const relativeImport = /(?:\bfrom\s+|\bimport\s+|\bimport\()'(\.[^']+)'/g;

export const importsOf = (file: string, text: string): readonly string[] =>
  [...text.matchAll(relativeImport)].map(([, path = '']) => posix.join(posix.dirname(file), path));

/** Reads the TypeScript files of some folders. */
export const readImports = (folders: readonly string[]): ImportGraph =>
  new Map(
    folders
      .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
      .sort()
      .map((file) => [file, importsOf(file, readFileSync(`${root}/${file}`, 'utf8'))]),
  );

/** For each file in a circle the shortest one, as a chain of files that ends where it began; no circle twice. */
export const circlesIn = (graph: ImportGraph): readonly string[] => {
  const circles = new Map<string, string>();
  for (const file of graph.keys()) {
    const circle = shortestWayBack(graph, file);
    if (circle !== undefined) circles.set([...circle].sort().join(), [...circle, file].join(' → '));
  }
  return [...circles.values()];
};

/** Breadth first: the files from `start` to the one that imports it. */
const shortestWayBack = (graph: ImportGraph, start: string): readonly string[] | undefined => {
  const ways: (readonly string[])[] = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of graph.get(way.at(-1) ?? start) ?? []) {
      if (next === start) return way;
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
};
