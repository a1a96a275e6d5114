import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));

export interface AppRootOptions {
  /** Functions that the host does not get to see, as if the platform had lost them. */
  readonly without?: readonly string[];
  /** How long a message that failed stays invisible. */
  readonly visibilityTimeout?: string;
}

/** Makes of an empty folder the built app, but for what is asked. */
export const makeAppRoot = (folder: string, { without = [], visibilityTimeout }: AppRootOptions): string => {
  const files = readdirSync(join(repository, 'dist/functions')).filter((file) => file.endsWith('.js'));
  mkdirSync(join(folder, 'functions'));
  for (const file of files) {
    if (without.includes(file.slice(0, -'.js'.length))) continue;
    symlinkSync(join(repository, 'dist/functions', file), join(folder, 'functions', file));
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', main: 'functions/*.js' }));
  const host = JSON.parse(readFileSync(join(repository, 'host.json'), 'utf8'));
  if (visibilityTimeout !== undefined) host.extensions.queues.visibilityTimeout = visibilityTimeout;
  writeFileSync(join(folder, 'host.json'), JSON.stringify(host));
  return folder;
};
