import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Bundles every file of functions/ into dist/functions, what they share into dist/chunks. npm packages stay outside:
 * `@azure/functions` must be the one instance that the platform's worker knows.
 */
const buildApp = async (): Promise<void> => {
  await rm(`${root}/dist`, { recursive: true, force: true });
  await build({
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
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
  });
};

await buildApp();
