import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '../simulation/random.ts';
import type { AppLife } from './app-lives.ts';
import { type Blow, dealBlows, planBlows } from './chaos.ts';
import { comeToRest, type Rest } from './come-to-rest.ts';
import { namesOf, runLoad } from './load.ts';
import { type Rig, withRig } from './rig.ts';

export interface SoakOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly clients: number;
  readonly say: (line: string) => void;
}

export interface SoakResult {
  readonly violations: readonly string[];
  /** What was done and found, by name. */
  readonly counts: Readonly<Record<string, number>>;
  readonly lives: readonly AppLife[];
}

const pauseMs = { from: 100, to: 900 };
const sampleEverySeconds = 5;

/** Mixed load and everything that goes wrong, for so long; then rest, and a look at what became of it all. */
export const runSoak = (options: SoakOptions): Promise<SoakResult> => {
  const { seconds, seed, clients, say } = options;
  const blows = planBlows(createRandom(seed), seconds);
  say(`Soak of ${seconds} s, seed ${seed}, ${clients} clients, ${blows.length} blows`);
  return withRig({ seed, routines: namesOf(clients) }, async (rig) => {
    await drive(rig, options, blows);
    say('The load has ended; the app comes to rest');
    const rest = await comeToRest(rig, Date.now());
    return { violations: rest.violations, counts: countAll(rig, rest, blows), lives: rig.app.lives };
  });
};

const drive = async (rig: Rig, { seconds, seed, clients, say }: SoakOptions, blows: readonly Blow[]): Promise<void> => {
  const { client, ledger, app, proxy } = rig;
  const ended = new AbortController();
  const sampling = setInterval(() => void app.sampleMemory(), sampleEverySeconds * 1000);
  const progress = setInterval(() => say(`${new Date().toISOString()} ${JSON.stringify(ledger.counts)}`), 60_000);
  try {
    const load = runLoad({ client, routines: ledger.routines, clients, seed, pauseMs, signal: ended.signal });
    await Promise.all([dealBlows(rig, blows, createRandom(seed + 1)), pause(seconds * 1000)]);
    ended.abort();
    await load;
  } finally {
    ended.abort();
    clearInterval(sampling);
    clearInterval(progress);
    proxy.interfere({ faultOf: () => 'none' });
  }
};

const countAll = ({ ledger, app, proxy, agent }: Rig, { world, violations }: Rest, blows: readonly Blow[]) => {
  const countRuns = (isCounted: (run: Rest['world']['runs'][number]) => boolean) => world.runs.filter(isCounted).length;
  return {
    ...ledger.counts,
    slowest_ms: ledger.slowestMs,
    runs: world.runs.length,
    runs_of_slots: countRuns(({ scheduledFireAt }) => scheduledFireAt !== undefined),
    runs_failed: countRuns(({ state }) => state.phase === 'failed'),
    runs_killed: countRuns(({ state }) => state.phase === 'killed'),
    runs_retried: countRuns(({ attempts }) => attempts.length > 1),
    agent_calls: agent.calls.length,
    storage_requests: proxy.requests.length,
    ...Object.fromEntries([...Map.groupBy(blows, ({ kind }) => kind)].map(([kind, dealt]) => [kind, dealt.length])),
    failed_starts: app.failedStarts,
    violations: violations.length,
  };
};
