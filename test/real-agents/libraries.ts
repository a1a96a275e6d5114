import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/**
 * The server libraries of hosted agents, in a Python environment that is made when it is missing. Which versions is said
 * in `libraries.json` alone.
 *
 * Without Python, without its `venv`, or where no package can be fetched, there are none, and `why` says so. With
 * `REAL_AGENTS=required` that is an error. An environment that cannot be made for another reason is always one.
 */
export type Libraries = { readonly python: string } | { readonly why: string };

export const editions = ['stable', 'newest'] as const;
export type Edition = (typeof editions)[number];

const folder = fileURLToPath(new URL('.', import.meta.url));
export const repository = fileURLToPath(new URL('../..', import.meta.url));
const environments = join(repository, '.python');
const pinned = z.record(z.enum([...editions, 'both']), z.array(z.string()));
/** The least that the libraries run on. */
const leastVersion = [3, 10] as const;

export const installLibraries = async (edition: Edition): Promise<Libraries> => {
  const found = await findOrMake(edition);
  if ('why' in found && process.env.REAL_AGENTS === 'required') throw new Error(`REAL_AGENTS=required: ${found.why}`);
  return found;
};

const findOrMake = async (edition: Edition): Promise<Libraries> => {
  const pins = pinned.parse(JSON.parse(readFileSync(join(folder, 'libraries.json'), 'utf8')));
  const wanted = [...pins[edition], ...pins.both];
  const version = createHash('sha256').update(wanted.join('\n')).digest('hex').slice(0, 8);
  const environment = join(environments, `${edition}-${version}`);
  const python = join(environment, 'bin', 'python');
  // The last step of making one: an environment that was cut off is made anew.
  const made = join(environment, 'made');
  if (existsSync(made)) return { python };
  rmSync(environment, { recursive: true, force: true });
  mkdirSync(environments, { recursive: true });
  const missing = (await whyNoPython()) ?? (await makeEnvironment(environment)) ?? (await install(python, wanted));
  if (missing !== null) return { why: missing };
  writeFileSync(made, '');
  return { python };
};

const systemPython = process.env.PYTHON ?? 'python3';

const whyNoPython = async (): Promise<string | null> => {
  const program = 'import sys; print(*sys.version_info[:2])';
  const asked = await run(systemPython, ['-c', program]);
  const least = leastVersion.join('.');
  if (asked.failed) return `there is no ${systemPython}; Python ${least} or newer is needed`;
  const [major = 0, minor = 0] = asked.output.trim().split(' ').map(Number);
  const isOldEnough = major > leastVersion[0] || (major === leastVersion[0] && minor >= leastVersion[1]);
  return isOldEnough ? null : `${systemPython} is ${major}.${minor}; Python ${least} or newer is needed`;
};

const makeEnvironment = async (environment: string): Promise<string | null> => {
  const made = await run(systemPython, ['-m', 'venv', environment]);
  if (!made.failed) return null;
  if (/ensurepip|No module named venv/.test(made.output)) return `${systemPython} comes without its module venv`;
  throw new Error(`No Python environment could be made:\n${made.output}`);
};

/** Of pip's words only these mean that the index was never reached; all else is an error of ours or of the packages. */
const unreached = /connection broken by|Max retries exceeded|Could not fetch URL|Network is unreachable/;

const install = async (python: string, wanted: readonly string[]): Promise<string | null> => {
  const installed = await run(python, ['-m', 'pip', 'install', '--retries', '1', ...wanted]);
  if (!installed.failed) return null;
  if (unreached.test(installed.output)) return 'no package index for Python can be reached';
  throw new Error(`The server libraries could not be installed:\n${installed.output}`);
};

interface Ended {
  readonly failed: boolean;
  readonly output: string;
}

const run = (command: string, args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(command, [...args], { maxBuffer: 64 * 1024 * 1024 }, (error, out, err) =>
      resolve({ failed: error !== null, output: out + err }),
    );
  });
