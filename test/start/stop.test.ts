import { type ClientRequest, request } from 'node:http';
import { describe, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { type NpmProcess, runNpm, temporaryFolder, waitFor } from './npm-process.ts';

const patience = { timeout: 500_000 };

const ways: readonly { readonly how: string; readonly send: (npm: NpmProcess) => void; readonly twice?: true }[] = [
  { how: 'SIGTERM to npm', send: (npm) => npm.signal('SIGTERM') },
  { how: 'Ctrl+C in the terminal, which reaches npm and what it started', send: (npm) => npm.signalGroup('SIGINT') },
  { how: 'SIGINT to npm, and once more', send: (npm) => npm.signal('SIGINT'), twice: true },
  { how: 'SIGTERM to everybody, and once more', send: (npm) => npm.signalGroup('SIGTERM'), twice: true },
];

describe.concurrent('npm start', () => {
  it.for(ways)('stops with 0 and leaves no process behind: $how', patience, async (way, { expect, onTestFinished }) => {
    const folder = temporaryFolder(onTestFinished);
    const npm = runNpm(['start'], onTestFinished, { environment: { DATA_DIR: folder } });
    const url = await npm.ready();
    expect(npm.output()).toContain(`This is Node ${manifest.devDependencies.node}.`);
    expect(npm.isAnyLeft()).toBe(true);

    const unfinished = await sendHalfARequest(`${url}/api/projects/demo/routines/half`);
    way.send(npm);
    await waitFor('it is stopping', () => npm.output().includes('Stopping; what runs now has 8 s to end.'));
    if (way.twice) way.send(npm);
    unfinished.destroy();

    expect(await npm.ended).toBe(0);
    await waitFor('no process is left', () => !npm.isAnyLeft());
    await expect(fetch(url)).rejects.toThrow();
  });
});

/** Keeps the service from ending at once, so that a second signal meets a stop under way. */
const sendHalfARequest = (url: string): Promise<ClientRequest> =>
  new Promise((resolve) => {
    const half = request(url, { method: 'PUT', headers: { 'content-length': '2', expect: '100-continue' } });
    half.on('error', () => undefined);
    // The service has read the headers and waits for the body.
    half.once('continue', () => resolve(half));
    half.flushHeaders();
  });
