import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeAppRoot } from '../e2e/app-root.ts';
import { pastDueTimerStatus } from '../e2e/seeded-routine.ts';
import { type HostProcess, launch, until, workerOf } from '../host/host-process.ts';
import { violationTexts } from '../promises/check-promises.ts';
import type { ProxiedRequest } from '../storage/storage-fault.ts';
import type { Interference, StorageProxy } from '../storage/storage-proxy.ts';
import { isPoll } from './fault-kinds.ts';
import { playPoints, type RingReport } from './points.ts';
import { countMessages, isAtRest, playOn } from './rest.ts';
import type { HostPart, Scenario } from './scenario.ts';
import { openStage, type RingServices, type Stage } from './stage.ts';

/** After so long without a request of its own the scenario is over. */
const quietMilliseconds = 700;
/** A message that the host's handler failed on comes back after half a minute. */
const deadlineMilliseconds = 180_000;
/** What a killed host has locked comes back soon. */
const lockSeconds = 3;
/** A renewed lock keeps a slow handler from putting its message back: where no host is killed it lasts. */
const undisturbedLockSeconds = 60;

/** A host dies with its worker, and another one goes on; a worker dies alone, and its host starts another. */
export type Victim = 'host' | 'worker';

/**
 * Kills a host, or its worker, right after storage has carried out a request of the scenario, once for every request,
 * and once when its agent has done the work and has not answered yet.
 */
