import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A change of one file, or a file that is new. */
export type Edit =
  | { readonly file: string; readonly find: RegExp; readonly put: string }
  | { readonly file: string; readonly text: string };

/** An error of the compiler; its message goes over several lines. */
export interface CompilerError {
  readonly file: string;
  readonly message: string;
}

/** The file with an edit; throws when there is nothing to edit, so that no case passes for the lack of it. */
const edited = (file: string, edit: Edit): string => {
  if ('text' in edit) return edit.text;
  const before = readFileSync(file, 'utf8');
  const after = before.replace(edit.find, edit.put);
  if (after === before) throw new Error(`${edit.file} has no ${edit.find}: the case has to follow the code`);
  return after;
};

const product = ['functions', 'shared'];

/** Compiles these folders of a copy of the repository after these edits. No error: they compile. */
export const compileEdited = (edits: readonly Edit[], folders = product): readonly CompilerError[] => {
  const folder = mkdtempSync(join(tmpdir(), 'edited-'));
  try {
    for (const part of ['functions', 'shared', 'local', 'test', 'package.json']) {
      cpSync(join(root, part), join(folder, part), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const settings = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...settings, include: folders }));
    for (const edit of edits) writeFileSync(join(folder, edit.file), edited(join(folder, edit.file), edit));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    return errorsIn(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const errorsIn = (output: string): readonly CompilerError[] =>
  output.split(/^(?=\S+\(\d+,\d+\): error )/m).flatMap((message) => {
    const file = /^(\S+)\(\d+,\d+\): error /.exec(message)?.[1];
    return file === undefined ? [] : [{ file, message }];
  });
