import { setTimeout as pause } from 'node:timers/promises';
import type { ConcurrencyPolicy } from '../../shared/domain/concurrency.ts';
import type { TimedTrigger } from '../../shared/domain/trigger.ts';
import { aSchedule, projectName, routineName } from '../builders.ts';
import { createRandom, type Random } from '../simulation/random.ts';
import type { Definition, RoutineLedger, RoutineToAsk } from './ledger.ts';
import { pickByShare } from './pick-by-share.ts';
import type { RoutineClient } from './routine-client.ts';

/** A `steady` routine keeps its trigger for ever; only its description changes. */
type RoutineKind = 'steady' | 'moving' | 'contended';

const projects = ['alpha', 'beta', 'gamma'] as const;
/** So many that one of them is left alone for a minute or two now and then: only then it shows what it owes. */
const kindsOfClient: readonly RoutineKind[] = ['steady', 'steady', 'moving', 'moving', 'moving', 'moving'];
const contendedRoutines = 2;

/** The routines that so many clients have: each its own, and some that all of them change. */
export const namesOf = (clients: number): readonly RoutineToAsk[] => {
  const own = Array.from({ length: clients }, (_, client) =>
    kindsOfClient.map((kind, index) => `${kind}-${client}-${index}`),
  );
  const contended = Array.from({ length: contendedRoutines }, (_, index) => `contended-${index}`);
  return [...own.flat(), ...contended].map((name, index) => ({
    project: projectName(projects[index % projects.length] ?? ''),
    name: routineName(name),
    contended: name.startsWith('contended'),
    policy: policyOf(name),
  }));
};

const policies: readonly (readonly [RegExp, ConcurrencyPolicy])[] = [
  [/^steady-\d+-1|contended-1/, 'skip_if_active'],
  [/^moving-\d+-3/, 'coalesce_if_active'],
];

const policyOf = (name: string): ConcurrencyPolicy =>
  policies.find(([pattern]) => pattern.test(name))?.[1] ?? 'always_enqueue';

export interface LoadOptions {
  readonly client: RoutineClient;
  readonly routines: readonly RoutineLedger[];
  readonly clients: number;
  readonly seed: number;
  readonly pauseMs: { readonly from: number; readonly to: number };
  readonly signal: AbortSignal;
}

/** Runs the clients side by side until the signal; resolves when the last request is answered. */
export const runLoad = async (options: LoadOptions): Promise<void> => {
  const loads = Array.from({ length: options.clients }, (_, index) => runClient(options, index));
  await Promise.all(loads);
};

interface ClientState {
  readonly client: RoutineClient;
  readonly random: Random;
  readonly index: number;
  readonly signal: AbortSignal;
  readonly all: readonly RoutineLedger[];
  readonly own: Record<RoutineKind, readonly RoutineLedger[]>;
  /** What this client asked for last. */
  readonly wanted: Map<RoutineLedger, Definition>;
}

const runClient = async (options: LoadOptions, index: number): Promise<void> => {
  const { client, routines: all, signal, pauseMs } = options;
  const ownOf = (kind: RoutineKind) => all.filter(({ name }) => name.startsWith(`${kind}-${index}-`));
  const own = { steady: ownOf('steady'), moving: ownOf('moving'), contended: all.filter((one) => one.contended) };
  const random = createRandom(options.seed * 1000 + index);
  const state: ClientState = { client, random, index, signal, all, own, wanted: new Map() };
  for (const routine of own.steady) await putUntilKnown(state, routine);
  while (!signal.aborted) {
    await pickByShare(random, { items: acts, of: 100, otherwise: dispatch })(state);
    await pause(random.whole(pauseMs.from, pauseMs.to));
  }
};

/** Until then it is unknown which slots are owed. */
const putUntilKnown = async (state: ClientState, routine: RoutineLedger): Promise<void> => {
  const definition = { enabled: true, trigger: aSchedule('* * * * *') };
  state.wanted.set(routine, definition);
  while (!state.signal.aborted) {
    const { outcome } = await state.client.put(routine, definition);
    if (outcome === 'acknowledged') return;
    await pause(500);
  }
};

type Act = (state: ClientState) => Promise<void>;

const describeAgain: Act = async ({ client, random, own, wanted }) => {
  const routine = random.pick([...own.steady, ...own.moving]);
  const definition = wanted.get(routine);
  if (definition !== undefined) await client.put(routine, definition, `Described at ${Date.now()}`);
};

const rewrite =
  (kind: RoutineKind): Act =>
  async ({ client, random, own, wanted }) => {
    const routine = random.pick(own[kind]);
    const definition = { enabled: random.whole(1, 10) > 1, trigger: drawTrigger(random) };
    wanted.set(routine, definition);
    await client.put(routine, definition);
  };

const change =
  (kind: RoutineKind): Act =>
  async ({ client, random, own, wanted }) => {
    const routine = random.pick(own[kind]);
    const wish = random.pick(['enable', 'disable', 'delete'] as const);
    const before = wanted.get(routine);
    if (wish === 'delete') wanted.delete(routine);
    else if (before !== undefined) wanted.set(routine, { ...before, enabled: wish === 'enable' });
    await client.change(routine, wish);
  };

const dispatch: Act = async ({ client, random, all }) => {
  await client.dispatch(random.pick(all));
};

const maxRepeats = 6;

/** As a careful caller does it: under one key until there is an answer, and now and then once more. */
const dispatchWithKey: Act = async ({ client, random, all, index, signal }) => {
  const routine = random.pick(all);
  const key = `${index}-${routine.starts.length}-${random.whole(0, 1_000_000)}`;
  for (let repeats = 0; repeats < maxRepeats && !signal.aborted; repeats += 1) {
    const { outcome } = await client.dispatch(routine, key);
    if (outcome === 'refused' || (outcome === 'acknowledged' && random.whole(1, 3) > 1)) return;
    await pause(random.whole(50, 1500));
  }
};

/** Of the runs it was told of, the latest one is most likely still under way. */
const cancelRun: Act = async ({ client, random, all }) => {
  const routine = random.pick(all);
  const told = routine.starts.flatMap(({ runId }) => runId ?? []).at(-1);
  if (told !== undefined) await client.cancel(routine, told);
};

const retryRun: Act = async ({ client, random, all }) => {
  const routine = random.pick(all);
  const told = routine.starts.flatMap(({ runId }) => runId ?? []);
  if (told.length > 0) await client.retry(routine, random.pick(told));
};

const listRuns: Act = ({ client, random, all }) => client.listRuns(random.pick(all));

const askHealth: Act = async ({ client }) => {
  await client.health();
};

/** Of a hundred acts; the rest are dispatches. */
const acts: readonly (readonly [Act, number])[] = [
  [dispatchWithKey, 22],
  [cancelRun, 5],
  [retryRun, 3],
  [describeAgain, 12],
  [rewrite('moving'), 13],
  [change('moving'), 6],
  [rewrite('contended'), 4],
  [change('contended'), 4],
  [listRuns, 8],
  [askHealth, 3],
];

const crons = ['* * * * *', '*/2 * * * *', '1-59/2 * * * *', '*/3 * * * *', '0,7,20,31,44,58 * * * *'] as const;
const zones = ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe'] as const;

const drawTrigger = (random: Random): TimedTrigger =>
  random.whole(1, 2) === 1
    ? { type: 'timer', at: new Date(Math.floor(Date.now() / 1000 + random.whole(2, 20)) * 1000), timeZone: 'UTC' }
    : aSchedule(random.pick(crons), random.pick(zones));
