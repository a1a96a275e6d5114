import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { startAzurite } from '../local/azurite.ts';
import { systemClock } from '../shared/clock.ts';
import { ensureStorage } from '../shared/storage/ensure-storage.ts';
import { type LedgerEntry, startAgentServer } from '../test/real-agents/agent-server.ts';
import { startGateway } from '../test/real-agents/gateway.ts';
import { installLibraries } from '../test/real-agents/libraries.ts';
import { startKillableHost } from './killable-host.ts';

/**
 * Many background responses of a real agent server, while the worker and the host of the app are killed. Counts in the
 * agent's ledger how often each run was executed, and compares it with the run's record. Ends with 1 when an execution
 * was repeated, or when a record says something else than what happened.
 */
const edition = z.enum(['stable', 'newest']);
const whole = z.coerce.number().int().min(0);
const options = z
  .object({
    runs: whole.min(1),
    seconds: whole,
    'worker-kills': whole,
    'host-kills': whole,
    lock: whole.min(1),
    edition,
  })
  .parse(
    parseArgs({
      options: {
        runs: { type: 'string', default: '200' },
        seconds: { type: 'string', default: '60' },
        'worker-kills': { type: 'string', default: '4' },
        'host-kills': { type: 'string', default: '2' },
        /** How long messages of a killed host stay locked; ten minutes on the platform. */
        lock: { type: 'string', default: '30' },
        edition: { type: 'string', default: 'newest' },
      },
    }).values,
  );

const prefix = 'kills';
const folder = mkdtempSync(join(tmpdir(), 'background-kills-'));
const libraries = await installLibraries(options.edition);
if ('why' in libraries) throw new Error(`No real agent can be started: ${libraries.why}.`);

