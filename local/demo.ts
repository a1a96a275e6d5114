import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { AIProjectClient } from '@azure/ai-projects';
import { type AppProcess, startAppProcess } from './app-process.ts';

type Routines = AIProjectClient['beta']['routines'];

const project = 'demo';
const timerSeconds = 5;
const patienceMs = 40_000;
const responses = 'invoke_agent_responses_api';

const say = (line = '') => console.log(line);

/** Creates routines through the official SDK, lets them fire, and prints what the history says of them. */
const demo = async (app: AppProcess): Promise<void> => {
  const endpoint = `${app.url}/api/projects/${project}`;
  const client = new AIProjectClient(endpoint, {
    getToken: async () => ({ token: 'nobody-checks-this-here', expiresOnTimestamp: Date.now() + 3_600_000 }),
  });
  const { routines } = client.beta;
  say(`Serving ${endpoint}`);
  say();
  await createSchedule(routines);
  const expected = new Map<string, string>();
  expected.set('demo-timer', await createTimer(routines));
  expected.set('demo-echo', await dispatch(routines, 'demo-echo', 'echo-agent', 'What is on today?'));
  expected.set('demo-flaky', await dispatch(routines, 'demo-flaky', 'flaky-agent', 'Third time lucky'));
  expected.set('demo-broken', await dispatch(routines, 'demo-broken', 'broken-agent', 'This cannot work'));
  say();
  say('Waiting for the four runs to end …');
  const rows: Row[] = [];
  for (const name of expected.keys()) rows.push(await endedRun(endpoint, name));
  say();
  printTable(rows);
  checkOutcomes(rows);
};

const createSchedule = async (routines: Routines): Promise<void> => {
  let nextFireAt: unknown;
  await routines.createOrUpdate('demo-weekdays', {
    description: 'A morning summary on weekdays.',
    triggers: { morning: { type: 'schedule', cron_expression: '0 7 * * 1-5', time_zone: 'America/New_York' } },
    action: { type: responses, agent_name: 'echo-agent', input: 'Summarize yesterday' },
    // The SDK's model does not know this field of ours; the answer has it.
    onResponse: ({ bodyAsText }) => {
      nextFireAt = JSON.parse(bodyAsText ?? '{}').next_fire_at;
    },
  });
  const at = new Date(Number(nextFireAt) * 1000);
  say(`schedule  demo-weekdays  0 7 * * 1-5 in New York: fires next at ${at.toISOString()}`);
};

const createTimer = async (routines: Routines): Promise<string> => {
  const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + timerSeconds * 1000);
  await routines.createOrUpdate('demo-timer', {
    triggers: { once: { type: 'timer', at } },
    action: { type: responses, agent_name: 'echo-agent', input: 'The time has come' },
  });
  say(`timer     demo-timer     fires by itself at ${at.toISOString()}`);
  return at.toISOString();
};

const dispatch = async (routines: Routines, name: string, agent: string, input: string): Promise<string> => {
  await routines.createOrUpdate(name, {
    triggers: { monthly: { type: 'schedule', cron_expression: '0 0 1 * *', time_zone: 'UTC' } },
    action: { type: responses, agent_name: agent },
  });
  const { dispatch_id: id } = await routines.dispatch(name, { payload: { type: responses, input } });
  say(`dispatch  ${name.padEnd(13)}  ${agent}: ${id}`);
  return id ?? '';
};

interface Row {
  readonly routine: string;
  readonly source: string;
  readonly status: string;
  readonly attempts: number;
  readonly late: string;
  readonly result: string;
}

/** The fields of a run that the table shows, as the service answers them. */
interface RunOnWire {
  readonly phase: string;
  readonly status: string;
  readonly attempt_source: string;
  readonly triggered_at: string;
  readonly started_at?: string;
  readonly ended_at?: string;
  readonly attempts: readonly { readonly status_code?: number }[];
  readonly output_text?: string;
  readonly error_type?: string;
  readonly error_message?: string;
}

/** Read as plain JSON: attempts and output are fields of ours that the SDK's model leaves out. */
const endedRun = async (endpoint: string, routine: string): Promise<Row> => {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const response = await fetch(`${endpoint}/routines/${routine}/runs`);
    const { value } = (await response.json()) as { readonly value: readonly RunOnWire[] };
    const run = value.find(({ ended_at: endedAt }) => endedAt !== undefined);
    if (run !== undefined) return toRow(routine, run);
    if (Date.now() > deadline) throw new Error(`The run of ${routine} did not end within ${patienceMs / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};

const toRow = (routine: string, run: RunOnWire): Row => ({
  routine,
  source: run.attempt_source,
  status: run.status,
  attempts: run.attempts.length,
  late: run.started_at === undefined ? '-' : `${(Date.parse(run.started_at) - Date.parse(run.triggered_at)) / 1000} s`,
  result: run.output_text ?? `${run.error_type}: ${run.error_message}`,
});

const columns = ['routine', 'source', 'status', 'attempts', 'late', 'result'] as const;

const printTable = (rows: readonly Row[]): void => {
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => String(row[column]).length)));
  const line = (cells: readonly string[]) =>
    say(
      cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  line(columns);
  line(widths.map((width) => '-'.repeat(width)));
  for (const row of rows) line(columns.map((column) => String(row[column])));
};

/** A demo that shows something else than it promises has failed. */
const checkOutcomes = (rows: readonly Row[]): void => {
  const seen = rows.map(({ routine, status, attempts }) => `${routine} ${status} ${attempts}`).join(', ');
  const promised = 'demo-timer FINISHED 1, demo-echo FINISHED 1, demo-flaky FINISHED 3, demo-broken FAILED 1';
  if (seen !== promised) throw new Error(`The history says "${seen}"; expected "${promised}".`);
};

const startedAt = Date.now();
const app = await startAppProcess({ https: true });
setDefaultCACertificates([...getCACertificates(), app.certificate ?? '']);
try {
  await demo(app);
} catch (error) {
  console.error(error);
  console.error(app.output());
  process.exitCode = 1;
} finally {
  const exit = await app.end('SIGTERM');
  say();
  say(`Stopped; the app ended with ${exit}. The demo took ${Math.round((Date.now() - startedAt) / 1000)} s.`);
  if (exit !== 0) process.exitCode = 1;
}
