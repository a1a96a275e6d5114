import type { Run } from '../../shared/domain/run.ts';
import type { AskedStart } from './evidence.ts';
import { routineOf } from './firing.ts';
import { type Finding, invariant } from './invariant.ts';

const startedByHand = (runs: readonly Run[]): readonly Run[] => runs.filter((run) => run.scheduledFireAt === undefined);

const lostRuns = (promised: readonly string[], runs: readonly Run[]): readonly Finding[] => {
  const started = new Set<string>(startedByHand(runs).map(({ id }) => id));
  return [...new Set(promised)]
    .filter((id) => !started.has(id))
    .map((id) => ({ what: 'a run that a caller was told of is not there', ids: [id] }));
};

/** An acknowledged start is a run. */
export const everyAnsweredStartIsARun = invariant({ promise: 8, needs: ['starts'] }, ({ starts, runs }) =>
  lostRuns(
    starts.flatMap(({ runId }) => runId ?? []),
    runs,
  ),
);

/** Run and idempotency record are written together. */
export const everyKeyIsOfARun = invariant({ promise: 8, needs: ['keyedRuns'] }, ({ keyedRuns, runs }) =>
  lostRuns(keyedRuns, runs),
);

const keyOf = (start: AskedStart): string => `${routineOf(start)} ${start.key}`;

const byKey = (starts: readonly AskedStart[]) => [
  ...Map.groupBy(
    starts.filter(({ key }) => key !== undefined),
    keyOf,
  ),
];

export const everyKeyIsOneRun = invariant({ promise: 8, needs: ['starts'] }, ({ starts }) =>
  byKey(starts).flatMap(([key, same]) => {
    const ids = new Set(same.flatMap(({ runId }) => runId ?? []));
    return ids.size > 1 ? [{ what: `a key stands for ${ids.size} runs`, ids: [key, ...ids] }] : [];
  }),
);

/** An unanswered start may have left a run; with a key, as many of them as were made may have left one. */
export const noRunIsStartedUnasked = invariant(
  { promise: 8, needs: ['starts'] },
  ({ starts, runs }): readonly Finding[] => {
    const told = new Set(starts.flatMap(({ runId }) => runId ?? []));
    const startsOf = Map.groupBy(starts, routineOf);
    const untold = Map.groupBy(
      startedByHand(runs).filter(({ id }) => !told.has(id)),
      routineOf,
    );
    return [...untold].flatMap(([routine, unexplained]) => {
      const asked = startsOf.get(routine) ?? [];
      const unkeyed = asked.filter(({ key, runId }) => key === undefined && runId === undefined).length;
      const keyed = byKey(asked).filter(([, same]) => same.every(({ runId }) => runId === undefined)).length;
      return unexplained.length <= unkeyed + keyed
        ? []
        : [{ what: 'runs were started that nobody asked for', ids: [routine, ...unexplained.map(({ id }) => id)] }];
    });
  },
);

/** A change that was answered stands, or another one after it. */
export const everyAnsweredChangeStands = invariant(
  { promise: 7, needs: ['changes', 'definitions'] },
  ({ changes, definitions }) =>
    changes
      .filter(({ routine, generation }) =>
        definitions.every((one) => one.name !== routine || one.generation < generation),
      )
      .map(({ routine, generation }) => ({
        what: `generation ${generation}, which was answered, never stood`,
        ids: [routine],
      })),
);

export const everyCancelledRunIsKilled = invariant({ promise: 7, needs: ['cancelled'] }, ({ cancelled, runs }) => {
  const stateOf = new Map<string, Run['state']>(runs.map(({ id, state }) => [id, state]));
  return cancelled.flatMap((id) => {
    const state = stateOf.get(id);
    const isKept = state?.phase === 'killed' && state.error.type === 'cancelled';
    return isKept
      ? []
      : [{ what: `a run that was answered as cancelled is ${state?.phase ?? 'not there'}`, ids: [id] }];
  });
});

/** Callers and actors are told of storage that fails, of conflicts, and of nothing else. */
export const nothingElseIsSaid = invariant({ promise: 7, needs: [] }, ({ complaints }) =>
  complaints.map((complaint) => ({ what: complaint, ids: [] })),
);
