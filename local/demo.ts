import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { AIProjectClient } from '@azure/ai-projects';
import { z } from 'zod';
import { startAppProcess } from './app-process.ts';

type Routines = AIProjectClient['beta']['routines'];

const timerSeconds = 5;
const patienceSeconds = 40;
const action = 'invoke_agent_responses_api';

const say = (line = '') => console.log(line);

/** Creates routines through the official SDK, lets them fire, and prints what the history says of them. */
const demo = async (url: string): Promise<void> => {
  const endpoint = `${url}/api/projects/demo`;
  const { routines } = new AIProjectClient(endpoint, {
    getToken: async () => ({ token: 'nobody-checks-this-here', expiresOnTimestamp: Date.now() + 3_600_000 }),
  }).beta;
  say(`A service of its own is up, with sample agents. The official SDK talks to it at\n${endpoint}`);
  say();
  await createSchedule(routines);
  await createTimer(routines);
  await dispatch(routines, 'demo-echo', 'echo-agent', 'What is on today?');
  await dispatch(routines, 'demo-flaky', 'flaky-agent', 'Third time lucky');
  await dispatch(routines, 'demo-broken', 'broken-agent', 'This cannot work');
  say();
  say('Waiting for the four runs to end …');
  say();
  const rows: Row[] = [];
  for (const name of ['demo-timer', 'demo-echo', 'demo-flaky', 'demo-broken'])
    rows.push(await endedRun(endpoint, name));
  printTable(rows);
  checkOutcomes(rows);
};

const createSchedule = async (routines: Routines): Promise<void> => {
  let nextFireAt = Number.NaN;
  await routines.createOrUpdate('demo-weekdays', {
    description: 'A morning summary on weekdays.',
    triggers: { morning: { type: 'schedule', cron_expression: '0 7 * * 1-5', time_zone: 'America/New_York' } },
    action: { type: action, agent_name: 'echo-agent', input: 'Summarize yesterday' },
    // The SDK's model does not know this field of ours; the answer has it, in unix seconds.
    onResponse: ({ bodyAsText }) => {
      nextFireAt = z.object({ next_fire_at: z.number() }).parse(JSON.parse(bodyAsText ?? '')).next_fire_at;
    },
  });
  const local = new Date(nextFireAt * 1000).toLocaleString('en-US', {
    timeZone: 'America/New_York',
    dateStyle: 'full',
    timeStyle: 'short',
  });
  say(`schedule  demo-weekdays  "0 7 * * 1-5" in New York fires next on ${local} there`);
};

const createTimer = async (routines: Routines): Promise<void> => {
  const at = new Date(Math.ceil(Date.now() / 1000 + timerSeconds) * 1000);
  await routines.createOrUpdate('demo-timer', {
    triggers: { once: { type: 'timer', at } },
    action: { type: action, agent_name: 'echo-agent', input: 'The time has come' },
  });
  say(`timer     demo-timer     fires by itself ${timerSeconds} seconds from now, at ${toClock(at.toISOString())} UTC`);
};

const dispatch = async (routines: Routines, name: string, agent: string, input: string): Promise<void> => {
  await routines.createOrUpdate(name, {
    triggers: { monthly: { type: 'schedule', cron_expression: '0 0 1 * *', time_zone: 'UTC' } },
    action: { type: action, agent_name: agent },
  });
  const { dispatch_id: id } = await routines.dispatch(name, { payload: { type: action, input } });
  say(`dispatch  ${name.padEnd(13)}  ${agent} is called now, as ${id}`);
};

/** The fields of a run that the table shows. */
const runList = z.object({
  value: z.array(
    z.object({
      status: z.string(),
      attempt_source: z.string(),
      triggered_at: z.string(),
      started_at: z.string().optional(),
      ended_at: z.string().optional(),
      attempts: z.array(z.object({ status_code: z.number().optional(), error_type: z.string().optional() })),
      output_text: z.string().optional(),
      error_type: z.string().optional(),
      error_message: z.string().optional(),
    }),
  ),
});
type Run = z.infer<typeof runList>['value'][number];

/** Read as plain JSON: attempts and output are fields of ours that the SDK's model leaves out. */
const endedRun = async (endpoint: string, routine: string): Promise<Row> => {
  const deadline = Date.now() + patienceSeconds * 1000;
  for (;;) {
    const response = await fetch(`${endpoint}/routines/${routine}/runs`);
    const run = runList.parse(await response.json()).value.find((run) => run.ended_at !== undefined);
    if (run !== undefined) return toRow(routine, run);
    if (Date.now() > deadline) throw new Error(`The run of ${routine} did not end within ${patienceSeconds} s.`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};

const columns = ['routine', 'source', 'triggered', 'started', 'calls', 'status', 'result'] as const;
type Row = Readonly<Record<(typeof columns)[number], string>>;

const toRow = (routine: string, run: Run): Row => ({
  routine,
  source: run.attempt_source,
  triggered: toClock(run.triggered_at),
  started: run.started_at === undefined ? '-' : toClock(run.started_at),
  calls: run.attempts.map((attempt) => attempt.status_code ?? attempt.error_type).join(', '),
  status: run.status,
  result: run.output_text ?? `${run.error_type}: ${run.error_message}`,
});

const toClock = (instant: string): string => instant.slice(11, 19);

const printTable = (rows: readonly Row[]): void => {
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => row[column].length)));
  const toLine = (cells: readonly string[]) => cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ');
  say(toLine(columns).trimEnd());
  say(toLine(widths.map((width) => '-'.repeat(width))));
  for (const row of rows) say(toLine(columns.map((column) => row[column])).trimEnd());
};

/** A demo that shows something else than it promises has failed. */
const checkOutcomes = (rows: readonly Row[]): void => {
  const seen = rows.map(({ routine, status, calls }) => `${routine} ${status} after ${calls}`).join('; ');
  const promised =
    'demo-timer FINISHED after 200; demo-echo FINISHED after 200; ' +
    'demo-flaky FINISHED after 503, 503, 200; demo-broken FAILED after 400';
  if (seen !== promised) throw new Error(`The history says "${seen}"; expected "${promised}".`);
};

const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => reject(new Error(`The demo was interrupted by ${signal}.`)));
  }
});

const startedAt = Date.now();
const app = await startAppProcess({ https: true });
setDefaultCACertificates([...getCACertificates(), app.certificate ?? '']);
try {
  await Promise.race([demo(app.url), interrupted]);
} catch (error) {
  console.error(error, `\nThe app printed:\n${app.output()}`);
  process.exitCode = 1;
}
const exit = await app.end('SIGTERM');
say();
say(`All is stopped; the app ended with ${exit}. It took ${Math.round((Date.now() - startedAt) / 1000)} s.`);
process.exit(exit === 0 ? process.exitCode : 1);
