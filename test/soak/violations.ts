import { isEnded, type Run } from '../../shared/domain/run.ts';
import { slotRunId } from '../../shared/domain/run-id.ts';
import { triggerName } from '../builders.ts';
import type { Ledger, RoutineLedger, Start } from './ledger.ts';
import type { AgentCall } from './moody-agent.ts';
import { ownershipOf } from './ownership.ts';
import { copyViolations, remainderViolations, scheduleViolations } from './storage-violations.ts';
import type { World } from './world.ts';

/** What is wrong, in words; empty when every promise was kept. */
export type Violations = readonly string[];

export interface Evidence {
  readonly ledger: Ledger;
  readonly world: World;
  readonly calls: readonly AgentCall[];
  /** Slots up to here are looked for. */
  readonly until: number;
  /** A slot that was still owned that much later was not stopped by a change. */
  readonly settleMs: number;
}

const main = triggerName('main');

/** Holds what storage says against what was asked for and what the agent saw. Pure. */
export const findViolations = (evidence: Evidence): Violations => {
  const { ledger, world, calls } = evidence;
  const callsOfRun = Map.groupBy(calls, ({ key }) => key);
  const ofRoutines = ledger.routines.flatMap((asked) => {
    const runs = world.runs.filter(({ project, routine }) => project === asked.project && routine === asked.name);
    const found = [
      ...slotViolations(asked, runs, evidence),
      ...startViolations(asked, runs),
      ...cancelViolations(asked, runs),
    ];
    return found.map((violation) => `${asked.project}/${asked.name}: ${violation}`);
  });
  return [
    ...ledger.complaints,
    ...ofRoutines,
    ...world.runs.flatMap((run) => runViolations(run, callsOfRun.get(run.id) ?? [])),
    ...callViolations(world, calls),
    ...scheduleViolations(world),
    ...copyViolations(world),
    ...remainderViolations(world),
  ];
};

const text = (instant: number | Date): string => new Date(instant).toISOString();

/** Exactly one run for every slot that was owned, none for a slot that never was. */
const slotViolations = (asked: RoutineLedger, runs: readonly Run[], { until, settleMs }: Evidence): Violations => {
  const ofSlots = runs.filter(({ scheduledFireAt }) => scheduledFireAt !== undefined);
  const misnamed = ofSlots.filter(({ id, project, routine, triggeredAt }) => {
    return id !== slotRunId({ project, routine, trigger: main, nominal: triggeredAt });
  });
  const wrong = misnamed.map(({ id, triggeredAt }) => `run ${id} of slot ${text(triggeredAt)} has not the slot's id`);
  if (asked.contended) return wrong;
  const ownership = ownershipOf(asked.changes);
  const taken = new Set(ofSlots.map(({ triggeredAt }) => triggeredAt.getTime()));
  const missed = ofSlots.flatMap((run) => run.missed ?? []);
  const isMissed = (slot: number) =>
    missed.some(({ firstAt, lastAt }) => firstAt.getTime() <= slot && slot <= lastAt.getTime());
  const lost = ownership
    .certainSlots(until, settleMs)
    .filter((slot) => !taken.has(slot) && !isMissed(slot))
    .map((slot) => `slot ${text(slot)} has no run`);
  const invented = ofSlots
    .filter(({ triggeredAt }) => !ownership.mayHaveOwned(triggeredAt.getTime()))
    .map(({ id, triggeredAt }) => `run ${id} is of slot ${text(triggeredAt)}, which was never the routine's`);
  return [...wrong, ...lost, ...invented];
};

/** An acknowledged start is one run; a key is one run; nothing else was started by hand. */
const startViolations = ({ starts }: RoutineLedger, runs: readonly Run[]): Violations => {
  const started = new Set(runs.filter((run) => run.scheduledFireAt === undefined).map((run) => run.id));
  const promised = new Set(starts.flatMap(({ runId }) => runId ?? []));
  const lost = [...promised].filter((id) => !started.has(id)).map((id) => `run ${id} was promised and does not exist`);
  const byKey = [...Map.groupBy(starts, ({ key }) => key)];
  const split = byKey.flatMap(([key, same]) => {
    const ids = new Set(same.flatMap(({ runId }) => runId ?? []));
    return key !== undefined && ids.size > 1 ? [`key ${key} started ${ids.size} runs: ${[...ids].join()}`] : [];
  });
  const unexplained = [...started].filter((id) => !promised.has(id)).length;
  const possible = byKey.reduce((sum, [key, same]) => sum + unansweredRuns(key, same), 0);
  const invented =
    unexplained > possible ? [`there are ${unexplained} runs that nobody was told of, at most ${possible} can be`] : [];
  return [...lost, ...split, ...invented];
};

/** How many runs there may be that nobody was told of. */
const unansweredRuns = (key: string | undefined, starts: readonly Start[]): number => {
  const unknown = starts.filter(({ outcome }) => outcome === 'unknown').length;
  if (key === undefined) return unknown;
  return unknown > 0 && starts.every(({ runId }) => runId === undefined) ? 1 : 0;
};

/** Whoever was told that a run is cancelled finds it killed. */
const cancelViolations = ({ cancels }: RoutineLedger, runs: readonly Run[]): Violations =>
  cancels.flatMap(({ runId, outcome }) => {
    const phase = runs.find(({ id }) => id === runId)?.state.phase;
    return outcome === 'acknowledged' && phase !== 'killed' ? [`cancelled run ${runId} is ${phase}`] : [];
  });

/** Every run has ended, and what it says of its attempts is what the agent saw. */
const runViolations = ({ id, state, attempts }: Run, calls: readonly AgentCall[]): Violations => {
  if (!isEnded(state)) return [`run ${id} is still ${state.phase}`];
  const answered = attempts.filter(({ statusCode }) => statusCode !== undefined).length;
  const bodies = new Set(calls.map(({ bodyHash }) => bodyHash)).size;
  return [
    ...(state.phase === 'completed' && calls.length === 0 ? [`run ${id} is completed, and no agent was called`] : []),
    ...(calls.length < answered ? [`run ${id} has ${answered} answered attempts, and ${calls.length} calls`] : []),
    ...(bodies > 1 ? [`the calls of run ${id} have ${bodies} different bodies`] : []),
    ...(state.phase === 'failed' && ['poison', 'lost'].includes(state.error.type)
      ? [`run ${id} failed as ${state.error.type}`]
      : []),
  ];
};

/** Every call was for a run that is there, under its id. */
const callViolations = ({ runs }: World, calls: readonly AgentCall[]): Violations => {
  const ids = new Set<string>(runs.map(({ id }) => id));
  return calls.flatMap(({ key, requestId }) => {
    if (key !== requestId) return [`an agent was called for run ${requestId} under key ${key}`];
    return ids.has(key) ? [] : [`an agent was called for run ${key}, which does not exist`];
  });
};
