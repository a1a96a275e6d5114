import { routineOf } from './firing.ts';
import { invariant } from './invariant.ts';

/** Never again when the run says that it was accepted. */
export const acceptedWorkIsBegunOnce = invariant({ promise: 9, needs: ['works', 'calls'] }, ({ works, calls }) =>
  works.flatMap(({ runId, recordedAt }) =>
    calls
      .filter(({ key, startedAt = 0 }) => key === runId && recordedAt !== undefined && startedAt > recordedAt.getTime())
      .map(() => ({ what: 'accepted work was begun again', ids: [runId] })),
  ),
);

/** An exclusive run that has accepted work excludes others until that has ended or was told to stop. */
export const nobodyBeginsBesideExclusiveWork = invariant(
  { promise: 9, needs: ['works', 'calls'] },
  ({ works, calls, runs }) => {
    const routines = new Map<string, string>(
      runs.filter((run) => run.exclusive !== undefined).map((run) => [run.id, routineOf(run)]),
    );
    return works
      .filter(({ runId }) => routines.has(runId))
      .flatMap(({ runId, recordedAt, endsAt, toldAt }) => {
        const from = recordedAt?.getTime() ?? Number.POSITIVE_INFINITY;
        const to = toldAt !== undefined && toldAt < endsAt ? toldAt.getTime() : endsAt.getTime();
        return calls
          .filter(
            ({ key, startedAt = 0 }) =>
              key !== runId && routines.get(key) === routines.get(runId) && startedAt > from && startedAt < to,
          )
          .map(({ key }) => ({
            what: 'an agent was called beside accepted work that excludes others',
            ids: [key, runId],
          }));
      });
  },
);

export const everyRunCompletesWithItsWork = invariant({ promise: 9, needs: ['works'] }, ({ works, runs }) =>
  works.flatMap(({ runId, endsAt }) => {
    const state = runs.find(({ id }) => id === runId)?.state;
    const isEarly = state?.phase === 'completed' && state.endedAt < endsAt;
    return isEarly ? [{ what: 'a run completed before its work', ids: [runId] }] : [];
  }),
);

/**
 * The agent of a cancelled run is told to stop. Of work that no run tells of only the delivery that has begun it can
 * tell the agent: a disturbance may end that one.
 */
export const agentsOfCancelledRunsAreTold = invariant(
  { promise: 9, needs: ['works'] },
  ({ works, runs, isDisturbed }) =>
    works.flatMap(({ runId, recordedAt, endsAt, toldAt, wasSeenEnded = false }) => {
      const state = runs.find(({ id }) => id === runId)?.state;
      const isCancelled = state?.phase === 'killed' && state.endedAt < endsAt;
      const isUntold =
        isCancelled && !wasSeenEnded && toldAt === undefined && (recordedAt !== undefined || !isDisturbed);
      return isUntold ? [{ what: 'the agent was never told that a run was cancelled', ids: [runId] }] : [];
    }),
);
