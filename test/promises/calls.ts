import type { Run } from '../../shared/domain/run.ts';
import type { ObservedCall } from './evidence.ts';
import { routineOf } from './firing.ts';
import { type Finding, invariant } from './invariant.ts';

const callsByRun = (calls: readonly ObservedCall[]) => Map.groupBy(calls, ({ key }) => key);

/** The agent was called for each attempt that it answered. One without a status may have ended before its call came. */
export const everyAnswerIsOfACall = invariant({ promise: 11, needs: ['calls'] }, ({ runs, calls }) => {
  const callsOf = callsByRun(calls);
  return runs.flatMap(({ id, attempts }) => {
    const answered = attempts.filter(({ statusCode }) => statusCode !== undefined).length;
    const count = callsOf.get(id)?.length ?? 0;
    return answered <= count ? [] : [{ what: `a run has ${answered} answered attempts and ${count} calls`, ids: [id] }];
  });
});

export const everyCompletedRunWasCalled = invariant({ promise: 11, needs: ['calls'] }, ({ runs, calls }) => {
  const callsOf = callsByRun(calls);
  return runs
    .filter(({ state }) => state.phase === 'completed')
    .flatMap(({ id, attempts }) => [
      ...(callsOf.has(id) ? [] : [{ what: 'a run is completed and its agent was never called', ids: [id] }]),
      ...(attempts.length > 0 ? [] : [{ what: 'a run is completed without an attempt', ids: [id] }]),
    ]);
});

/** Every call is for a run that is there, and says so in both headers. */
export const everyCallIsOfARun = invariant({ promise: 11, needs: ['calls'] }, ({ runs, calls }): readonly Finding[] => {
  const ids = new Set<string>(runs.map(({ id }) => id));
  return calls.flatMap(({ key, requestId }) => {
    if (requestId !== undefined && requestId !== key) {
      return [{ what: 'an agent was called for a run under another key', ids: [requestId, key] }];
    }
    return ids.has(key) ? [] : [{ what: 'an agent was called for a run that is not there', ids: [key] }];
  });
});

/** An agent that takes the ids of our calls begins nothing twice: a repeat finds what was begun. */
export const noWorkIsBegunTwice = invariant({ promise: 11, needs: ['calls'] }, ({ calls }) => {
  const begun = Map.groupBy(
    calls.filter(({ begunAs }) => begunAs !== undefined),
    ({ begunAs }) => begunAs ?? '',
  );
  return [...begun]
    .filter(([, times]) => times.length > 1)
    .map(([id, [first]]) => ({ what: `an agent began the work "${id}" again`, ids: first ? [first.key] : [] }));
});

/** A repeat has the same body. */
export const allCallsOfARunSayTheSame = invariant({ promise: 11, needs: ['calls'] }, ({ calls }) =>
  [...callsByRun(calls)].flatMap(([key, ofRun]) => {
    const bodies = new Set(ofRun.flatMap(({ body }) => body ?? [])).size;
    return bodies <= 1 ? [] : [{ what: `the calls of a run have ${bodies} different bodies`, ids: [key] }];
  }),
);

/**
 * Where no call is repeated each attempt is one, and a run that was skipped has none. One that was cancelled may have
 * ended before its call began.
 */
export const everyAttemptIsOneCall = invariant({ promise: 11, needs: ['calls'] }, ({ runs, calls, mayRepeatCalls }) => {
  const callsOf = callsByRun(calls);
  return runs.flatMap(({ id, attempts }) => {
    const count = callsOf.get(id)?.length ?? 0;
    const atLeast = attempts.filter(({ error }) => error?.type !== 'cancelled').length;
    const isWrong = !mayRepeatCalls && (count < atLeast || count > attempts.length);
    return isWrong ? [{ what: `a run has ${attempts.length} attempts and ${count} calls`, ids: [id] }] : [];
  });
});

export const nobodyIsCalledEarly = invariant({ promise: 2, needs: ['calls'] }, ({ runs, calls }) => {
  const runOf = new Map<string, Run>(runs.map((run) => [run.id, run]));
  return calls.flatMap(({ key, startedAt }) => {
    const triggeredAt = runOf.get(key)?.triggeredAt;
    const isEarly = startedAt !== undefined && triggeredAt !== undefined && startedAt < triggeredAt.getTime();
    return isEarly ? [{ what: `an agent was called before ${triggeredAt.toISOString()}`, ids: [key] }] : [];
  });
});

export const nobodyIsCalledAfterTheEnd = invariant({ promise: 6, needs: ['calls'] }, ({ calls }) =>
  calls
    .filter(({ runHadEnded }) => runHadEnded)
    .map(({ key }) => ({ what: 'an agent was called after the run had ended', ids: [key] })),
);

/** A call lasts until it has ended. That of a process that crashed lasts as long as its lease. */
const lastsUntil = ({ endedAt, leaseUntil }: ObservedCall): number =>
  Math.min(endedAt ?? Number.POSITIVE_INFINITY, leaseUntil ?? Number.POSITIVE_INFINITY);

/** The calls that were under way when this one began; `earlier` in order of their beginning. */
const underWay = ({ startedAt }: ObservedCall, earlier: readonly ObservedCall[]): readonly ObservedCall[] =>
  startedAt === undefined
    ? []
    : earlier.filter((other) => other.startedAt !== undefined && lastsUntil(other) > startedAt);

/** The lease of one call keeps a second call of the run away. */
export const noRunIsCalledBesideItself = invariant({ promise: 6, needs: ['calls'] }, ({ calls }) =>
  [...callsByRun(calls)].flatMap(([key, ofRun]) =>
    ofRun.flatMap((call, index) =>
      underWay(call, ofRun.slice(0, index)).map(() => ({
        what: 'an agent was called for a run while a call for it was under way',
        ids: [key],
      })),
    ),
  ),
);

/** Of runs that exclude each other one calls at a time. */
export const exclusiveRunsAreCalledAlone = invariant({ promise: 6, needs: ['calls'] }, ({ runs, calls }) => {
  const routines = new Map<string, string>(
    runs.filter(({ exclusive }) => exclusive !== undefined).map((run) => [run.id, routineOf(run)]),
  );
  const exclusive = Map.groupBy(
    calls.filter(({ key }) => routines.has(key)),
    ({ key }) => routines.get(key) ?? '',
  );
  return [...exclusive.values()].flatMap((ofRoutine) =>
    ofRoutine.flatMap((call, index) =>
      underWay(call, ofRoutine.slice(0, index))
        .filter(({ key }) => key !== call.key)
        .map(({ key }) => ({ what: 'an agent was called beside a run that excludes others', ids: [call.key, key] })),
    ),
  );
});

export const noThreadIsShared = invariant({ promise: 6, needs: ['calls'] }, ({ calls }) =>
  calls.flatMap(({ key, besideOnThread }) =>
    besideOnThread === undefined
      ? []
      : [{ what: 'an agent was called on the thread of another run', ids: [key, besideOnThread] }],
  ),
);
