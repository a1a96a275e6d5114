import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from './local-settings.ts';

const sqliteBusy = 5;

/**
 * Two Azurites on one folder would destroy each other's files. The lock is SQLite's lock on a file, because the system
 * drops it with the process, however that ends; a process id in a file could belong to another process by now.
 * Throws StartError while another start holds the folder, or when it can't be made. Answers with the release.
 */
export const lockDataDirectory = (directory: string): (() => void) => {
  try {
    mkdirSync(directory, { recursive: true });
    const lock = new DatabaseSync(join(directory, 'lock'));
    lock.exec('BEGIN EXCLUSIVE');
    return () => lock.close();
  } catch (cause) {
    if (isBusy(cause)) {
      throw new StartError(
        `DATA_DIR: "${directory}" is in use by another start; stop that one, or set another DATA_DIR`,
      );
    }
    const reason = cause instanceof Error ? cause.message : cause;
    throw new StartError(
      `DATA_DIR: "${directory}" can't be used (${reason}); expected a folder that can be written to`,
      {
        cause,
      },
    );
  }
};

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
