import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleApp } from './bundle.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const buildApp = async (): Promise<void> => {
  const { outputFiles } = await bundleApp();
  for (const { path, contents } of outputFiles) replaceFile(path, contents);
  const built = new Set(outputFiles.map(({ path }) => path));
  for (const file of globSync('dist/**/*.{js,map}', { cwd: root })) {
    if (!built.has(join(root, file))) rmSync(join(root, file), { force: true });
  }
};

/** What is up to date is left alone and the rest replaced at once: another start may be loading the same files. */
const replaceFile = (file: string, contents: Uint8Array): void => {
  if (existsSync(file) && readFileSync(file).equals(contents)) return;
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, contents);
  renameSync(temporary, file);
};

await buildApp();
