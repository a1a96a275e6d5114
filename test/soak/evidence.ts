import { type AskedStart, type Evidence, type LeftDelivery, type Unknown, unknown } from '../promises/evidence.ts';
import { stretchesOf } from './history.ts';
import type { Ledger, RoutineLedger } from './ledger.ts';
import type { AgentCall } from './moody-agent.ts';
import type { World } from './world.ts';

export interface SoakWorld {
  readonly ledger: Ledger;
  readonly world: World;
  readonly calls: readonly AgentCall[];
  /** Slots up to here are looked for. */
  readonly until: number;
  /** A slot that was still owned that much later was not stopped by a change. */
  readonly settleMs: number;
  /** What the delivery queue held; known only when the app has stopped. */
  readonly deliveries: readonly LeftDelivery[] | Unknown;
}

/** What storage says, what was asked for and what the agent saw, as evidence. Pure. */
export const toEvidence = ({ ledger, world, calls, until, settleMs, deliveries }: SoakWorld): Evidence => {
  const { definitions, due, states, runs, newestFirst, oldestFirst, pointers, holds, keyedRuns } = world;
  const contended = ledger.routines.filter((routine) => routine.contended);
  return {
    now: world.readAt,
    slots: { after: new Date(0), until: new Date(until) },
    definitions,
    history: ledger.routines.filter((routine) => !routine.contended).flatMap(stretchesOf),
    contended: contended.map(({ project, name }) => `${project}/${name}`),
    settleMs,
    lists: { newestFirst, oldestFirst, pointers },
    schedule: { due, states },
    plannedUntil: unknown,
    deliveries,
    putBy: [],
    remains: { ...world.messages, poisonedBodies: world.poisonedMessages },
    holds,
    runs,
    // The agent refuses some runs for good, and is unavailable for longer than others are tried.
    mayEnd: ['completed', 'failed', 'killed'],
    // A busy machine may be down for longer than the grace.
    stoodStill: true,
    isDisturbed: true,
    mayRepeatCalls: true,
    // The agent may notice late that a caller has left: when a call ended is not known.
    calls: calls.map(({ key, requestId, bodyHash }) => ({ key, requestId, body: bodyHash })),
    works: unknown,
    starts: ledger.routines.flatMap(startsOf),
    keyedRuns,
    changes: unknown,
    cancelled: ledger.routines.flatMap(({ cancels }) =>
      cancels.flatMap(({ runId, outcome }) => (outcome === 'acknowledged' ? [runId] : [])),
    ),
    complaints: ledger.complaints,
  };
};

/** A start that was refused has started nothing. */
const startsOf = ({ project, name: routine, starts }: RoutineLedger): readonly AskedStart[] =>
  starts
    .filter(({ outcome, runId }) => outcome === 'unknown' || runId !== undefined)
    .map(({ key, runId }) => ({ project, routine, key, runId }));
