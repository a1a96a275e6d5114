import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What the samples leave to be filled in. */
export interface SampleVariables extends Readonly<Record<string, string>> {
  readonly PROJECT_ENDPOINT: string;
  readonly TOKEN: string;
  readonly AGENT_NAME: string;
}

export interface SampleAnswer {
  readonly status: number;
  /** The parsed JSON; undefined when there was no body. */
  readonly body: unknown;
}

/** One way to run the text of a sample. */
export interface SampleRunner {
  run(text: string, variables: SampleVariables): Promise<SampleAnswer>;
  close(): void;
}

const answerOf = (status: number, text: string): SampleAnswer => ({
  status,
  body: text === '' ? undefined : JSON.parse(text),
});

/** Whether this machine has what the samples are written for. */
export const hasCurl = (): boolean => {
  try {
    execFileSync('bash', ['-c', 'curl --version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/**
 * Runs a sample as written, with bash and curl. What is not in its text comes from curl's own configuration file: the
 * certificate to trust, no proxy, and the status after the body.
 */
export const curlRunner = (certificate: string): SampleRunner => {
  const home = mkdtempSync(join(tmpdir(), 'documentation-samples-'));
  const certificateFile = join(home, 'certificate.pem');
  writeFileSync(certificateFile, certificate);
  writeFileSync(join(home, '.curlrc'), 'noproxy = "*"\nwrite-out = "\\n%{http_code}"\n');
  return {
    run: async (text, variables) => {
      const env = { ...process.env, ...variables, CURL_HOME: home, CURL_CA_BUNDLE: certificateFile };
      const { stdout } = await promisify(execFile)('bash', ['-eu', '-c', text], { env });
      const end = stdout.lastIndexOf('\n');
      return answerOf(Number(stdout.slice(end)), stdout.slice(0, end));
    },
    close: () => rmSync(home, { recursive: true }),
  };
};

/** Sends the request that a sample describes, on a machine without bash or curl. */
export const fetchRunner = (): SampleRunner => ({
  run: async (text, variables) => {
    const [url, init] = toRequest(shellWords(text, variables));
    const response = await fetch(url, init);
    return answerOf(response.status, await response.text());
  },
  close: () => undefined,
});

/** As much of curl's command line as the samples use. */
const toRequest = ([command, ...words]: readonly string[]): [string, RequestInit] => {
  if (command !== 'curl') throw new Error(`The sample runs "${command}"; expected curl`);
  let url = '';
  let [method, body]: [string?, string?] = [];
  const headers = new Headers();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '-X') method = words[++index];
    else if (word === '-d') body = words[++index];
    else if (word === '-H') headers.append(...toHeader(words[++index] ?? ''));
    else if (word !== '-sS') url = word;
  }
  return [url, { method, body, headers }];
};

const toHeader = (line: string): [string, string] => {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
};

const shellToken = /\\\n|(?<space>\s+)|'(?<raw>[^']*)'|"(?<quoted>[^"]*)"|(?<bare>[^\s'"\\]+)/gy;

/** The words of a command, by as much of the shell's quoting as the samples use. Comment lines are left out. */
const shellWords = (text: string, variables: SampleVariables): string[] => {
  const command = text.replace(/^#.*\n/gm, '').trim();
  const words = [''];
  let read = 0;
  for (const { 0: token, groups = {} } of command.matchAll(shellToken)) {
    read += token.length;
    const { space, raw, quoted, bare } = groups;
    if (space !== undefined) words.push('');
    else words.push((words.pop() ?? '') + (raw ?? bare ?? withVariables(quoted ?? '', variables)));
  }
  if (read !== command.length) throw new Error(`The sample cannot be read from here on: ${command.slice(read)}`);
  return words;
};

const withVariables = (text: string, variables: SampleVariables): string =>
  text.replace(/\$([A-Z_]+)/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`The sample uses $${name}, which nobody fills in`);
    return value;
  });