export const playKills = async (
  ring: RingServices,
  scenario: Scenario,
  host: HostPart,
  victim: Victim,
): Promise<RingReport> => {
  const folder = mkdtempSync(join(tmpdir(), 'kills-'));
  const appRoot = join(folder, 'app');
  mkdirSync(appRoot);
  // The daily scan begins with a message that waits for minutes: at that time of the day nothing would come to rest.
  makeAppRoot(appRoot, { without: ['scan'], ...(victim === 'worker' && { visibilityTimeout: '00:00:01' }) });
  const place = { ring, scenario, host, victim, folder, appRoot };
  try {
    // It also leaves the compiled app behind: all hosts after it start sooner.
    const undisturbed = await ring.lanes.use((proxy) => playKill({ ...place, proxy }, null));
    const report = await playPoints(ring, {
      title: `${scenario.title}, ${victim} killed`,
      points: [
        ...Array.from({ length: undisturbed.requests }, (_, index) => index + 1),
        ...(undisturbed.isAgentCalled ? (['answer'] as const) : []),
      ],
      play: async (proxy, point) => {
        const { failure, requests, isAgentCalled } = await playKill({ ...place, proxy }, point);
        return { kind: 'kill', isReached: point === 'answer' ? isAgentCalled : requests >= point, failure };
      },
    });
    const { failure } = undisturbed;
    return failure === null ? report : { ...report, failures: [failure, ...report.failures] };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

interface KillPlace {
  readonly ring: RingServices;
  readonly scenario: Scenario;
  readonly host: HostPart;
  readonly victim: Victim;
  readonly folder: string;
  readonly appRoot: string;
  readonly proxy: StorageProxy;
}

/** When the host is killed: after its n-th request, or before the agent's answer. Null: never, the requests are counted. */
type Moment = number | 'answer' | null;

interface Killed {
  /** Of the scenario. */
  readonly requests: number;
  /** By the host that was killed, or was not. */
  readonly isAgentCalled: boolean;
  readonly failure: string | null;
}

const playKill = async (place: KillPlace, moment: Moment): Promise<Killed> => {
  const { ring, scenario, host, proxy, victim } = place;
  const stage = await openStage(ring, proxy, scenario);
  await stage.quietly(() => scenario.prepare(stage));
  const isHostKilled = moment !== null && victim === 'host';
  const shot = aimAt(host, typeof moment === 'number' ? moment : null, victim);
  proxy.interfere(shot);
  if (moment === 'answer') stage.agent.beforeNextAnswer(shot.fire);
  const running = await launchVictim(stage, place, isHostKilled ? lockSeconds : undisturbedLockSeconds);
  shot.load(async () => (victim === 'host' ? void running.child.kill('SIGKILL') : killWorkerOf(running)));
  const called = host.call?.(stage, running.url).catch(() => undefined);
  try {
    await (isHostKilled ? Promise.race([untilGone(running), untilQuiet(stage, shot)]) : untilQuiet(stage, shot));
  } finally {
    await running.end(isHostKilled ? 'SIGKILL' : 'SIGTERM');
  }
  const { own } = shot;
  const isAgentCalled = stage.agent.calls.length > 0;
  await called;
  const isReached = moment === 'answer' ? isAgentCalled : moment !== null && own.length >= moment;
  const violations = [
    ...violationTexts(await playOn(stage, scenario)),
    ...(isReached && victim === 'worker' && !running.log().includes('death 1 of 3') ? ['No worker has died'] : []),
  ];
  const last = own.at(-1);
  const where = moment === 'answer' ? 'before the answer' : `after request ${moment} (${last?.method} ${last?.target})`;
  const what = moment === null ? 'undisturbed' : `${victim} killed ${where}`;
  const report = [`${scenario.title}, ${what}:`, ...violations, ...stage.lines, running.log()].join('\n  ');
  return { requests: own.length, isAgentCalled, failure: violations.length === 0 ? null : report };
};

interface Shot extends Interference {
  /** The scenario's requests so far. */
  readonly own: readonly ProxiedRequest[];
  /** Until this is called the shot waits: requests come before the process that makes them is known. */
  load(kill: () => Promise<void>): void;
  /** Kills, whatever the requests are. */
  readonly fire: () => Promise<void>;
}

/**
 * The answer to the n-th request does not reach the process that is killed, and what that process would send then does
 * not reach storage. The host of a worker that was killed goes on: it gets its answers.
 */
const aimAt = ({ isOwn, isLast = () => false }: HostPart, n: number | null, victim: Victim): Shot => {
  const own: ProxiedRequest[] = [];
  const loaded = Promise.withResolvers<() => Promise<void>>();
  let target: ProxiedRequest | undefined;
  let isOver = false;
  const fire = async (): Promise<void> => (await loaded.promise)();
  return {
    own,
    load: loaded.resolve,
    fire,
    faultOf: (request) => {
      if (target !== undefined && victim === 'host') return 'unanswered';
      if (isOver || isPoll(request) || !isOwn(request)) return 'none';
      own.push(request);
      isOver = isLast(request);
      if (own.length === n) target ??= request;
      return 'none';
    },
    afterCommit: async (request) => {
      if (request !== target) return;
      await fire();
      if (victim === 'host') await never;
    },
  };
};

const never = new Promise<never>(() => undefined);

const killWorkerOf = async (host: HostProcess): Promise<void> => {
  const worker = workerOf(host);
  if (worker === undefined) throw new Error('The host has no worker to kill');
  process.kill(worker, 'SIGKILL');
  await until('the worker is gone', () => workerOf(host) !== worker);
};

/** The built app on the local host. */
const launchVictim = (
  stage: Stage,
  { host, victim, folder, appRoot }: KillPlace,
  lock: number,
): Promise<HostProcess> => {
  const timerStatus = join(folder, `${stage.prefix}.json`);
  if (host.ticks) writeFileSync(timerStatus, pastDueTimerStatus(new Date()));
  return launch({
    ...stage.settings,
    APP_ROOT: appRoot,
    AzureWebJobsStorage: stage.proxied,
    STORAGE_PREFIX: stage.prefix,
    AGENT_PROJECT_ENDPOINT: stage.agent.endpoint,
    TIMER_STATUS_FILE: timerStatus,
    LOCAL_QUEUE_LOCK_SECONDS: String(lock),
    LOCAL_WORKER_PROCESS: String(victim === 'worker'),
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  });
};

const untilGone = async ({ child }: HostProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await once(child, 'close', { signal: AbortSignal.timeout(deadlineMilliseconds) }).catch(() => undefined);
};

const untilQuiet = async (stage: Stage, { own }: Shot): Promise<void> => {
  const deadline = Date.now() + deadlineMilliseconds;
  for (let seen = -1; Date.now() < deadline; ) {
    if (own.length > 0 && own.length === seen && isAtRest(await countMessages(stage, 0), 0)) return;
    seen = own.length;
    await pause(quietMilliseconds);
  }
  throw new Error(`After ${deadlineMilliseconds / 1000} s and ${own.length} requests nothing had come to rest`);
};