const azurite = await startAzurite({ inMemory: true });
await ensureStorage({ kind: 'connection_string', connectionString: azurite.connectionString, prefix }, systemClock);
const server = await startAgentServer({ python: libraries.python, folder: join(folder, 'agent') });
const gateway = await startGateway(new Map([['steady', server.url]]));
const host = await startKillableHost({
  AzureWebJobsStorage: azurite.connectionString,
  STORAGE_PREFIX: prefix,
  AGENT_PROJECT_ENDPOINT: gateway.endpoint,
  AGENT_VALIDATION: 'off',
  LOCAL_QUEUE_LOCK_SECONDS: String(options.lock),
});
const startedAt = Date.now();
const sinceStart = (): string => `${((Date.now() - startedAt) / 1000).toFixed(0).padStart(4)} s`;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until there is an answer: the host may be dead. */
const send = async (method: string, path: string, body?: object): Promise<unknown> => {
  for (;;) {
    const answer = await fetch(`${host.url()}/api/projects/demo/routines/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    }).catch(() => null);
    if (answer?.ok) return answer.json();
    await sleep(200);
  }
};

const shownRun = z.object({
  id: z.string(),
  status: z.string(),
  ended_at: z.string().optional(),
  response_id: z.string().optional(),
  output_text: z.string().optional(),
  error_type: z.string().optional(),
  error_message: z.string().optional(),
  attempts: z.array(z.object({ status_code: z.number().optional(), error_type: z.string().optional() })),
});
type ShownRun = z.infer<typeof shownRun>;

const type = 'invoke_agent_responses_api';
const orderOf = (name: string) => ({ case: name, do: 'say', text: `${name} is done`, seconds: options.seconds });
const names = Array.from({ length: options.runs }, (_, number) => `work-${number}`);

const begin = async (): Promise<ReadonlyMap<string, string>> => {
  await send('PUT', 'work', {
    triggers: { monthly: { type: 'schedule', cron_expression: '0 0 1 * *' } },
    action: { type, agent_name: 'steady', input: '' },
  });
  const runIds = new Map<string, string>();
  for (const name of names) {
    const payload = { type, input: JSON.stringify(orderOf(name)) };
    const answer = await send('POST', 'work:dispatch_async', { payload });
    runIds.set(name, z.object({ routine_run_id: z.string() }).parse(answer).routine_run_id);
  }
  return runIds;
};

/** Worker and host in turn, spread over what the agent does: so deaths meet acceptances, polls and ends. */
const planKills = (): readonly ('worker' | 'host')[] => {
  const left = { worker: options['worker-kills'], host: options['host-kills'] };
  const plan: ('worker' | 'host')[] = [];
  while (left.worker + left.host > 0) {
    const next = left.worker >= left.host ? 'worker' : 'host';
    left[next] -= 1;
    plan.push(next);
  }
  return plan;
};

const kills = planKills();
const killAlong = async (): Promise<void> => {
  for (const [index, kill] of kills.entries()) {
    const threshold = ((index + 1) / (kills.length + 1)) * 2 * options.runs;
    while (server.ledger().length < threshold) await sleep(50);
    console.log(
      `${sinceStart()}  the ${kill} is killed, ${Math.round(threshold)} of ${2 * options.runs} in the ledger`,
    );
    if (kill === 'worker') host.killWorker();
    else await host.kill();
  }
};

const ended = async (runIds: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, ShownRun>> => {
  const runs = new Map<string, ShownRun>();
  let told = -1;
  while (runs.size < runIds.size) {
    for (const [name, id] of runIds) {
      if (runs.has(name)) continue;
      const run = shownRun.parse(await send('GET', `work/runs/${id}`));
      if (run.ended_at !== undefined) runs.set(name, run);
    }
    if (Math.floor((runs.size / runIds.size) * 10) > told) {
      told = Math.floor((runs.size / runIds.size) * 10);
      console.log(`${sinceStart()}  ${runs.size} of ${runIds.size} runs have ended`);
    }
    await sleep(1000);
  }
  return runs;
};

interface Verdict {
  readonly executions: number;
  readonly says: string;
  /** What is wrong with it. */
  readonly wrong?: string;
}

const judge = (name: string, run: ShownRun, ledger: readonly LedgerEntry[]): Verdict => {
  const mine = ledger.filter((line) => line.case === name);
  const executions = mine.filter(({ event }) => event === 'begun').length;
  const done = mine.some(({ event, how }) => event === 'ended' && how === 'completed');
  const says = run.error_type === undefined ? run.status : `${run.status} ${run.error_type}`;
  const isKnown = mine.some(({ id }) => id === run.response_id);
  const isTold = done ? run.output_text === orderOf(name).text && isKnown : run.status !== 'FINISHED';
  if (executions > 1) return { executions, says, wrong: 'executed again' };
  return { executions, says, ...(!isTold && { wrong: done ? 'its end is not recorded' : 'recorded, but not done' }) };
};

const counted = (values: Iterable<string>): readonly string[] => {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([value, count]) => `${String(count).padStart(6)}  ${value}`);
};

const killing = killAlong();
const runIds = await begin();
console.log(`${sinceStart()}  ${options.runs} runs are dispatched, ${options.seconds} s of work each`);
const runs = await ended(runIds);
// Those that the ledger was not long enough for met no work any more.
await Promise.race([killing, sleep(5000)]);
const ledger = server.ledger();
const verdicts = [...runs].map(([name, run]) => ({ name, run, ...judge(name, run, ledger) }));
const wrong = verdicts.filter((verdict) => verdict.wrong !== undefined);

const attemptsOf = ({ attempts }: ShownRun): string =>
  attempts.map((attempt) => attempt.error_type ?? attempt.status_code ?? 'none').join(', ');
const calls = gateway.requests.filter(({ method }) => method === 'POST');
const print = (title: string, lines: readonly string[]): void => console.log(`\n${title}\n${lines.join('\n')}`);

print('How often a run was executed, and what its record says', [
  ...counted(verdicts.map(({ executions, says }) => `executed ${executions} times, ${says}`)),
]);
print('Attempts on the records', counted(verdicts.map(({ run }) => attemptsOf(run))));
print(
  'Calls of the agent that begin work, by status',
  counted(calls.map(({ status }) => String(status ?? 'no answer'))),
);
print('Wrong', wrong.length === 0 ? ['     0'] : counted(wrong.map((verdict) => verdict.wrong ?? '')));
for (const { name, run, wrong: what } of wrong.slice(0, 20)) console.log(`  ${name} ${what}: ${JSON.stringify(run)}`);
console.log(
  `\n${options.runs} responses of ${options.seconds} s on ${options.edition} libraries; killed: worker ` +
    `${options['worker-kills']}, host ${options['host-kills']}, and the host ended ${host.ownDeaths} times by itself. ` +
    `It took ${sinceStart().trim()}.`,
);
console.log(wrong.length === 0 ? 'Nothing is wrong.' : 'Something is wrong.');

await host.close();
await gateway.close();
await server.end('SIGKILL');
await azurite.close();
rmSync(folder, { recursive: true, force: true });
process.exit(wrong.length === 0 ? 0 : 1);
