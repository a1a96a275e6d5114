import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildResult, build } from 'esbuild';
import { z } from 'zod';

const root = fileURLToPath(new URL('..', import.meta.url));

const { dependencies } = z
  .object({ dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));

/**
 * What Azure installs beside the built app: the dependencies of package.json, which is `@azure/functions` alone. It must
 * be the one instance that the platform's worker knows. The worker itself answers to `@azure/functions-core`.
 */
export const outside: readonly string[] = [...Object.keys(dependencies), '@azure/functions-core'];

/** CommonJS packages ask for Node's modules with `require`, which an ES module does not have. */
const requireForPackages =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

/**
 * Bundles every file of functions/ to dist/functions, and what they share to dist/chunks. The npm packages are bundled
 * too: a file that Node has to find, read and link costs more than the code in it. A dynamic import stays lazy, in a
 * chunk that is read only then. Writes nothing.
 */
export const bundleApp = (): Promise<BuildResult<{ write: false; metafile: true }>> =>
  build({
    absWorkingDir: root,
    entryPoints: ['functions/*.ts'],
    outdir: 'dist',
    entryNames: 'functions/[name]',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    external: [...outside],
    // cron-parser requires luxon's CommonJS build and this app imports the other one: one copy is enough.
    alias: { luxon: './node_modules/luxon/build/es6/luxon.mjs' },
    banner: { js: requireForPackages },
    sourcemap: true,
    metafile: true,
    logLevel: 'warning',
    write: false,
  });
