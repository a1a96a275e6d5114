import type { Run } from '../../../shared/domain/run.ts';
import type { ObservedCall, ObservedWork } from './agent.ts';
import type { Violations } from './invariants.ts';
import type { InterleavedService } from './service.ts';

/**
 * Work is begun once: never again when the run says that it was accepted. A run completes when its work has, the agent
 * of a cancelled one is told, and nobody begins beside work that excludes others, or beside another run on the thread.
 * Nobody can tell the agent of work that no run tells of, but for the one who has just begun it.
 */
export const checkWork = ({ calls, works, trace }: InterleavedService, runs: readonly Run[]): Violations => {
  const hadFaults = trace.some((step) => step.endsWith(')'));
  const ofWorks = works().flatMap((work) => {
    const { runId, recordedAt, endsAt, toldAt } = work;
    const state = runs.find(({ id }) => id === runId)?.state;
    const isEarly = state?.phase === 'completed' && state.endedAt < endsAt;
    const isCancelled = state?.phase === 'killed' && state.endedAt < endsAt;
    const isUntold = isCancelled && toldAt === undefined && (recordedAt !== undefined || !hadFaults);
    return [
      ...(recordedAt === undefined ? [] : checkCallsAfter(work, recordedAt, calls)),
      ...(isEarly ? [`run ${runId} completed before its work`] : []),
      ...(isUntold ? [`the agent was never told that run ${runId} was cancelled`] : []),
    ];
  });
  const onThreads = calls.filter(({ besideOnThread }) => besideOnThread !== undefined);
  return [
    ...ofWorks,
    ...onThreads.map(({ actor, besideOnThread }) => `${actor} called on run ${besideOnThread}'s thread`),
  ];
};

const checkCallsAfter = (
  { runId, endsAt, toldAt, isExclusive }: ObservedWork,
  recordedAt: Date,
  calls: readonly ObservedCall[],
): Violations => {
  const later = calls.filter((call) => call.at > recordedAt);
  const end = toldAt !== undefined && toldAt < endsAt ? toldAt : endsAt;
  const beside = later.filter((call) => isExclusive && call.isExclusive && call.runId !== runId && call.at < end);
  return [
    ...later.filter((call) => call.runId === runId).map(({ actor }) => `${actor} began accepted work again`),
    ...beside.map(({ actor }) => `${actor} called beside accepted work that excludes others`),
  ];
};
