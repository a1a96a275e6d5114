import { describe, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { type NpmProcess, runNpm, temporaryFolder, waitFor } from './npm-process.ts';

const patience = { timeout: 90_000 };

const ways: readonly { readonly how: string; readonly send: (npm: NpmProcess) => void }[] = [
  { how: 'SIGTERM to npm', send: (npm) => npm.signal('SIGTERM') },
  { how: 'Ctrl+C in the terminal, which reaches npm and what it started', send: (npm) => npm.signalGroup('SIGINT') },
  {
    how: 'SIGINT to npm, twice',
    send: (npm) => {
      npm.signal('SIGINT');
      setTimeout(() => npm.signal('SIGINT'), 50);
    },
  },
  {
    how: 'SIGTERM to everybody, twice',
    send: (npm) => {
      npm.signalGroup('SIGTERM');
      setTimeout(() => npm.signalGroup('SIGTERM'), 50);
    },
  },
];

describe.concurrent('npm start', () => {
  it.for(ways)('stops with 0 and leaves no process behind: $how', patience, async ({ send }, context) => {
    const folder = temporaryFolder(context.onTestFinished);
    const npm = runNpm(['start'], context.onTestFinished, { environment: { DATA_DIR: folder } });
    const url = await npm.ready();
    context.expect((await fetch(`${url}/api/health`)).status).toBe(200);
    context.expect(npm.output()).toContain(`This is Node ${manifest.devDependencies.node}.`);
    context.expect(npm.isAnyLeft()).toBe(true);
    send(npm);
    context.expect(await npm.ended).toBe(0);
    await waitFor('no process is left', () => !npm.isAnyLeft());
    await context.expect(fetch(url)).rejects.toThrow();
  });
});
