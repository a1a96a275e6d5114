import { describe, it } from 'vitest';
import { runNpm, temporaryFolder, waitFor } from './npm-process.ts';
import { paste, replacePauses, snippetAfter, untilPrinted } from './paste.ts';

const patience = { timeout: 500_000 };

const key = 'a-key-for-this-test-alone';
const apiKeys = JSON.stringify([
  { name: 'watcher', key: 'another-key-that-only-reads', role: 'reader', project: '*' },
  { name: 'author', key, role: 'contributor', project: 'team-a' },
]);

const withKey = { AUTH_MODE: 'key', API_KEYS: apiKeys };

const modes = [
  { mode: 'over http', args: [], settings: {}, project: 'demo' },
  { mode: 'with --https', args: ['--', '--https'], settings: {}, project: 'demo' },
  { mode: 'with AUTH_MODE=key', args: [], settings: withKey, project: 'team-a', pasteWith: { ROUTINES_KEY: key } },
  {
    mode: 'with AUTH_MODE=key and --https',
    args: ['--', '--https'],
    settings: withKey,
    project: 'team-a',
    pasteWith: { ROUTINES_KEY: key },
  },
] as const;

describe.concurrent('what npm start prints', () => {
  it.for(modes)('works when pasted, $mode', patience, async (given, { expect, onTestFinished }) => {
    const folder = temporaryFolder(onTestFinished);
    const npm = runNpm(['start', ...given.args], onTestFinished, {
      environment: { DATA_DIR: folder, ...given.settings },
    });
    const base = `${await npm.ready()}/api/projects/${given.project}`;
    await waitFor('all is announced', () => npm.output().includes('\nStop with Ctrl+C.\n'));
    const announcement = npm.output();
    expect(announcement).toContain(`Agent Routines is ready:  ${base}\n`);
    expect(announcement).toContain('PUT     /projects/{project}/routines/{name}\n');
    expect(announcement).toContain('POST    /projects/{project}/routines/{name}:{action}\n');
    expect(announcement).not.toContain(key);

    const trust = given.args.length > 0 ? snippetAfter(announcement, 'Its certificate was made') : '';
    const pasteWith = 'pasteWith' in given ? given.pasteWith : {};
    const pasteHere = (snippet: string) => paste(`${trust}\n${snippet}`, folder, pasteWith);
    const curl = snippetAfter(announcement, 'Try it with curl');
    const [, showRuns = ''] = /\bsleep \d+; (.*)$/.exec(curl) ?? [];
    const [byCurl, bySdk] = await Promise.all([
      pasteHere(replacePauses(curl, [untilPrinted(showRuns, 'FINISHED')])),
      pasteHere(snippetAfter(announcement, 'Or with the official SDK')),
    ]);

    const [routine, runs] = byCurl.output.trim().split('\n');
    expect(JSON.parse(routine ?? '')).toMatchObject({ name: 'hello', enabled: true });
    expect(JSON.parse(runs ?? '')).toMatchObject({
      value: [
        { status: 'FINISHED', attempt_source: 'timer_delivery', output_text: 'echo-agent heard: Hello from a routine' },
      ],
    });
    expect(bySdk.output).toMatch(/dispatch_id: 'dispatch_[0-9a-f]{32}'/);
    expect([byCurl.code, bySdk.code]).toEqual([0, 0]);

    npm.signal('SIGTERM');
    expect(await npm.ended).toBe(0);
  });
});
