import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { startAppProcess } from '../../local/app-process.ts';
import { patienceSeconds, root, temporaryFolder } from './npm-process.ts';
import { paste, replacePauses, untilPrinted } from './paste.ts';

const patience = { timeout: 500_000 };
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The first block of the README in that language that begins so; the address is where this test's app listens. */
const blockOf = (language: string, beginning: string, url: string): string => {
  const blocks = readme.split(`\`\`\`${language}\n`).slice(1);
  const block = blocks.map((text) => text.split('\n```')[0] ?? '').find((text) => text.startsWith(beginning));
  if (block === undefined) throw new Error(`The README has no ${language} block that begins with ${beginning}.`);
  return block.replace(/https?:\/\/127\.0\.0\.1:7071/, url);
};

describe.concurrent('the README', () => {
  it('has curl lines that work when pasted', patience, async ({ expect, onTestFinished }) => {
    const app = await startAppProcess({ timeoutSeconds: patienceSeconds });
    onTestFinished(async () => void (await app.end('SIGTERM')));
    const text = replacePauses(blockOf('sh', 'BASE=', app.url), [
      untilPrinted('call $BASE/routines/daily-summary/runs', 'FINISHED'),
    ]);
    const pasted = await paste(text, temporaryFolder(onTestFinished));
    const [preview, schedule, timer, dispatched, runs, filtered, disabled, ...rest] = pasted.output.trim().split('\n');
    const read = (line: string | undefined) => JSON.parse(line ?? '');
    expect(read(preview)).toMatchObject({ description: expect.stringContaining('07:00'), data: expect.any(Array) });
    expect(read(schedule)).toMatchObject({ name: 'daily-summary', catch_up_policy: 'enqueue_latest' });
    expect(read(timer)).toMatchObject({ name: 'reminder', next_fire_at: expect.any(String) });
    const { routine_run_id: id } = read(dispatched);
    const run = { id, status: 'FINISHED', output_text: 'echo-agent heard: Summarize today instead.' };
    expect(read(runs)).toMatchObject({ value: [run] });
    expect(read(filtered)).toMatchObject({ value: [run] });
    expect(read(disabled)).toMatchObject({ enabled: false });
    expect(rest.join('')).toBe('');
  });

  it('has commands for the control of runs that work when pasted into the same shell', patience, async (context) => {
    const { expect, onTestFinished } = context;
    const environment = { ATTEMPT_TIMEOUT_SECONDS: '120' };
    const app = await startAppProcess({ environment, timeoutSeconds: patienceSeconds });
    onTestFinished(async () => void (await app.end('SIGTERM')));
    const setup = blockOf('sh', 'BASE=', app.url).split('\n').slice(0, 2).join('\n');
    const runs = 'call $BASE/routines/nightly-report/runs';
    const control = replacePauses(blockOf('sh', '# One run at a time', app.url), [
      untilPrinted(runs, 'RUNNING'),
      untilPrinted(runs, 'overlap'),
      'sleep 6',
    ]);
    const pasted = await paste(`${setup}\n${control}`, temporaryFolder(onTestFinished));
    const lines = pasted.output.trim().split('\n');
    expect(lines, pasted.output).toHaveLength(7);
    const [routine, second, overlapping, cancelled, shown, retried, archived] = lines.map((line) => JSON.parse(line));
    const metadata = { team: 'blue', 'cost center': '4711' };
    expect(routine).toMatchObject({ name: 'nightly-report', concurrency_policy: 'skip_if_active', metadata });
    expect(cancelled).toMatchObject({ status: 'KILLED', error_type: 'cancelled', attempts: [{ number: 1 }], metadata });
    const { id: run } = cancelled;
    const skipped = { id: second.routine_run_id, status: 'KILLED', skip_reason: 'overlap', blocked_by: run };
    expect(overlapping).toMatchObject({ value: [skipped] });
    expect(shown).toEqual(cancelled);
    expect(retried).toMatchObject({ status: 'SCHEDULED', retry_of: run });
    expect(archived).toMatchObject({ name: 'nightly-report', archived_at: expect.any(String) });
  });

  it('has an agent of two minutes that completes', patience, async ({ expect, onTestFinished }) => {
    // The two minutes pass in twelve seconds here, which is more than an attempt may take.
    const app = await startAppProcess({
      environment: { SAMPLE_AGENT_SECONDS: '6', ATTEMPT_TIMEOUT_SECONDS: '5' },
      timeoutSeconds: patienceSeconds,
    });
    onTestFinished(async () => void (await app.end('SIGTERM')));
    const setup = blockOf('sh', 'BASE=', app.url).split('\n').slice(0, 2).join('\n');
    const runs = 'call $BASE/routines/thorough-report/runs';
    const long = replacePauses(blockOf('sh', '# Two minutes of work', app.url), [
      untilPrinted(runs, 'RUNNING'),
      untilPrinted(runs, 'FINISHED'),
    ]);
    const pasted = await paste(`${setup}\n${long}`, temporaryFolder(onTestFinished));
    const lines = pasted.output.trim().split('\n');
    expect(lines, pasted.output).toHaveLength(4);
    const [routine, dispatched, meanwhile, done] = lines.map((line) => JSON.parse(line));
    expect(routine).toMatchObject({ name: 'thorough-report', deadline_seconds: 300 });
    const id = dispatched.routine_run_id;
    expect(meanwhile).toMatchObject({ value: [{ id, status: 'RUNNING' }] });
    const attempts = [{ number: 1, status_code: 200 }];
    const said = 'thorough-agent heard: Look into everything.';
    expect(done).toMatchObject({ value: [{ id, status: 'FINISHED', output_text: said, attempts }] });
  });

  it('has JavaScript that works when pasted', patience, async ({ expect, onTestFinished }) => {
    const folder = temporaryFolder(onTestFinished);
    const app = await startAppProcess({ https: true, timeoutSeconds: patienceSeconds });
    onTestFinished(async () => void (await app.end('SIGTERM')));
    const [certificate, script] = [join(folder, 'certificate.pem'), join(folder, 'script.mjs')];
    writeFileSync(certificate, app.certificate ?? '');
    writeFileSync(script, blockOf('js', 'import', app.url).replace('(resolve, 4000)', '(resolve, 20_000)'));
    const run = `node --input-type=module < '${script}'`;
    const pasted = await paste(run, folder, { NODE_EXTRA_CA_CERTS: certificate });
    expect(pasted).toMatchObject({ code: 0, output: expect.stringMatching(/^\d{4}-\S+Z Finished\n$/) });
  });
});
